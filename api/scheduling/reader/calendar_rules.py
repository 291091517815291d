"""Owns the rules for dates of the calendar: ISO, slashes, months, the Nth, parts of a month."""

import re
from datetime import date

from api.scheduling.reader.days import (
    DAY,
    WORKING_DAYS,
    Days,
    add_months,
    coming,
    make_date,
    month_span,
    nth_weekday,
    one,
    third_of,
    week_span,
)
from api.scheduling.reader.grammar import Rule, rule
from api.scheduling.reader.items import DayItem, Scene

_MONTHS_AHEAD = 12
_STALE_DAYS = 30  # a yearless date that has just gone by is asked about
_LOOK_BACK_CHARS = 12
_PLACES_A_DATE = re.compile(r" (?:on|for|by|before|after|until|the|from|wd:\d|D+)(?: ,)? $")
_LONGEST_MONTH = 31
_NEAR_MONTHS = 3  # how far the Nth may lie for its weekday to fit


def _dated(*options: date | None, ambiguous: bool = False) -> DayItem | None:
    real = tuple(dict.fromkeys(option for option in options if option))
    if not real:
        return None
    return DayItem(one(real[0]), real, ambiguous=ambiguous and len(real) > 1)


def _forward(month: int, day: int, today: date) -> date | None:
    """Give the date of this year, or of the next one when it has gone by."""
    return next(
        (
            d
            for year in range(today.year, today.year + 5)
            if (d := make_date(year, month, day)) and d >= today
        ),
        None,
    )


def _in_year(year: int, month: int, day: int) -> date | None:
    return make_date(year + 2000 if year < 100 else year, month, day)


def _iso(match: re.Match[str], scene: Scene) -> DayItem | None:
    return _dated(make_date(int(match["y"]), int(match["m"]), int(match["d"])))


def _three(match: re.Match[str], scene: Scene) -> DayItem | None:
    a, b, year = (int(part) for part in match[1].split("-"))
    readings = [(b, a), (a, b)] if scene.day_first else [(a, b), (b, a)]
    options = [_in_year(year, month, day) for month, day in readings]
    return _dated(*options, ambiguous=True)


def _pair(match: re.Match[str], scene: Scene) -> DayItem | None:
    """Read "3/4"; a "7/10" is a date only where the words around it speak of one."""
    a, b = int(match["a"]), int(match["b"])
    before = match.string[max(0, match.start() - _LOOK_BACK_CHARS) : match.start()]
    if b == 10 and before.strip() and not _PLACES_A_DATE.search(before):
        return None
    return _day_and_month(a, b, scene)


def _day_and_month(a: int, b: int, scene: Scene) -> DayItem | None:
    readings = [(b, a), (a, b)] if scene.day_first else [(a, b), (b, a)]
    options = [_forward(month, day, scene.today) for month, day in readings]
    return _dated(*options, ambiguous=True)


def _dashed(match: re.Match[str], scene: Scene) -> DayItem | None:
    """Read "2-15" and, where the day comes first, "el 3-3"; "2-4" alone is a span of hours."""
    a, b = int(match["a"]), int(match["b"])
    if max(a, b) <= 12 and not match["the"]:
        return None
    return _day_and_month(a, b, scene)


def _month_day(match: re.Match[str], scene: Scene) -> DayItem | None:
    month, day, year = int(match["mo"]), int(match["nth"]), match["yr"]
    if year:
        return _dated(make_date(int(year), month, day))
    found = _forward(month, day, scene.today)
    if found is None:
        return DayItem(Days(), ambiguous=True) if day <= _LONGEST_MONTH else None
    passed = make_date(found.year - 1, month, day)
    stale = passed is not None and (scene.today - passed).days <= _STALE_DAYS
    item = DayItem(one(found), (found,), ambiguous=stale)
    return (
        item
        if not stale or passed is None
        else DayItem(one(found), (found, passed), ambiguous=True)
    )


def _month_days(match: re.Match[str], scene: Scene) -> DayItem | None:
    """Read "march 5 to 8", "from the 5th to the 8th of march", "aug 8 - sep 2"."""
    groups = match.groupdict()
    month = int(match["mo"])
    first = _forward(month, int(match["nth"]), scene.today)
    if first is None:
        return None
    last = make_date(first.year, int(groups.get("mo2") or month), int(match["nth2"]))
    if last is not None and last < first:
        last = make_date(first.year + 1, last.month, last.day)
    return DayItem(Days(first, last)) if last else None


