"""Owns what hours a clock can mean: patients book in office hours and seldom say am or pm."""

from dataclasses import dataclass
from datetime import time

from api.scheduling.reader.items import MORNING_PARTS, PARTS, Bound, Clock, ClockItem, HoursItem

FIRST_START = time(7)  # no clinic of ours begins earlier
LAST_START = time(20)  # or later
_EARLIEST_MORNING_HOUR = 8  # "at 8" is the morning, "at 6" the afternoon; 7 may be either


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a day: exact when `at` is set, else from `start` to `end`, an open side None."""

    at: time | None = None
    start: time | None = None
    end: time | None = None
    ambiguous: bool = False

    def meet(self, other: "Hours") -> "Hours | None":
        """Give the hours that lie in both; None when there are none."""
        starts = [t for t in (self.start, other.start) if t]
        ends = [t for t in (self.end, other.end) if t]
        start, end = max(starts, default=None), min(ends, default=None)
        if start and end and start >= end:
            return None
        return Hours(None, start, end, self.ambiguous or other.ambiguous)


ANY_HOUR = Hours()


def part_hours(key: str) -> Hours:
    """Give the hours of a part of the day."""
    start, end = PARTS[key]
    return Hours(None, start, end)


def clock_hours(item: ClockItem, part: str | None) -> Hours:
    """Give the hours that a clock and the bound before it stand for."""
    hour, unsure = _hour(item.clock, part)
    moment = time(hour, item.clock.minute)
    match item.bound:
        case Bound.AT:
            return Hours(moment, ambiguous=unsure or item.clock.bare)
        case Bound.AFTER | Bound.FROM:
            return Hours(None, moment, None, unsure)
        case Bound.BEFORE | Bound.BY | Bound.UNTIL:
            return Hours(None, None, moment, unsure)


def range_hours(item: HoursItem, part: str | None) -> Hours | None:
    """Give the hours between two clocks; None when the second is not after the first."""
    start, end = item.start, item.end
    if start.half == "u" and end.half in "ap":
        first = _beginning(start, end)
    else:
        first = _minutes(_hour(start, part)[0], start.minute)
    lasts = [m for m in _possible(end) if m > first]
    if not lasts or first is None:
        return None
    last = min(lasts)
    unsure = _hour(start, part)[1] and end.half == "u"
    return Hours(None, time(*divmod(first, 60)), time(*divmod(last, 60)), unsure)


def _beginning(start: Clock, end: Clock) -> int:
    """Give the start of "3-4pm" (afternoon) and of "11-1pm" (morning)."""
    last = min(_possible(end))
    fits = [minutes for minutes in _possible(start) if minutes < last]
    return max(fits, default=_minutes(start.hour % 24, start.minute))


def _possible(clock: Clock) -> list[int]:
    if clock.half == "u" and clock.hour <= 12:
        return [_minutes(clock.hour % 12 + add, clock.minute) for add in (0, 12)]
    return [_minutes(_hour(clock, None)[0], clock.minute)]


def _minutes(hour: int, minute: int) -> int:
    return hour * 60 + minute


def _hour(clock: Clock, part: str | None) -> tuple[int, bool]:
    """Give the hour on the 24-hour clock, and whether it may be twelve hours off."""
    if clock.half == "x" or clock.hour > 12:
        return clock.hour, False
    if clock.half in "ap":
        return clock.hour % 12 + (12 if clock.half == "p" else 0), False
    if part in MORNING_PARTS:
        return clock.hour % 12 if part != "bl" else clock.hour, False
    if part:
        return clock.hour % 12 + (0 if part in {"l", "al"} and clock.hour == 11 else 12), False
    if clock.hour >= _EARLIEST_MORNING_HOUR:
        return clock.hour, False
    return (7, True) if clock.hour == 7 else (clock.hour + 12, False)
