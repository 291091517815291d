"""Starts the engine: one process, nothing sent home, no patient's word in a log.

Used like the engine's own command: `python run_engine.py run --enable-api --port 5005 …`. The
token of the API comes from RASA_TOKEN and never stands on the command line, where every user of the
machine can read it.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO

# Set before the engine is imported. Telemetry would send its maker errors, with what they hold.
FORCED: Final[Mapping[str, str]] = {"RASA_TELEMETRY_ENABLED": "false"}
# One thread a process: more processes gain more than more threads.
DEFAULTS: Final[Mapping[str, str]] = {
    "OMP_NUM_THREADS": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
# Lines that are logged in full. They name ports, files and types, never what anybody said.
SPEAKABLE: Final = (
    "A turn failed: ",
    "Loading model ",
    "Starting Rasa server on ",
    "Starting worker [",
    "Stopping worker [",
)


def main() -> None:
    """Start what the command line asks for, and stay until it ends.

    Raises:
        SystemExit: The token is missing, or stands on the command line.
    """
    os.environ.update(DEFAULTS, **os.environ)
    os.environ.update(FORCED)
    sys.argv = with_token(sys.argv, os.environ.get("RASA_TOKEN", ""))
    keep_words_out_of_logs()
    run_in_one_process()
    refuse_to_forget()
    trust_the_engines_schemas()
    import_module("rasa.__main__").main()


def with_token(argv: list[str], token: str) -> list[str]:
    """Add the API's token to the arguments of this process alone.

    Raises:
        SystemExit: The token is missing, or stands among the arguments already.
    """
    if any(argument.startswith("--auth-token") for argument in argv):
        sys.exit("run_engine: give the token as RASA_TOKEN, not on the command line")
    if not token:
        sys.exit("run_engine: RASA_TOKEN is not set")
    # One argument, so that a token may begin with a dash.
    return [*argv, f"--auth-token={token}"]


def keep_words_out_of_logs() -> None:
    """Make every log line and warning of this process say where and which type, not what.

    The engine logs messages, slots and whole exceptions, and a database error quotes the row. So
    the words are taken out where a record is made: no level, handler or format brings them back.
    """
    logging.setLogRecordFactory(record_without_words)
    warnings.showwarning = show_warning_without_words


def record_without_words(  # noqa: PLR0913, PLR0917 - the logging module decides
    name: str,
    level: int,
    pathname: str,
    lineno: int,
    msg: object,
    args: Any,
    exc_info: Any,
    func: str | None = None,
    sinfo: str | None = None,
    **_: Any,
) -> logging.LogRecord:
    """Make a log record of place and type; only a line that is speakable keeps its words."""
    if str(msg).startswith(SPEAKABLE):
        return logging.LogRecord(name, level, pathname, lineno, msg, args, None, func)
    kept = [f"{Path(pathname).name}:{lineno}", func, _type_of_error(msg, exc_info)]
    placed = " ".join(part for part in kept if part)
    return logging.LogRecord(name, level, pathname, lineno, placed, None, None, func)


def show_warning_without_words(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Print where a warning arose and its type; what libraries say of their future is left out."""
    if not issubclass(category, DeprecationWarning):
        print(f"{category.__name__} {Path(filename).name}:{lineno}", file=file or sys.stderr)


def run_in_one_process() -> None:
    """Make Sanic serve from this process.

    Its newer releases start workers as processes of their own, and the engine's application cannot
    be sent to one. Several engines are several launchers.
    """
    sanic = import_module("sanic").Sanic
    run = sanic.run

    def run_alone(app: Any, *args: Any, workers: int = 1, **kwargs: Any) -> None:
        run(app, *args, **kwargs, single_process=True)

    sanic.run = run_alone


def refuse_to_forget() -> None:
    """Make a failing tracker store fail the turn.

    The engine would go on with an empty dialogue in memory, and an answer that belongs to a form
    would be taken for a new wish. The line tries a failed turn again.
    """
    store = import_module("rasa.core.tracker_store").FailSafeTrackerStore
    store.on_tracker_store_error = _raise
    store.on_tracker_store_retrieve_error = _raise


def trust_the_engines_schemas() -> None:
    """Validate what an action answers without validating the schema itself each time.

    The schema is a constant of the engine; checking it took 12 ms of each call of an action, four
    fifths of a turn inside a form.
    """
    jsonschema: Any = import_module("jsonschema")

    def validate(instance: object, schema: Mapping[str, object]) -> None:
        validator = jsonschema.validators.validator_for(schema)(schema)
        error = jsonschema.exceptions.best_match(validator.iter_errors(instance))
        if error is not None:
            raise error

    jsonschema.validate = validate


def _raise(_: object, error: Exception) -> NoReturn:
    raise error


def _type_of_error(msg: object, exc_info: Any) -> str:
    if isinstance(msg, BaseException):
        return type(msg).__name__
    if isinstance(exc_info, BaseException):
        return type(exc_info).__name__
    kind = exc_info[0] if isinstance(exc_info, tuple) else sys.exc_info()[0] if exc_info else None
    return kind.__name__ if kind else ""


if __name__ == "__main__":
    main()
