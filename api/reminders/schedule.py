"""When a plan comes next: a recurring pattern, or a few fixed times. Pure, and kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from api.reminders.wall import Pattern, just_before, next_wall

# A prompt of a dose is of use this long; later the next one is nearer than the last.
DOSE_USEFUL_FOR = timedelta(minutes=90)
# Whoever is reminded later than this cannot act on it any more.
VISIT_USEFUL_UNTIL = timedelta(minutes=15)


@dataclass(frozen=True)
class Recurring:
    """The doses of a medicine."""

    pattern: Pattern

    def next_after(self, wall: datetime) -> datetime | None:
        """The next wall time after one."""
        return next_wall(self.pattern, wall)

    def useful_until(self, due_at: datetime) -> datetime:
        """Until when a prompt that was due then is of use."""
        return due_at + DOSE_USEFUL_FOR

    def as_json(self) -> dict[str, object]:
        """The shape that is stored."""
        pattern = self.pattern
        return {
            "times": [each.isoformat() for each in pattern.times],
            "first_day": pattern.first_day.isoformat(),
            "last_day": pattern.last_day.isoformat() if pattern.last_day else None,
            "weekdays": sorted(pattern.weekdays),
            "every_days": pattern.every_days,
            "count": pattern.count,
        }


@dataclass(frozen=True)
class Fixed:
    """The reminders of one visit. `walls`: ascending; `start`: the instant it begins."""

    walls: tuple[datetime, ...]
    start: datetime

    def next_after(self, wall: datetime) -> datetime | None:
        """The next wall time after one."""
        return next((each for each in self.walls if each > wall), None)

    def useful_until(self, due_at: datetime) -> datetime:
        """Until when a prompt that was due then is of use."""
        del due_at
        return self.start - VISIT_USEFUL_UNTIL

    def as_json(self) -> dict[str, object]:
        """The shape that is stored."""
        return {
            "walls": [each.isoformat() for each in self.walls],
            "start": self.start.isoformat(),
        }


type Schedule = Recurring | Fixed


def read_schedule(stored: Mapping[str, Any]) -> Schedule:
    """A schedule as it was stored."""
    if "walls" in stored:
        walls = tuple(datetime.fromisoformat(each) for each in stored["walls"])
        return Fixed(walls, datetime.fromisoformat(stored["start"]))
    last_day = stored["last_day"]
    return Recurring(
        Pattern(
            times=tuple(time.fromisoformat(each) for each in stored["times"]),
            first_day=date.fromisoformat(stored["first_day"]),
            last_day=date.fromisoformat(last_day) if last_day else None,
            weekdays=frozenset(stored["weekdays"]),
            every_days=stored["every_days"],
            count=stored["count"],
        )
    )


def first_from(schedule: Schedule, wall: datetime) -> datetime | None:
    """The first wall time at or after one: what is left of a plan that begins now."""
    return schedule.next_after(just_before(wall))
