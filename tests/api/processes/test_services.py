import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.processes import services
from api.processes.environment import plain, without_postgres
from api.processes.services import Services

SECRETS = {
    "CARELINE_SECRETS_DIR": "/somewhere",
    "DATABASE_URL": "postgresql://postgres@/careline",
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "CARELINE_KEK": "k" * 32,
}


@pytest.fixture
def some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "current.json").write_text(json.dumps({"model": "abc.tar.gz"}))
    monkeypatch.setattr(services, "BOT", tmp_path)
    return Services(
        environment={"PATH": "/bin"} | SECRETS,
        api_port=8000,
        rasa_port=5005,
        actions_port=5055,
        tracker_url="postgresql://rasa@/rasa",
        rasa_token="r" * 64,
        internal_token="i" * 64,
    )


def test_engine_is_told_its_model_its_place_and_its_own_database(some: Services) -> None:
    engine = some.rasa()
    assert "models/abc.tar.gz" in engine.argv
    assert engine.environment["TRACKER_DATABASE_URL"] == "postgresql://rasa@/rasa"
    assert engine.environment["ACTIONS_URL"] == "http://127.0.0.1:5055/webhook"


def test_engine_sees_no_secret_of_the_service(some: Services) -> None:
    assert not _seen(some.rasa().environment)
    assert "INTERNAL_TOKEN" not in some.rasa().environment


def test_engine_token_is_not_on_the_command_line(some: Services) -> None:
    assert not any("r" * 64 in argument for argument in some.rasa().argv)


def test_actions_see_no_database_and_no_key(some: Services) -> None:
    environment = some.actions().environment
    assert not _seen(environment)
    assert environment["INTERNAL_URL"] == "http://127.0.0.1:8000"
    assert environment["INTERNAL_TOKEN"] == "i" * 64


def test_service_and_worker_see_what_they_are_given(some: Services) -> None:
    assert _seen(some.api().environment) == _seen(some.worker().environment) == set(SECRETS)


def test_engine_without_a_model_is_refused(
    some: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BOT", tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError):
        some.rasa()


def test_training_sees_no_secret(some: Services) -> None:
    assert not _seen(some.train().environment)


def test_variables_of_postgres_clients_turn_nobody_elsewhere() -> None:
    assert without_postgres({"PGHOST": "other", "PGPORT": "1", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_plain_environment_holds_only_what_any_program_needs() -> None:
    assert plain({"PATH": "/bin", "PYTHONPATH": "/x", "TOKEN": "t"}) == {"PATH": "/bin"}


def _seen(environment: Mapping[str, str]) -> set[str]:
    return set(environment) & set(SECRETS)
