"""Local wall times and the instants at which they come. Pure.

A recurring time is kept as wall time and zone; only here does it become an instant. A time that a
clock change skips comes at the first valid minute after it; one that happens twice comes once, the
first time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

EVERY_DAY = frozenset(range(1, 8))


@dataclass(frozen=True)
class Pattern:
    """When something recurs, by the wall clock of wherever the person is.

    Attributes:
        times: of the day, ascending, each once.
        first_day, last_day: both included; no last day means until it is stopped.
        weekdays: ISO numbers, Monday is 1.
        every_days: 1 is daily, 2 every other day, counted from the first day.
        count: how many there are in all, where that is bounded.
    """

    times: tuple[time, ...]
    first_day: date
    last_day: date | None = None
    weekdays: frozenset[int] = EVERY_DAY
    every_days: int = 1
    count: int | None = None

    def __post_init__(self) -> None:
        if not self.times or list(self.times) != sorted(set(self.times)):
            raise ValueError("times must be ascending and unique")
        if self.every_days < 1 or not self.weekdays & set(self._weekdays_reached()):
            raise ValueError("no day fits")

    def _weekdays_reached(self) -> Iterator[int]:
        """The weekdays on which it can fall: "every 14 days" is always the same one."""
        first = self.first_day.isoweekday() - 1
        return ((first + n * self.every_days) % 7 + 1 for n in range(7))


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a wall time comes there."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _shown_by(first, zone) == wall:
        return first
    return _end_of_gap(wall, zone, first)


def next_wall(pattern: Pattern, after: datetime) -> datetime | None:
    """The first wall time of a pattern strictly after a wall time; None when there is none."""
    return next((wall for wall in _walls(pattern, after.date()) if wall > after), None)


def wall_at(instant: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks show there at an instant."""
    return _shown_by(instant, zone)


def just_before(wall: datetime) -> datetime:
    """A wall time such that the next one after it may be this one."""
    return wall - timedelta(microseconds=1)


def _walls(pattern: Pattern, from_day: date) -> Iterator[datetime]:
    """The pattern's wall times from a day on, in order."""
    left = _left(pattern, from_day)
    for day in _days(pattern, from_day):
        for at in pattern.times:
            if left is not None and left <= 0:
                return
            yield datetime.combine(day, at)
            left = None if left is None else left - 1


def _left(pattern: Pattern, from_day: date) -> int | None:
    """How many of a bounded number are still to come on that day."""
    if pattern.count is None:
        return None
    earlier = takewhile(lambda day: day < from_day, _days(pattern, pattern.first_day))
    return pattern.count - sum(len(pattern.times) for _ in earlier)


def _days(pattern: Pattern, from_day: date) -> Iterator[date]:
    day = max(from_day, pattern.first_day)
    while pattern.last_day is None or day <= pattern.last_day:
        if _fits(pattern, day):
            yield day
        if day == date.max:
            return
        day += timedelta(days=1)


def _fits(pattern: Pattern, day: date) -> bool:
    on_its_day = (day - pattern.first_day).days % pattern.every_days == 0
    return on_its_day and day.isoweekday() in pattern.weekdays


def _shown_by(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _end_of_gap(wall: datetime, zone: ZoneInfo, after: datetime) -> datetime:
    """The instant of the clock change that skips a wall time.

    Read with the offset that held before the change a skipped time lies after it, read with the
    one that holds since, before it: the change is found between the two.
    """
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = after
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        if _shown_by(middle, zone) < wall:
            early = middle
        else:
            late = middle
    return late