def _nth_to_nth(match: re.Match[str], scene: Scene) -> DayItem | None:
    first = next(iter(_nth_dates(int(match["nth"]), scene.today)), None)
    last = next(iter(_nth_dates(int(match["nth2"]), first)), None) if first else None
    return DayItem(Days(first, last)) if last else None


def _nth_dates(day: int, today: date) -> list[date]:
    """Give the next dates with that number, this month first."""
    months = [add_months(today.replace(day=1), ahead) for ahead in range(_NEAR_MONTHS + 1)]
    dates = [make_date(month.year, month.month, day) for month in months]
    return [d for d in dates if d and d >= today]


def _nth(match: re.Match[str], scene: Scene) -> DayItem | None:
    dates = _nth_dates(int(match["nth"]), scene.today)
    return DayItem(one(dates[0]), tuple(dates)) if dates else None


def _nth_of_weekday(match: re.Match[str], scene: Scene) -> DayItem | None:
    """Read "friday 13"; a small number in English is an hour unless that day is such a weekday."""
    item = _nth(match, scene)
    if item is None or scene.day_first or int(match["nth"]) > 12:
        return item
    weekday = int(match.string[match.start() - 2])
    return item if item.options[0].weekday() == weekday else None


def _nth_of_month(match: re.Match[str], scene: Scene) -> DayItem | None:
    """Read "the 8th of this month"; one that has gone by is asked about, never taken as past."""
    month = _named_month(match, scene)
    found = make_date(month.year, month.month, int(match["nth"]))
    if found and found < scene.today:
        later = add_months(found, 1)
        return DayItem(Days(), (later,), ambiguous=True)
    return _dated(found)


def _named_month(match: re.Match[str], scene: Scene) -> date:
    groups = match.groupdict()
    if groups.get("mo"):
        return _month_start(
            int(match["mo"]), groups.get("yr"), scene.today, bool(groups.get("next"))
        )
    ahead = 1 if groups.get("next") else 0
    return add_months(scene.today.replace(day=1), ahead)


def _month_start(month: int, year: str | None, today: date, following: bool) -> date:  # noqa: FBT001
    if year:
        return date(int(year), month, 1)
    this_year = date(today.year, month, 1)
    gone = month_span(this_year).last
    if (gone and gone < today) or (following and month == today.month):
        return this_year.replace(year=today.year + 1)
    return this_year


def _weekday_of_month(match: re.Match[str], scene: Scene) -> DayItem | None:
    month = _named_month(match, scene)
    nth = int(match["nth"]) if match["nth"] else -1
    found = nth_weekday(month_span(month), int(match["wd"]), nth)
    if found and found < scene.today and not match.groupdict().get("next"):
        later = add_months(month, 12 if match["mo"] else 1)
        found = nth_weekday(month_span(later), int(match["wd"]), nth)
    return _dated(found)


def _edge_day(match: re.Match[str], scene: Scene) -> DayItem | None:
    span = month_span(_named_month(match, scene))
    if match["nth"] and span.first:
        return _dated(span.first + (int(match["nth"]) - 1) * DAY)
    return _dated(span.last)


def _nth_last_day(match: re.Match[str], scene: Scene) -> DayItem | None:
    last = month_span(_named_month(match, scene)).last
    return _dated(last - (int(match["nth"]) - 1) * DAY) if last else None


def _week_of_month(match: re.Match[str], scene: Scene) -> DayItem | None:
    span = month_span(_named_month(match, scene))
    if span.first is None or span.last is None:
        return None
    if not match["nth"]:
        return DayItem(Days(span.last - 6 * DAY, span.last))
    first = span.first + 7 * (int(match["nth"]) - 1) * DAY
    return DayItem(Days(first, first + 6 * DAY))


def _part_of_month(match: re.Match[str], scene: Scene) -> DayItem | None:
    return DayItem(third_of(month_span(_named_month(match, scene)), match["part"]))


def _part_of_week(match: re.Match[str], scene: Scene) -> DayItem | None:
    week = week_span(scene.today, weeks=1 if match["next"] else 0)
    if match["part"] in {"rest", "later"}:
        return DayItem(Days(max(week.first or scene.today, scene.today), week.last, WORKING_DAYS))
    return DayItem(third_of(week, match["part"]))


def _whole_month(match: re.Match[str], scene: Scene) -> DayItem | None:
    span = month_span(_named_month(match, scene))
    first = max(span.first, scene.today) if span.first else None
    return DayItem(Days(first, span.last))


