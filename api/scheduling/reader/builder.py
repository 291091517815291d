"""Owns putting days and hours together into one reading."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from api.scheduling.reader.context import Placed, Stance
from api.scheduling.reader.days import DAY, WORKING_DAYS, Days, one
from api.scheduling.reader.hours import LAST_START, Hours
from api.scheduling.reader.items import DayItem, MomentItem, Scene, SoonItem
from api.scheduling.reader.reading import Choice, Reading
from api.scheduling.reader.walltime import at_wall
from api.scheduling.reader.wanted_days import Wish, other_time_same_day, refusals, wishes
from api.scheduling.reader.wanted_hours import Timed, wanted_hours

_START_OF_DAY = time(0)
_FAR_AHEAD = 400


def build(placed: Sequence[Placed], scene: Scene, zone: ZoneInfo) -> Reading:
    """Give what the placed items ask for, with exact date and time where there is only one."""
    moment = _moment(placed)
    if moment is not None:
        return _at_moment(moment, zone)
    days = wishes(placed, scene.today)
    hours = wanted_hours(placed)
    if not days and hours:
        days = other_time_same_day(placed)
    if _already_over(days, hours, scene.now):
        days, hours = [], []
    refused = () if days else refusals(placed)
    choices = list(dict.fromkeys(_choices(days, hours, scene.today)))
    if not choices and (refused or _soon(placed)):
        choices = [Choice(Days(scene.today, None))]
    return _reading(choices, days, refused, scene=scene, zone=zone)


def _moment(placed: Sequence[Placed]) -> MomentItem | None:
    for p in placed:
        if isinstance(p.found.item, MomentItem) and p.stance is Stance.WANTED:
            return p.found.item
    return None


def _soon(placed: Sequence[Placed]) -> bool:
    return any(isinstance(p.found.item, SoonItem) and p.stance is Stance.WANTED for p in placed)


def _at_moment(moment: MomentItem, zone: ZoneInfo) -> Reading:
    start = moment.start
    if moment.end is None:
        hours = Hours(start.time().replace(second=0, microsecond=0))
        return Reading(zone, start.date(), hours.at, choices=(Choice(one(start.date()), hours),))
    hours = Hours(
        None, start.time(), moment.end.time() if moment.end.date() == start.date() else None
    )
    days = Choice(Days(start.date(), moment.end.date()), hours)
    return Reading(zone, earliest=start, latest=moment.end, choices=(days,))


def _already_over(days: Sequence[Wish], hours: Sequence[Timed], now: datetime) -> bool:
    """Say whether only a part of today is named that is over: it tells what was, not a wish."""
    if len(days) != 1 or len(hours) != 1 or not days[0].item.today:
        return False
    end = hours[0][1].end
    return end is not None and hours[0][1].start is not None and end <= now.time()


def _choices(days: Sequence[Wish], hours: Sequence[Timed], today: date) -> list[Choice]:
    real = [w for w in days if w.item.days != Days()]
    if not real and not hours:
        return []
    if not real:
        return [] if days else [Choice(Days(today, None), timed) for _, timed in hours]
    if not hours:
        return [Choice(w.item.days) for w in real]
    if len(real) == len(hours) > 1 and _in_turn(real, hours):
        return [Choice(w.item.days, timed) for w, (_, timed) in zip(real, hours, strict=True)]
    return [Choice(w.item.days, timed) for w in real for _, timed in hours]


def _in_turn(days: Sequence[Wish], hours: Sequence[Timed]) -> bool:
    """Say whether days and hours alternate: "tuesday at 3 or thursday at 10"."""
    marks = sorted([(w.start, "day") for w in days] + [(start, "hour") for start, _ in hours])
    return all(a[1] != b[1] for a, b in pairwise(marks))


def _reading(
    choices: Sequence[Choice],
    days: Sequence[Wish],
    refused: tuple[Days, ...],
    *,
    scene: Scene,
    zone: ZoneInfo,
) -> Reading:
    gone = [c for c in choices if c.days.last and c.days.last < scene.today]
    kept = tuple(c for c in choices if c not in gone)
    items = [w.item for w in days]
    reading = Reading(
        zone,
        date=_only_date(kept),
        time=_only_time(kept),
        choices=kept,
        refused=refused,
        ambiguous=bool(gone and not kept) or _unsure(kept, items, scene.now),
        options=_options(items),
    )
    reading = _moved_by_clock_change(reading)
    earliest, latest = _edges(reading, scene)
    return replace(reading, earliest=earliest, latest=latest)


def _only_date(choices: Sequence[Choice]) -> date | None:
    dates = {c.days.only for c in choices}
    return dates.pop() if len(dates) == 1 else None


def _only_time(choices: Sequence[Choice]) -> time | None:
    times = {c.hours.at for c in choices}
    return times.pop() if len(times) == 1 else None


def _unsure(choices: Sequence[Choice], items: Sequence[DayItem], now: datetime) -> bool:
    if any(item.ambiguous for item in items) or any(c.hours.ambiguous for c in choices):
        return True
    # A time today that has just gone by was meant otherwise.
    return any(
        c.days.only == now.date() and c.hours.at and c.hours.at < now.time() for c in choices
    )


def _options(items: Sequence[DayItem]) -> tuple[date, ...]:
    unsure = [item for item in items if item.ambiguous]
    return tuple(dict.fromkeys(day for item in unsure for day in item.options))


def _moved_by_clock_change(reading: Reading) -> Reading:
    if reading.date is None or reading.time is None:
        return reading
    moment = at_wall(reading.date, reading.time, reading.zone)
    return replace(reading, date=moment.date(), time=moment.time())


def _edges(reading: Reading, scene: Scene) -> tuple[datetime | None, datetime | None]:
    """Give where a range begins and ends; nothing for what is exact or wholly open."""
    ranged = [c for c in reading.choices if not _is_exact(c, scene.today)]
    if not ranged:
        settled = len(reading.choices) < 2 or bool(reading.date and reading.time)
        ranged = [] if settled else list(reading.choices)
    if not ranged:
        return None, None
    ends = [_ends(c, scene, reading.zone) for c in ranged]
    real_ends = [end for end in ends if end]
    latest = max(real_ends) if len(real_ends) == len(ends) else None
    return min(_begins(c, scene, reading.zone) for c in ranged), latest


def _is_exact(choice: Choice, today: date) -> bool:
    vague_hours = choice.hours.start is not None or choice.hours.end is not None
    dated = choice.days.only is not None or choice.days == Days(today, None)
    return (
        dated and not vague_hours and (choice.days.only is not None or choice.hours.at is not None)
    )


def _begins(choice: Choice, scene: Scene, zone: ZoneInfo) -> datetime:
    wall = choice.hours.at or choice.hours.start or _START_OF_DAY
    start = at_wall(_first_day(choice, scene), wall, zone)
    return max(start, scene.now.replace(second=0, microsecond=0))


def _first_day(choice: Choice, scene: Scene) -> date:
    """Give the first day of the choice on which its hours are not over."""
    over = choice.hours.end or choice.hours.at or LAST_START
    for day in choice.days.each(scene.today, horizon=scene.today + _FAR_AHEAD * DAY):
        if day > scene.today or over > scene.now.time():
            return day
    return scene.today


def _ends(choice: Choice, scene: Scene, zone: ZoneInfo) -> datetime | None:
    """Give the end of the range; None where days or hours have no end."""
    days, hours = choice.days, choice.hours
    if hours.start and not hours.end:
        return None
    if days.last is None:
        undated = hours.end is not None and days == Days(scene.today, None)
        return (
            at_wall(_first_day(choice, scene), hours.end or LAST_START, zone) if undated else None
        )
    wall = hours.end or hours.at
    if wall is None and days.weekdays in {None, WORKING_DAYS}:
        return at_wall(days.last + DAY, _START_OF_DAY, zone)
    held = list(days.each(days.first or scene.today, horizon=days.last))
    final = held[-1] if held else days.last
    return at_wall(final, wall, zone) if wall else at_wall(final + DAY, _START_OF_DAY, zone)
