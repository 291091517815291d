"""Owns what the grammar finds in a message: days, clocks, ranges of hours, parts of the day."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from api.scheduling.reader.days import Days


class Bound(StrEnum):
    """How a time or a day limits what is wanted."""

    AT = "at"
    AFTER = "after"
    FROM = "from"
    BEFORE = "before"
    BY = "by"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class DayItem:
    """Days that were named; `options` are the dates that they can mean, the likeliest first."""

    days: Days
    options: tuple[date, ...] = ()
    ambiguous: bool = False
    weekday: int | None = None
    recurring: bool = False
    today: bool = False
    following: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A time as written; `half` is "a", "p", "x" (24-hour clock) or "u" (not said)."""

    hour: int
    minute: int = 0
    half: str = "u"
    bare: bool = False


@dataclass(frozen=True, slots=True)
class ClockItem:
    """A time that was named and the bound in front of it."""

    clock: Clock
    bound: Bound = Bound.AT


@dataclass(frozen=True, slots=True)
class HoursItem:
    """A range between two times."""

    start: Clock
    end: Clock


@dataclass(frozen=True, slots=True)
class PartItem:
    """A part of the day, by its key in `PARTS`."""

    key: str


@dataclass(frozen=True, slots=True)
class MomentItem:
    """An instant or a stretch of instants counted from now."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class SoonItem:
    """The wish for the first free time."""


type Item = DayItem | ClockItem | HoursItem | PartItem | MomentItem | SoonItem


@dataclass(frozen=True, slots=True)
class Found:
    """An item and where it stands among the symbols."""

    start: int
    end: int
    item: Item


@dataclass(frozen=True, slots=True)
class Scene:
    """What the grammar needs to know besides the words."""

    now: datetime
    day_first: bool

    @property
    def today(self) -> date:
        """Give the patient's date."""
        return self.now.date()


@dataclass(slots=True)
class Board:
    """The symbols still unread, and the items found so far."""

    symbols: str
    found: list[Found] = field(default_factory=list)


# Clinic language: the afternoon lasts until the doors close, the evening is what comes after.
PARTS: dict[str, tuple[time, time]] = {
    "m": (time(8), time(12)),
    "em": (time(8), time(10)),
    "lm": (time(10), time(12)),
    "mm": (time(9), time(11)),
    "bl": (time(8), time(12)),
    "bw": (time(7), time(9)),
    "l": (time(12), time(14)),
    "a": (time(12), time(18)),
    "ea": (time(12), time(15)),
    "ma": (time(14), time(16)),
    "la": (time(15), time(18)),
    "al": (time(13), time(17)),
    "as": (time(15), time(18)),
    "aw": (time(17), time(21)),
    "e": (time(17), time(21)),
    "n": (time(18), time(22)),
}
MORNING_PARTS = frozenset({"m", "em", "lm", "mm", "bl", "bw"})