def _year_gone(match: re.Match[str], scene: Scene) -> DayItem | None:
    """Read "sunday, feb 10" when that very Sunday has just gone by: a slip to be asked about."""
    found = _month_day(match, scene)
    if found is None or found.days.first is None:
        return found
    weekday = int(match["wd"])
    fits = [d for d in found.options if d.weekday() == weekday]
    if not fits:
        return DayItem(Days(), (found.days.first, coming(scene.today, weekday)), ambiguous=True)
    if fits[0] < scene.today:
        return DayItem(Days(), tuple(fits), ambiguous=True)
    return DayItem(one(fits[0]), (fits[0],))


def _this_or_next_month(match: re.Match[str], scene: Scene) -> DayItem | None:
    if not match["next"] and not match[0].startswith(("this", "in this")):
        return None
    return _whole_month(match, scene)


_WHEN = r"(?:the )?(?:this |coming |last )?(?P<next>next )?"
_MONTH = rf"{_WHEN}(?:un:m|<MO><YR>)"
_FREE = r"(?! (?:fn|ms|visit|dr|un:|w (?:w|visit)|mer|asap|oc))"


_TO = r"(?:-|to|until|and)"

# In the order in which they must be tried.
RULES: tuple[Rule, ...] = (
    rule(r"ymd:(?P<y>\d+)-(?P<m>\d+)-(?P<d>\d+)", _iso),
    rule(r"tri:(\d+-\d+-\d+)", _three),
    rule(
        rf"(?:from |between )?<MO> <THE><NTH> {_TO} "
        r"<THE>(?:mo:(?P<mo2>\d+) <THE>)?(?:o|ow|n):(?P<nth2>\d+)",
        _month_days,
    ),
    rule(
        rf"(?:from |between )?<THE><NTH> {_TO} <THE>(?:o|ow|n):(?P<nth2>\d+) (?:of )?<THE><MO>",
        _month_days,
    ),
    rule(
        rf"(?:from |between )<THE>(?:o|n):(?P<nth>\d+) {_TO} <THE>(?:o|n):(?P<nth2>\d+){_FREE}",
        _nth_to_nth,
    ),
    rule(
        rf"(?:the )?o:(?P<nth>\d+) (?:-|to|until) <THE>(?:o|n):(?P<nth2>\d+){_FREE}",
        _nth_to_nth,
    ),
    rule(r"<WD> (?:, )?<THE><MO> <THE><NTH><YR>", _year_gone),
    rule(r"<WD> (?:, )?<THE><NTH> (?:un:d |- )?(?:of )?<THE><MO><YR>", _year_gone),
    rule(r"<THE><NTH> (?:un:d |- )?(?:of )?<THE><MO><YR>", _month_day),
    rule(r"<MO> <THE><NTH>(?! un:)<YR>", _month_day),
    rule(r"pair:(?P<a>\d+)-(?P<b>\d+)(?! (?:un:|ms|msw))", _pair),
    rule(r"(?P<the>the )?n:(?P<a>\d+) - n:(?P<b>\d+)(?! (?:un:|ms|mo:|-))", _dashed),
    rule(rf"<THE><NTH> (?:un:d )?of {_WHEN}un:m", _nth_of_month),
    rule(rf"(?:the )?(?:<ORD>|last) <WD> (?:of|in) {_MONTH}", _weekday_of_month),
    rule(rf"(?:the )?<ORD> last un:d (?:of|in) {_MONTH}", _nth_last_day),
    rule(rf"(?:the )?(?:<ORD>|last) un:d (?:of|in) {_MONTH}", _edge_day),
    rule(rf"(?:the )?(?:<ORD>|last) un:w (?:of|in) {_MONTH}", _week_of_month),
    rule(rf"(?P<part>early|mid|end) (?:- )?(?:of )?{_MONTH}", _part_of_month),
    rule(rf"(?P<part>early|mid|end|later|rest) (?:of )?{_WHEN}un:w", _part_of_week),
    rule(r"(?:in )?(?:this |coming )?(?P<next>next )?<MO><YR>", _whole_month),
    rule(r"(?:this |in this )?(?P<next>next )?un:m(?! from)", _this_or_next_month),
    rule(rf"(?:on )?the (?:o|n):(?P<nth>\d+){_FREE}(?! n:)", _nth),
    rule(rf"on the ow:(?P<nth>\d+){_FREE}(?! w)", _nth),
    rule(rf"o:(?P<nth>\d+){_FREE}", _nth),
    rule(rf"(?<=wd:\d )(?:, )?n:(?P<nth>\d+){_FREE}(?! (?:n:|-|or n))", _nth_of_weekday),
)
