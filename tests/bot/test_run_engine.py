"""What the launcher changes in the engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

import jsonschema
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

import run_engine

SECRET = "a word of a patient"


@pytest.fixture(autouse=True)
def _own_record_factory() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(run_engine.record_without_words)
    yield
    logging.setLogRecordFactory(before)


def test_a_log_line_says_where_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("heard %s", SECRET)
    assert SECRET not in caplog.text
    assert "test_run_engine.py" in caplog.text


def test_an_error_is_logged_by_its_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("any").exception("could not store %s", SECRET)
    assert SECRET not in caplog.text
    assert "ValueError" in caplog.text


def test_an_error_given_as_the_message_is_logged_by_its_type_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger("any").error(KeyError(SECRET))
    assert SECRET not in caplog.text
    assert "KeyError" in caplog.text


def test_a_line_of_the_start_keeps_its_words(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("any").warning("Starting worker [%s]", 7)
    assert "Starting worker [7]" in caplog.text


def test_a_warning_says_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    run_engine.show_warning_without_words(SECRET, UserWarning, "/some/file.py", 3)
    assert capsys.readouterr().err == "UserWarning file.py:3\n"


def test_the_token_is_added_inside_the_process() -> None:
    assert run_engine.with_token(["run_engine.py", "run"], "-t") == [
        "run_engine.py",
        "run",
        "--auth-token=-t",
    ]


@pytest.mark.parametrize("argument", ["--auth-token", "--auth-token=t"])
def test_a_token_on_the_command_line_is_refused(argument: str) -> None:
    with pytest.raises(SystemExit, match="RASA_TOKEN"):
        run_engine.with_token(["run_engine.py", "run", argument], "t")


def test_without_a_token_nothing_starts() -> None:
    with pytest.raises(SystemExit, match="RASA_TOKEN"):
        run_engine.with_token(["run_engine.py", "run"], "")


class BrokenStore(InMemoryTrackerStore):
    """A tracker store whose database is gone."""

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        raise OSError(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        raise OSError(tracker.sender_id)


def test_a_lost_database_fails_the_turn_in_place_of_forgetting_the_dialogue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("on_tracker_store_error", "on_tracker_store_retrieve_error"):
        monkeypatch.setattr(FailSafeTrackerStore, name, getattr(FailSafeTrackerStore, name))
    run_engine.refuse_to_forget()
    store = FailSafeTrackerStore(BrokenStore(Domain.empty()))
    with pytest.raises(OSError, match="c:1"):
        asyncio.run(store.retrieve("c:1"))
    with pytest.raises(OSError, match="c:1"):
        asyncio.run(store.save(DialogueStateTracker("c:1", [])))


def test_what_an_action_answers_is_still_validated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonschema, "validate", jsonschema.validate)
    run_engine.trust_the_engines_schemas()
    schema = RemoteAction.action_response_format_spec()
    jsonschema.validate({"events": [], "responses": [{}]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"events": [{"event": "invented"}], "responses": []}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"events": [], "responses": ["words"]}, schema)


def test_the_schema_left_unchecked_is_valid() -> None:
    schema = RemoteAction.action_response_format_spec()
    jsonschema.validators.validator_for(schema).check_schema(schema)
