"""What a prescription says about times, as a pattern of wall times. Pure.

Reads FHIR R4 Dosage.timing: timeOfDay, `when` codes with offset by the person's own meals, how
often a day, days of the week, bounds and count. What cannot be turned into times of the day without
guessing is refused with the reason, and a person is asked instead.
Source: FHIR R4 4.0.1, datatypes Timing and Dosage; value set event-timing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from api.reminders.wall import EVERY_DAY, Pattern

type Json = Mapping[str, Any]


class Refusal(StrEnum):
    """Why a prescription gives no times to remind at."""

    AS_NEEDED = "as_needed"
    NO_TIMING = "no_timing"
    NOT_DAILY = "not_daily"
    UNKNOWN_CODE = "unknown_code"
    EVENT_DATES = "event_dates"


class NotRemindable(Exception):
    """A prescription whose times would have to be guessed. `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True)
class Day:
    """When a person gets up, eats and goes to bed, by their own clock."""

    wake: time = time(7)
    breakfast: time = time(8)
    lunch: time = time(12)
    dinner: time = time(18)
    bed: time = time(20, 30)


# When each event-timing code comes. Half an hour stands for "before" and "after" a meal.
_BEFORE, _AFTER = timedelta(minutes=-30), timedelta(minutes=30)
_WHEN: Final[Mapping[str, tuple[str, timedelta]]] = {
    "WAKE": ("wake", timedelta()),
    "MORN": ("breakfast", timedelta()),
    "MORN.early": ("wake", timedelta()),
    "NOON": ("lunch", timedelta()),
    "EVE": ("dinner", timedelta()),
    "NIGHT": ("bed", timedelta()),
    "HS": ("bed", timedelta()),
    "CM": ("breakfast", timedelta()),
    "CD": ("lunch", timedelta()),
    "CV": ("dinner", timedelta()),
    "ACM": ("breakfast", _BEFORE),
    "ACD": ("lunch", _BEFORE),
    "ACV": ("dinner", _BEFORE),
    "PCM": ("breakfast", _AFTER),
    "PCD": ("lunch", _AFTER),
    "PCV": ("dinner", _AFTER),
}
# "With meals" means each of them.
_MEALS: Final = {"C": ("CM", "CD", "CV"), "AC": ("ACM", "ACD", "ACV"), "PC": ("PCM", "PCD", "PCV")}
# How many times a day is at which meals. Source: HL7 v3 GTSAbbreviation for the codes.
_A_DAY: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("CM",),
    2: ("CM", "CV"),
    3: ("CM", "CD", "CV"),
    4: ("CM", "CD", "CV", "HS"),
}
_CODES: Final = {
    "QD": ("CM",),
    "BID": ("CM", "CV"),
    "TID": ("CM", "CD", "CV"),
    "QID": ("CM", "CD", "CV", "HS"),
    "AM": ("MORN",),
    "PM": ("EVE",),
    "BED": ("HS",),
}
_WEEKDAYS: Final = {
    name: number
    for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), start=1)
}
_DAYS_OF: Final = {"d": 1, "wk": 7}


def pattern_of(dosage: Json, *, authored: date, zone: ZoneInfo, day: Day | None = None) -> Pattern:
    """The wall times of one dosage instruction.

    Args:
        dosage: a FHIR R4 Dosage.
        authored: from when it holds where it does not say so itself.
        zone: of the person, for bounds that are instants.
        day: the person's own hours.

    Raises:
        NotRemindable: it names no times of the day.
    """
    if dosage.get("asNeededBoolean") or "asNeededCodeableConcept" in dosage:
        raise NotRemindable(Refusal.AS_NEEDED)
    timing: Json = dosage.get("timing") or {}
    if "event" in timing:
        raise NotRemindable(Refusal.EVENT_DATES)
    repeat: Json = timing.get("repeat") or {}
    first, last = _bounds(repeat, authored, zone)
    return Pattern(
        times=_times(timing, repeat, day or Day()),
        first_day=first,
        last_day=last,
        weekdays=_weekdays(repeat),
        every_days=_every_days(repeat),
        count=repeat.get("count"),
    )


def _times(timing: Json, repeat: Json, day: Day) -> tuple[time, ...]:
    if repeat.get("timeOfDay"):
        found = {time.fromisoformat(str(each)) for each in repeat["timeOfDay"]}
    else:
        offset = timedelta(minutes=int(repeat.get("offset", 0)))
        found = {_time_at(code, offset, day) for code in _events(timing, repeat)}
    return tuple(sorted(found))


def _events(timing: Json, repeat: Json) -> tuple[str, ...]:
    """The event codes, said outright or by how often a day."""
    if repeat.get("when"):
        return tuple(code for each in repeat["when"] for code in _MEALS.get(each, (each,)))
    if "frequency" in repeat:
        return _by_frequency(repeat)
    codes = [str(each.get("code")) for each in (timing.get("code") or {}).get("coding", [])]
    known = [code for code in codes if code in _CODES]
    if not known:
        raise NotRemindable(Refusal.NO_TIMING)
    return _CODES[known[0]]


def _by_frequency(repeat: Json) -> tuple[str, ...]:
    if repeat.get("frequencyMax", repeat["frequency"]) != repeat["frequency"]:
        raise NotRemindable(Refusal.NOT_DAILY)
    is_daily = repeat.get("periodUnit") == "d" or repeat.get("dayOfWeek")
    if not is_daily or repeat["frequency"] not in _A_DAY:
        raise NotRemindable(Refusal.NOT_DAILY)
    return _A_DAY[repeat["frequency"]]


def _time_at(code: str, offset: timedelta, day: Day) -> time:
    """`offset` is away from the event in the direction that the code gives."""
    if code not in _WHEN:
        raise NotRemindable(Refusal.UNKNOWN_CODE)
    name, default = _WHEN[code]
    shift = default if not offset else (-offset if default < timedelta() else offset)
    anchor = datetime.combine(date.min + timedelta(days=1), getattr(day, name))
    return (anchor + shift).time()


def _weekdays(repeat: Json) -> frozenset[int]:
    named = repeat.get("dayOfWeek")
    return frozenset(_WEEKDAYS[each] for each in named) if named else EVERY_DAY


def _every_days(repeat: Json) -> int:
    """A period of whole days or weeks; "every 12 hours" and months would have to be guessed."""
    if "period" not in repeat or repeat.get("dayOfWeek"):
        return 1
    days = float(repeat["period"]) * _DAYS_OF.get(str(repeat.get("periodUnit")), 0)
    has_max = repeat.get("periodMax", repeat["period"]) != repeat["period"]
    if has_max or days < 1 or not days.is_integer():
        raise NotRemindable(Refusal.NOT_DAILY)
    return int(days)


def _bounds(repeat: Json, authored: date, zone: ZoneInfo) -> tuple[date, date | None]:
    period: Json = repeat.get("boundsPeriod") or {}
    first = _day_of(period["start"], zone) if "start" in period else authored
    if "end" in period:
        return first, _day_of(period["end"], zone)
    length: Json = repeat.get("boundsDuration") or {}
    days = float(length.get("value", 0)) * _DAYS_OF.get(str(length.get("code")), 0)
    return first, first + timedelta(days=int(days) - 1) if days >= 1 else None


def _day_of(written: str, zone: ZoneInfo) -> date:
    """The day of a FHIR dateTime, there; a month or year stands for its first day."""
    if "T" in written:
        return datetime.fromisoformat(written).astimezone(zone).date()
    return date.fromisoformat((written + "-01-01")[:10])
