"""FHIR's partial dates as half-open ranges of time.

A date without a zone is read as UTC. Source: FHIR R4 4.0.1, search, section 3.1.1.4.7 "date".
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from integrations.ports.fhir import InvalidQuery

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)
FORM = re.compile(
    r"(?P<date>\d{4}(?:-\d\d(?:-\d\d)?)?)"
    r"(?:T(?P<minute>\d\d:\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?)?"
)


@dataclass(frozen=True)
class Range:
    """From `start_at` up to, not including, `end_at`."""

    start_at: datetime
    end_at: datetime


def read_range(text: str) -> Range:
    """The range that a date, dateTime or instant stands for.

    Raises:
        InvalidQuery: not a date.
    """
    found = FORM.fullmatch(text)
    if found is None or (found["minute"] and len(found["date"]) != len("2000-01-01")):
        raise InvalidQuery("date")
    try:
        return _to_second(found) if found["minute"] else _to_day(found["date"])
    except (ValueError, OverflowError):
        raise InvalidQuery("date") from None


def _to_day(text: str) -> Range:
    parts = [int(part) for part in text.split("-")]
    year, month, day = [*parts, 1, 1][:3]
    start = datetime(year, month, day, tzinfo=UTC)
    if len(parts) == 3:
        return Range(start, start + timedelta(days=1))
    months = start.year * 12 + start.month - 1 + (1 if len(parts) == 2 else 12)
    return Range(start, datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC))


def _to_second(found: re.Match[str]) -> Range:
    zone = found["zone"] or "Z"
    # A leap second is stored in the second before it: datetime knows none.
    second = min(found["second"] or "00", "59")
    start = datetime.fromisoformat(f"{found['date']}T{found['minute']}:{second}{zone}")
    start = start.astimezone(UTC)
    if found["second"] is None:
        return Range(start, start + timedelta(minutes=1))
    if found["fraction"] is None:
        return Range(start, start + timedelta(seconds=1))
    digits = len(found["fraction"]) - 1
    fraction = int(Decimal(found["fraction"]) * 1_000_000)
    start += timedelta(microseconds=fraction)
    return Range(start, start + timedelta(microseconds=max(10 ** (6 - min(digits, 6)), 1)))
