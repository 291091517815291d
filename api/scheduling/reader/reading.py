"""Owns the answer of the reader and its wire shape."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from api.scheduling.reader.days import Days
from api.scheduling.reader.hours import ANY_HOUR, Hours


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that was asked for: days, and hours of them."""

    days: Days
    hours: Hours = ANY_HOUR


@dataclass(frozen=True, slots=True)
class Reading:
    """When a patient wants to come.

    `date` and `time` are set where they are exact. A range is `earliest` to `latest`, both aware
    and in the patient's zone, the end not included; an open end is None. `choices` and `refused`
    are what `windows` searches. `options` are the dates to ask about when `ambiguous`. `reading`
    says what was understood in the patient's language; it is empty when nothing was.
    """

    zone: ZoneInfo
    date: dt.date | None = None
    time: dt.time | None = None
    earliest: dt.datetime | None = None
    latest: dt.datetime | None = None
    choices: tuple[Choice, ...] = ()
    refused: tuple[Days, ...] = ()
    ambiguous: bool = False
    options: tuple[dt.date, ...] = ()
    reading: str = ""

    @property
    def found(self) -> bool:
        """Say whether the text spoke of a time at all."""
        return bool(self.choices or self.options or self.refused)


def to_wire(reading: Reading) -> dict[str, str | bool | None]:
    """Give the reading as the time filter prints it: ISO dates, HH:MM, ISO instants with offset."""
    return {
        "date": reading.date.isoformat() if reading.date else None,
        "time": reading.time.strftime("%H:%M") if reading.time else None,
        "from": reading.earliest.isoformat() if reading.earliest else None,
        "to": reading.latest.isoformat() if reading.latest else None,
        "ambiguous": reading.ambiguous,
        "reading": reading.reading,
    }
