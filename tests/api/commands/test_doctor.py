from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import build
from api.processes.keys import make_missing_keys

SECRETS = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY", "RASA_TOKEN")


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SECRETS, "INTERNAL_TOKEN", "CARELINE_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARELINE_SECRETS_DIR", "")  # given back after the test, as it was
    monkeypatch.setenv("CARELINE_DATA_DIR", str(tmp_path))


def doctor() -> Result:
    return CliRunner().invoke(build(["doctor"]), ["doctor"])


def test_missing_secrets_are_named() -> None:
    told = doctor()
    assert told.exit_code == 1
    assert all(f"{name} is missing" in told.stdout for name in SECRETS)


def test_secrets_made_here_are_found(tmp_path: Path) -> None:
    make_missing_keys(tmp_path / "secrets", environment={})
    told = doctor()
    assert (told.exit_code, told.stdout) == (0, "Nothing forbids a start.\n")


def test_production_asks_for_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_missing_keys(tmp_path / "secrets", environment={})
    monkeypatch.setenv("CARELINE_MODE", "production")
    told = doctor()
    assert told.exit_code == 1
    assert "PUBLIC_BASE_URL" in told.stdout
    assert "CARELINE_KEK" not in told.stdout
