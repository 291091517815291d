"""Logs as JSON lines with allow-listed keys: what is not on the list is not written.

Never a message body, a name, a number or a birth date. Exceptions are logged by type and stable
code, never by their text: the text may quote what a patient wrote.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import override

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "process", "pid", "job", "key", "code", "error", "frames",
        "conversation", "turn", "message", "outbox", "escalation", "booking", "appointment",
        "patient", "actor", "route", "method", "status", "tries", "count", "seconds", "state",
        "reason", "rule", "intent", "restarts", "port", "provider_code", "language", "mode",
    }
)  # fmt: skip


def configure_logging(process: str) -> None:
    """Send this process's logs to standard output, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_listed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    # Libraries log arguments that may hold PHI; only their warnings' place is of use to us.
    logging.basicConfig(level=logging.WARNING, handlers=[_LibraryHandler()], force=True)


def get_logger() -> structlog.stdlib.BoundLogger:
    """A logger whose events are short names (`turn_recorded`) and whose keys are on the list."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger


def allow_listed(
    logger: object, name: str, entry: MutableMapping[str, object]
) -> Mapping[str, object]:
    """Keep what is on the list."""
    del logger, name
    return {key: value for key, value in entry.items() if key in ALLOWED_KEYS}


def describe(error: BaseException) -> dict[str, object]:
    """An exception as loggable facts: its type, its code, where it was raised. No text of it."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}:{code.co_name}")
        trace = trace.tb_next
    facts: dict[str, object] = {"error": type(error).__name__, "frames": frames[-6:]}
    if isinstance(code_of := getattr(error, "code", None), str):
        facts["code"] = code_of
    return facts


class _LibraryHandler(logging.Handler):
    """What libraries log, reduced to where and which kind of error."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        facts = describe(record.exc_info[1]) if record.exc_info and record.exc_info[1] else {}
        get_logger().warning("library_warning", route=record.name, state=record.funcName, **facts)
