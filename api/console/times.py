"""Times as the team reads them: on the clinic's wall clock, and how long something still has."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
# The share of the time that is left when it becomes pressing.
PRESSING_BELOW: Final = 0.5


@dataclass(frozen=True)
class Due:
    """How long is left. `style`: ok, warn, bad or over; `words`: for who cannot see the colour."""

    at: datetime
    short: str
    words: str
    style: str


def clock(at: datetime, zone: tzinfo) -> str:
    """The time of day: "9:41 am"."""
    local = at.astimezone(zone)
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'am' if local.hour < 12 else 'pm'}"


def day(at: datetime, now: datetime, zone: tzinfo) -> str:
    """The day: "Today", "Yesterday", "Monday, November 23"."""
    local = at.astimezone(zone).date()
    ago = (now.astimezone(zone).date() - local).days
    near = {0: "Today", 1: "Yesterday", -1: "Tomorrow"}
    if ago in near:
        return near[ago]
    words = f"{local:%A, %B} {local.day}"
    return words if local.year == now.astimezone(zone).year else f"{words}, {local.year}"


def stamp(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Day and time, as short as the day allows."""
    if at.astimezone(zone).date() == now.astimezone(zone).date():
        return clock(at, zone)
    local = at.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f", {local.year}"
    return f"{local:%b} {local.day}{year}, {clock(at, zone)}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago: "now", "4 min", "2 h", "3 d"."""
    seconds = (now - at).total_seconds()
    return "now" if seconds < MINUTE else span(seconds)


def span(seconds: float) -> str:
    """A length of time in its largest unit, rounded down."""
    if seconds < HOUR:
        return f"{int(seconds // MINUTE)} min"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h"
    return f"{int(seconds // DAY)} d"


def due(opened_at: datetime, due_at: datetime, now: datetime) -> Due:
    """How a deadline stands. The page goes on counting by itself (console.js says the same)."""
    left = (due_at - now).total_seconds()
    whole = max((due_at - opened_at).total_seconds(), 1.0)
    if left <= 0:
        late = span(-left) if -left >= MINUTE else "1 min"
        return Due(due_at, f"{late} late", f"Overdue by {late}", "over")
    style = "ok" if left / whole > PRESSING_BELOW else "warn"
    style = "bad" if left < min(2 * MINUTE, whole / 4) else style
    return Due(due_at, countdown(left), f"Answer due in {in_words(left)}", style)


def countdown(seconds: float) -> str:
    """What is left: "3:12", "41 min", "1 h 20"."""
    minutes, rest = divmod(int(seconds), MINUTE)
    if seconds < 10 * MINUTE:
        return f"{minutes}:{rest:02d}"
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours} h {minutes:02d}" if hours else f"{minutes} min"


def in_words(seconds: float) -> str:
    """What is left, for a screen reader, in whole minutes."""
    minutes = max(1, int(seconds // MINUTE))
    hours, minutes = divmod(minutes, MINUTE)
    parts = [f"{hours} hour{'s' * (hours > 1)}"] * bool(hours)
    parts += [f"{minutes} minute{'s' * (minutes > 1)}"] * bool(minutes)
    return " ".join(parts)


def tomorrow_morning(now: datetime, zone: tzinfo) -> datetime:
    """Eight o'clock of the clinic's next day, whatever the length of this one."""
    local = now.astimezone(zone)
    following = (local + timedelta(days=1)).date()
    return datetime(following.year, following.month, following.day, 8, tzinfo=zone)
