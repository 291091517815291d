import os
from pathlib import Path

import pytest

from api.processes.claim import AlreadyRunning, claimed


def test_data_directory_is_made_for_us_alone(tmp_path: Path) -> None:
    with claimed(tmp_path / "var"):
        assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_second_claim_is_refused_and_names_the_holder(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(AlreadyRunning) as refused, claimed(tmp_path):
        pass
    assert refused.value.pid == str(os.getpid())


def test_claim_is_given_back(tmp_path: Path) -> None:
    with claimed(tmp_path):
        pass
    with claimed(tmp_path):
        pass
