"""Owns turning a reading into the stretches of time in which a free visit is looked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from api.scheduling.reader.days import DAY, Days
from api.scheduling.reader.hours import FIRST_START, LAST_START, Hours
from api.scheduling.reader.reading import Choice, Reading
from api.scheduling.reader.walltime import at_wall

_EXACT_LENGTH = timedelta(minutes=30)
_MOST_DAYS = 370


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch in which a visit may start; `end` is not included. Both are aware."""

    start: datetime
    end: datetime


def windows(reading: Reading, *, now: datetime, horizon_days: int = 60) -> tuple[Window, ...]:
    """Give the stretches to search, earliest first, none of them before `now`.

    A named time gives a window that begins exactly then. An open wish ("any time after 3") is
    followed for `horizon_days`; days that were named are kept however far away they are.
    """
    local = now.astimezone(reading.zone)
    horizon = local.date() + horizon_days * DAY
    found = [
        window
        for choice in reading.choices
        for window in _of_choice(choice, reading, today=local.date(), horizon=horizon)
    ]
    future = [Window(max(w.start, local), w.end) for w in found if _is_ahead(w, local)]
    return tuple(_merged(sorted(future, key=lambda w: (w.start, w.end))))


def _is_ahead(window: Window, now: datetime) -> bool:
    exact = window.end - window.start == _EXACT_LENGTH
    return window.start >= now if exact else window.end > now


def _of_choice(choice: Choice, reading: Reading, *, today: date, horizon: date) -> Iterator[Window]:
    last = min(choice.days.last or horizon, today + _MOST_DAYS * DAY)
    for day in choice.days.each(today, horizon=last):
        if day <= last and not _is_refused(day, reading.refused):
            yield _of_day(day, choice.hours, reading.zone)


def _is_refused(day: date, refused: Sequence[Days]) -> bool:
    return any(days.holds(day) for days in refused)


def _of_day(day: date, hours: Hours, zone: ZoneInfo) -> Window:
    if hours.at:
        exact = at_wall(day, hours.at, zone)
        return Window(exact, exact + _EXACT_LENGTH)
    start, end = hours.start or FIRST_START, hours.end or LAST_START
    if start >= end:
        start, end = _outside_hours(hours, start, end)
    return Window(at_wall(day, start, zone), at_wall(day, end, zone))


def _outside_hours(hours: Hours, start: time, end: time) -> tuple[time, time]:
    """Give "after 9pm" or "before 6am" as said, although no clinic is open then."""
    return (start, time(23, 59)) if hours.start else (time(0), end)


def _merged(ordered: Sequence[Window]) -> Iterator[Window]:
    """Join windows that touch, so that no free time is offered twice."""
    current: Window | None = None
    for window in ordered:
        if current is None:
            current = window
        elif window.start < current.end:
            current = Window(current.start, max(current.end, window.end))
        else:
            yield current
            current = window
    if current is not None:
        yield current
