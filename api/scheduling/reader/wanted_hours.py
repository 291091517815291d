"""Owns joining the times of a message: "3" with "in the afternoon", "after 10" with "before 2"."""

from collections.abc import Sequence
from datetime import time

from api.scheduling.reader.context import Placed, Stance
from api.scheduling.reader.hours import Hours, clock_hours, part_hours, range_hours
from api.scheduling.reader.items import (
    MORNING_PARTS,
    Bound,
    ClockItem,
    DayItem,
    HoursItem,
    PartItem,
)

type Timed = tuple[int, Hours]

_NOON = time(12)
_OPENS = time(8)


def wanted_hours(placed: Sequence[Placed]) -> list[Timed]:
    """Give the hours that are wanted, each with its place in the message."""
    wanted = [p for p in placed if p.stance is Stance.WANTED]
    parts = [(p.found.start, p.found.item) for p in wanted if isinstance(p.found.item, PartItem)]
    exact, bounds, ranges = _sorted(wanted, parts)
    if exact:
        return _distinct(exact)
    if ranges:
        offered = {p.found.start for p in wanted if p.alternative}
        return _distinct([*ranges, *(timed for timed in bounds if timed[0] in offered)])
    if bounds:
        return [_limits(bounds, parts)]
    if parts:
        return _distinct([(start, part_hours(part.key)) for start, part in parts])
    return _instead_of_refused(placed)


def _sorted(
    wanted: Sequence[Placed], parts: Sequence[tuple[int, PartItem]]
) -> tuple[list[Timed], list[Timed], list[Timed]]:
    exact: list[Timed] = []
    bounds: list[Timed] = []
    ranges: list[Timed] = []
    for p in wanted:
        start, item = p.found.start, p.found.item
        if isinstance(item, ClockItem):
            target = exact if item.bound is Bound.AT else bounds
            target.append((start, clock_hours(item, _nearest(start, parts))))
        elif isinstance(item, HoursItem) and (hours := range_hours(item, _nearest(start, parts))):
            ranges.append((start, hours))
    return exact, bounds, ranges


def _nearest(start: int, parts: Sequence[tuple[int, PartItem]]) -> str | None:
    if not parts:
        return None
    return min(parts, key=lambda part: abs(part[0] - start))[1].key


def _limits(bounds: Sequence[Timed], parts: Sequence[tuple[int, PartItem]]) -> Timed:
    hours = bounds[0][1]
    for _, other in bounds[1:]:
        hours = hours.meet(other) or hours
    if len(parts) == 1:
        hours = hours.meet(part_hours(parts[0][1].key)) or hours
    return bounds[0][0], hours


def _distinct(found: Sequence[Timed]) -> list[Timed]:
    """Drop a time said twice; a vague one gives way to none."""
    kept: list[Timed] = []
    for start, hours in found:
        if all(hours != other for _, other in kept):
            kept.append((start, hours))
    return kept


def _instead_of_refused(placed: Sequence[Placed]) -> list[Timed]:
    """Read "not in the morning" as the rest of the day; "not friday morning" leaves other days."""
    keys = {
        p.found.item.key
        for p in placed
        if isinstance(p.found.item, PartItem) and p.stance is Stance.REFUSED
    }
    day_refused = any(
        isinstance(p.found.item, DayItem) and p.stance is Stance.REFUSED for p in placed
    )
    if not keys or day_refused:
        return []
    if keys <= MORNING_PARTS:
        return [(0, Hours(None, _NOON, None))]
    return [(0, Hours(None, _OPENS, _NOON))] if not keys & MORNING_PARTS else []
