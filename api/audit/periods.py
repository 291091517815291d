"""The date parameter of an audit search: prefix and partial date as a period."""

import re
from datetime import UTC, datetime, timedelta

from integrations.ports.fhir import InvalidQuery

FORM = re.compile(
    r"(?P<prefix>[a-z]{2})?(?P<date>\d{4}(?:-\d\d(?:-\d\d)?)?)"
    r"(?P<time>T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+ -]\d\d:\d\d)?)?"
)


def read_period(value: str) -> tuple[str, datetime, datetime]:
    """Prefix, start and end (not included); a date without a zone is UTC.

    Raises:
        InvalidQuery: not a date.
    """
    found = FORM.fullmatch(value)
    if found is None:
        raise InvalidQuery("date")
    try:
        start, end = _period(found["date"], (found["time"] or "").replace(" ", "+"))
    except (ValueError, OverflowError):
        raise InvalidQuery("date") from None
    return found["prefix"] or "eq", start, end


def _period(date: str, time: str) -> tuple[datetime, datetime]:
    if time:
        start = datetime.fromisoformat(date + time)
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
        step = timedelta(seconds=1) if time.count(":") > 1 else timedelta(minutes=1)
        return start, start + step
    year, month, day = [*(int(part) for part in date.split("-")), 1, 1][:3]
    start = datetime(year, month, day, tzinfo=UTC)
    if len(date) == len("2027-03-03"):
        return start, start + timedelta(days=1)
    months = start.year * 12 + start.month - 1 + (1 if len(date) == len("2027-03") else 12)
    return start, datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
