"""Owns day arithmetic: spans of days, next weekdays, month edges."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
WORKING_DAYS = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Days:
    """Days from `first` to `last`, both included; an open end is None; `weekdays` narrows them."""

    first: date | None = None
    last: date | None = None
    weekdays: frozenset[int] | None = None

    @property
    def only(self) -> date | None:
        """Give the date when the span is one single day."""
        return self.first if self.first == self.last else None

    def meet(self, other: "Days") -> "Days | None":
        """Give the days that lie in both spans; None when there are none."""
        firsts = [day for day in (self.first, other.first) if day]
        lasts = [day for day in (self.last, other.last) if day]
        first, last = max(firsts, default=None), min(lasts, default=None)
        sets = [days for days in (self.weekdays, other.weekdays) if days is not None]
        weekdays = frozenset.intersection(*sets) if sets else None
        if (first and last and first > last) or weekdays == frozenset():
            return None
        return Days(first, last, weekdays)

    def holds(self, day: date) -> bool:
        """Say whether the day lies in the span."""
        after_first = self.first is None or self.first <= day
        before_last = self.last is None or day <= self.last
        return (
            after_first
            and before_last
            and (self.weekdays is None or day.weekday() in self.weekdays)
        )

    def each(self, start: date, *, horizon: date) -> Iterator[date]:
        """Yield the days from `start` on; an open end stops at `horizon`."""
        day = max(start, self.first or start)
        last = self.last or horizon
        while day <= last:
            if self.holds(day):
                yield day
            day += DAY


def one(day: date) -> Days:
    """Give the span of a single day."""
    return Days(day, day)


def make_date(year: int, month: int, day: int) -> date | None:
    """Give the date, or None when the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def add_months(day: date, months: int) -> date:
    """Give the same day of a later month, or its last day when that month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_span(day: date) -> Days:
    """Give the month that the day lies in."""
    first = day.replace(day=1)
    return Days(first, add_months(first, 1) - DAY)


def third_of(span: Days, part: str) -> Days:
    """Give the early, middle or late part of a month or week."""
    first, last = span.first, span.last
    if first is None or last is None:
        return span
    if (last - first).days < 8:
        cuts = (first + 2 * DAY, first + 3 * DAY, first + 4 * DAY)
        early, mid, late = Days(first, cuts[0]), Days(cuts[0], cuts[1]), Days(cuts[1], cuts[2])
    else:
        early = Days(first, first + 9 * DAY)
        mid = Days(first + 10 * DAY, first + 19 * DAY)
        late = Days(first + 20 * DAY, last)
    return {"early": early, "mid": mid, "end": late}[part]


def week_span(day: date, *, weeks: int = 0) -> Days:
    """Give the Monday-to-Sunday week around the day, moved by whole weeks."""
    monday = day - day.weekday() * DAY + weeks * WEEK
    return Days(monday, monday + 6 * DAY)


def coming(today: date, weekday: int) -> date:
    """Give the next such weekday after today."""
    return today + ((weekday - today.weekday() - 1) % 7 + 1) * DAY


def nth_weekday(span: Days, weekday: int, nth: int) -> date | None:
    """Give the nth such weekday of a month; -1 is the last one."""
    if span.first is None or span.last is None:
        return None
    found = [d for d in span.each(span.first, horizon=span.last) if d.weekday() == weekday]
    index = nth - 1 if nth > 0 else nth
    return found[index] if -len(found) <= index < len(found) else None
