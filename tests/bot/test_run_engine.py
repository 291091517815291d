"""What the launcher changes in the engine."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

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
