"""Owns joining the days of a message: "next week" with "tuesday", "thu" with "the 15th"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from api.scheduling.reader.context import Placed, Stance
from api.scheduling.reader.days import DAY, Days, add_months, one, week_span
from api.scheduling.reader.items import Bound, ClockItem, DayItem

_CONNECTORS = frozenset({",", "the", "on", "of", "in", "at", "works", "is"})
_COUNTED = re.compile(r"n:(?P<n>\d+) un:(?P<un>[dwm]) (?:after|from)(?: the)?$")
_MOST_COUNTED = 60
_APART = frozenset({"or", "and", "but", ".", ",", "req", "to", "-", "until"})
_LONGEST_AHEAD_DAYS = 1100  # beyond it a date is a birthday to come or a card that runs out


@dataclass(frozen=True, slots=True)
class Wish:
    """A day item that counts, its place in the message and how it is bound."""

    item: DayItem
    start: int
    before: tuple[str, ...] = ()
    bound: Bound | None = None

    @property
    def alternative(self) -> bool:
        """Say whether it was offered beside another."""
        return "or" in self.before


def wishes(placed: Sequence[Placed], today: date) -> list[Wish]:
    """Give the wanted days of the message, joined where several words speak of one day."""
    found = [
        _wish(p, p.found.item)
        for p in placed
        if isinstance(p.found.item, DayItem) and p.stance is Stance.WANTED
    ]
    kept = [w for w in found if not _out_of_scope(w.item, today)]
    kept = _without_idle_today(_agreeing(_in_same_week(kept)))
    kept = _ranges(kept)
    kept = [_bounded(w) for w in kept]
    return _narrowed(kept, today)


def refusals(placed: Sequence[Placed]) -> tuple[Days, ...]:
    """Give the days that were turned down; a weekday by name is turned down for good."""
    refused: list[Days] = []
    for p in placed:
        item = p.found.item
        if not isinstance(item, DayItem) or p.stance is not Stance.REFUSED or item.days == Days():
            continue
        if item.weekday is not None and not item.ambiguous:
            refused.append(Days(weekdays=frozenset({item.weekday})))
        else:
            refused.append(item.days)
    return tuple(refused)


def other_time_same_day(placed: Sequence[Placed]) -> list[Wish]:
    """Give the day of "9 on thursday won't work, can I do 11": only the hour was refused."""
    for one_, other in pairwise(placed):
        days = [p for p in (one_, other) if isinstance(p.found.item, DayItem)]
        clocks = [p for p in (one_, other) if isinstance(p.found.item, ClockItem)]
        refused = one_.stance is other.stance is Stance.REFUSED
        if refused and len(days) == len(clocks) == 1 and set(other.before) <= {"on", "at", "the"}:
            item = days[0].found.item
            return [_wish(days[0], item)] if isinstance(item, DayItem) else []
    return []


def _wish(placed: Placed, item: DayItem) -> Wish:
    if placed.before[-2:] == ("un:w", "of") or placed.before[-3:] == ("un:w", "of", "the"):
        item = DayItem(week_span(item.days.only)) if item.days.only else item
    counted = _COUNTED.search(" ".join(placed.before))
    if counted and item.days.only and int(counted["n"]) <= _MOST_COUNTED:
        item = DayItem(one(_later(item.days.only, int(counted["n"]), counted["un"])))
        return Wish(item, placed.found.start, placed.before)
    return Wish(item, placed.found.start, placed.before, placed.bound)


def _later(day: date, count: int, unit: str) -> date:
    """Give the day of "two weeks after april 1"."""
    if unit == "m":
        return add_months(day, count)
    return day + count * (7 * DAY if unit == "w" else DAY)


def _out_of_scope(item: DayItem, today: date) -> bool:
    """Say whether the date is no booking: long past, or years away."""
    day = item.days.only
    if day is None:
        return False
    return abs((day - today).days) > _LONGEST_AHEAD_DAYS or (today - day).days > 365


def _without_idle_today(found: list[Wish]) -> list[Wish]:
    """Drop the "today" of "I feel bad today, can I come on friday"."""
    others = [w for w in found if not w.item.today]
    if not others or any(w.alternative or "and" in w.before for w in found):
        return found
    return others


def _in_same_week(found: list[Wish]) -> list[Wish]:
    """Read the thursday of "next tuesday or thursday" as the one of that week."""
    moved: list[Wish] = []
    for wish in found:
        last = moved[-1].item if moved else None
        day, joined = wish.item.weekday, set(wish.before) <= {"or", "and", ","}
        if last and last.following and last.days.first and day is not None and joined:
            later = last.days.first + (day - last.days.first.weekday()) % 7 * DAY
            item = replace(wish.item, days=one(later), options=(later,), following=True)
            moved.append(replace(wish, item=item))
        else:
            moved.append(wish)
    return moved


def _agreeing(found: list[Wish]) -> list[Wish]:
    """Join a weekday with the date beside it; when they disagree it must be asked."""
    joined: list[Wish] = []
    for wish in found:
        last = joined[-1] if joined else None
        if last and _speak_of_one(last, wish, alone=len(found) == 2):
            joined[-1] = replace(last, item=_agree(last.item, wish.item))
        elif last and _contradict(last, wish):
            options = (*last.item.options[:1], *wish.item.options[:1])
            joined[-1] = replace(last, item=DayItem(Days(), options, ambiguous=True))
        else:
            joined.append(wish)
    return joined


def _speak_of_one(one_: Wish, other: Wish, *, alone: bool) -> bool:
    named = [w.item.weekday is not None for w in (one_, other)]
    dated = [bool(w.item.options) and w.item.weekday is None for w in (one_, other)]
    near = set(other.before) <= _CONNECTORS or (alone and not _APART & set(other.before))
    return (
        named != dated
        and sorted(named) == sorted(dated) == [False, True]
        and near
        and not other.bound
    )


def _contradict(one_: Wish, other: Wish) -> bool:
    """Say whether two dates stand side by side and differ: "tomorrow the 12th"."""
    dates = {one_.item.days.only, other.item.days.only}
    named = one_.item.weekday is not None or other.item.weekday is not None
    return len(dates - {None}) == 2 and set(other.before) <= {"the"} and not named


def _agree(one_: DayItem, other: DayItem) -> DayItem:
    named, dated = (one_, other) if one_.weekday is not None else (other, one_)
    fitting = [day for day in dated.options if day.weekday() == named.weekday]
    if not fitting:
        return DayItem(Days(), (*named.options[:1], *dated.options[:1]), ambiguous=True)
    later_month = fitting[0] != dated.options[0] and not dated.ambiguous
    return DayItem(one(fitting[0]), tuple(fitting), ambiguous=later_month)


def _ranges(found: list[Wish]) -> list[Wish]:
    """Join "from tomorrow to friday" and "between the 5th and friday"."""
    joined: list[Wish] = []
    for wish in found:
        last = joined[-1] if joined else None
        first_day = last.item.days.only if last else None
        last_day = wish.item.days.only
        if last and first_day and last_day and first_day < last_day and _spanned(last, wish):
            joined[-1] = replace(last, item=DayItem(Days(first_day, last_day)), bound=None)
        else:
            joined.append(wish)
    return joined


def _spanned(first: Wish, last: Wish) -> bool:
    joint = [word for word in last.before if word not in {"the", "on"}]
    if joint == ["and"]:
        return "between" in first.before
    return joint in (["to"], ["-"], ["until"])


def _bounded(wish: Wish) -> Wish:
    """Apply "after", "before", "from" and their like to the days they stand before."""
    days = wish.item.days
    if wish.bound is None or wish.bound is Bound.AT or wish.item.recurring or days == Days():
        return wish
    limited = _limited(days, wish.bound)
    return replace(wish, item=replace(wish.item, days=limited, weekday=None, options=()))


def _limited(days: Days, bound: Bound) -> Days:
    match bound:
        case Bound.AT:
            return days
        case Bound.AFTER:
            return Days(days.last + DAY if days.last else None, None)
        case Bound.FROM:
            return Days(days.first, None)
        case Bound.BEFORE:
            return Days(None, days.first - DAY if days.first else None)
        case Bound.BY | Bound.UNTIL:
            return Days(None, days.last)


def _narrowed(found: list[Wish], today: date) -> list[Wish]:
    """Meet spans with each other and with the weekdays named beside them."""
    exact = [w for w in found if w.item.days.only or w.item.days == Days()]
    spans = [w for w in found if w not in exact]
    recurring = [w for w in spans if w.item.recurring]
    plain = [w for w in spans if not w.item.recurring]
    if len(recurring) > 1:
        recurring = [replace(recurring[0], item=_united([w.item for w in recurring]))]
    named = [w for w in exact if w.item.weekday is not None]
    if plain and named and len(named) == len(exact) and not plain[0].alternative:
        weekdays = frozenset(w.item.weekday for w in named if w.item.weekday is not None)
        recurring = [replace(named[0], item=DayItem(Days(weekdays=weekdays), recurring=True))]
        exact = []
    if exact:
        exact = [_within(w, plain) for w in exact]
        return exact + [w for w in spans if w.alternative or any(e.alternative for e in exact)]
    return _met(plain, recurring, today)


def _within(wish: Wish, spans: Sequence[Wish]) -> Wish:
    """Read "the 15th" beside "next month" as the one of that month."""
    for span in spans:
        fitting = [day for day in wish.item.options if span.item.days.holds(day)]
        if fitting and not span.alternative:
            return replace(wish, item=replace(wish.item, days=one(fitting[0])))
    return wish


def _united(items: Sequence[DayItem]) -> DayItem:
    sets = [item.days.weekdays or frozenset() for item in items]
    return DayItem(Days(weekdays=frozenset().union(*sets)), recurring=True)


def _met(plain: list[Wish], recurring: list[Wish], today: date) -> list[Wish]:
    met: list[Wish] = []
    for wish in [*plain, *recurring]:
        days = _meeting(met[-1].item.days, wish.item) if met and not wish.alternative else None
        if days is None or not met:
            met.append(wish)
        else:
            met[-1] = replace(met[-1], item=_settled(days, today))
    return met


def _meeting(span: Days, item: DayItem) -> Days | None:
    # "saturday next week" is a Saturday although a week is searched on its working days.
    wide = Days(span.first, span.last) if item.recurring and item.days.weekdays else span
    return wide.meet(item.days)


def _settled(days: Days, today: date) -> DayItem:
    """Give a single date where the span holds only one, and ask where it holds none."""
    if days.first is None or days.last is None or (days.last - days.first).days > 62:
        return DayItem(days)
    held = list(days.each(max(today, days.first), horizon=days.last))
    if not held:
        return DayItem(Days(), (), ambiguous=True)
    return DayItem(one(held[0]), (held[0],)) if len(held) == 1 else DayItem(days)
