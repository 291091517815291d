import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory outside pytest's own, whose parents every new run of pytest closes.

    Where tests run as root, Postgres runs as another user and must pass through them.
    """
    folder = Path(tempfile.mkdtemp(prefix="careline-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
