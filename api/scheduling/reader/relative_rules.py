"""Owns the rules for days told from today: tomorrow, weekdays, weeks, weekends, counts of units."""

import re
from datetime import UTC, date, timedelta

from api.scheduling.reader.days import (
    DAY,
    WEEK,
    WORKING_DAYS,
    Days,
    add_months,
    coming,
    month_span,
    one,
    week_span,
)
from api.scheduling.reader.grammar import Rule, rule
from api.scheduling.reader.items import DayItem, Item, MomentItem, Scene, SoonItem

_FEW = 3
_FEW_AT_LEAST, _FEW_AT_MOST = 2, 5
_FURTHEST = {"d": 400, "w": 60, "m": 13, "y": 1, "h": 500, "i": 10_000}
_MINUTES = {"h": 60, "i": 1}


def _count(match: re.Match[str]) -> int:
    groups = match.groupdict()
    if groups.get("few"):
        return _FEW
    return int(groups.get("n") or 1)


def _after(day: date, count: int, unit: str) -> date | None:
    """Give the day that lies so many units later; None beyond what can be booked."""
    if count > _FURTHEST[unit]:
        return None
    match unit:
        case "w":
            return day + count * WEEK
        case "m":
            return add_months(day, count)
        case "y":
            return add_months(day, 12 * count)
        case _:
            return day + count * DAY


def _from_now(match: re.Match[str], scene: Scene) -> Item | None:
    unit = match["un"]
    if unit in _MINUTES:
        return _moment(_count(match) * _MINUTES[unit], scene)
    if match.groupdict().get("few") and unit in "dw":
        first = _after(scene.today, _FEW_AT_LEAST, unit)
        return DayItem(Days(first, _after(scene.today, _FEW_AT_MOST, unit)))
    found = _after(scene.today, _count(match), unit)
    if found is None:
        return None
    week = week_span(found) if unit == "w" else one(found)  # "in 2 weeks" may go on "on a thursday"
    around = week.each(scene.today, horizon=found)
    return DayItem(one(found), (found, *(day for day in around if day != found)))


def _moment(minutes: float, scene: Scene) -> MomentItem | None:
    if minutes > _FURTHEST["i"]:
        return None
    # Counted in UTC, so that "in 24 hours" is right across a clock change.
    later = scene.now.astimezone(UTC) + timedelta(minutes=minutes)
    return MomentItem(later.astimezone(scene.now.tzinfo).replace(second=0, microsecond=0))


def _hours_and_half(match: re.Match[str], scene: Scene) -> Item | None:
    return _moment(60 * _count(match) + (30 if match["part"] == "half" else 15), scene)


def _fraction(match: re.Match[str], scene: Scene) -> Item | None:
    minutes = {"half": 30, "quarter": 15}[match["part"]]
    return _moment(minutes, scene)


def _slash_hour(match: re.Match[str], scene: Scene) -> Item | None:
    return _moment(60 * int(match["a"]) / max(int(match["b"]), 1), scene)


def _decimal_hours(match: re.Match[str], scene: Scene) -> Item | None:
    return _moment(60 * float(f"{match['a']}.{match['b']}"), scene)


def _one_or_two(match: re.Match[str], scene: Scene) -> Item | None:
    """Read "in a week or two", "in 2 or 3 weeks" as the days between."""
    first = _after(scene.today, int(match["a"] or 1), match["un"])
    last = _after(scene.today, int(match["b"]), match["un"])
    return DayItem(Days(first, last)) if first and last and first <= last else None


def _within(match: re.Match[str], scene: Scene) -> Item | None:
    if match["un"] in _MINUTES:
        minutes = min(_count(match) * _MINUTES[match["un"]], _FURTHEST["i"])
        return MomentItem(scene.now, scene.now + timedelta(minutes=minutes))
    last = _after(scene.today, _count(match), match["un"])
    return DayItem(Days(scene.today, last)) if last else None


def _next_units(match: re.Match[str], scene: Scene) -> Item | None:
    if match["un"] in _MINUTES:
        return _within(match, scene)
    last = _after(scene.today, _count(match), match["un"])
    return DayItem(Days(scene.today + DAY, last)) if last else None


def _later_than(match: re.Match[str], scene: Scene) -> Item | None:
    if match["un"] in _MINUTES:
        return _from_now(match, scene)
    first = _after(scene.today, _count(match), match["un"])
    return DayItem(Days(first, None)) if first else None


def _counted_from(match: re.Match[str], scene: Scene) -> Item | None:
    """Read "a week from tuesday", "2 weeks from tomorrow", "monday week"."""
    groups = match.groupdict()
    start = scene.today + int(groups.get("rd") or 0) * DAY
    if groups.get("wd"):
        start = coming(scene.today, int(match["wd"]))
        start += WEEK if groups.get("next") and _is_later_this_week(start, scene.today) else 0 * DAY
    found = _after(start, _count(match), groups.get("un") or "w")
    return DayItem(one(found), (found,)) if found else None


def _nth_coming(match: re.Match[str], scene: Scene) -> Item | None:
    if _count(match) > _FURTHEST["w"]:
        return None
    found = coming(scene.today, int(match["wd"])) + (_count(match) - 1) * WEEK
    return DayItem(one(found), (found,))


def _after_next(match: re.Match[str], scene: Scene) -> Item:
    found = coming(scene.today, int(match["wd"])) + WEEK
    return DayItem(one(found), (found,))


def _is_later_this_week(day: date, today: date) -> bool:
    return week_span(day) == week_span(today)


def _next_weekday(match: re.Match[str], scene: Scene) -> Item:
    """Read "next wednesday": said before this week's one, it may mean either, so it is asked."""
    near = coming(scene.today, int(match["wd"]))
    weekday = int(match["wd"])
    if not _is_later_this_week(near, scene.today):
        return DayItem(one(near), (near,), weekday=weekday, following=True)
    far = near + WEEK
    return DayItem(one(far), (far, near), ambiguous=True, weekday=weekday, following=True)


def _this_weekday(match: re.Match[str], scene: Scene) -> Item:
    near = coming(scene.today, int(match["wd"]))
    same_day = int(match["wd"]) == scene.today.weekday()
    options = (near, scene.today) if same_day else (near,)
    return DayItem(one(near), options, ambiguous=same_day, weekday=int(match["wd"]))


def _weekday(match: re.Match[str], scene: Scene) -> Item:
    near = coming(scene.today, int(match["wd"]))
    return DayItem(one(near), (near,), weekday=int(match["wd"]))


def _every_weekday(match: re.Match[str], scene: Scene) -> Item:
    return DayItem(Days(weekdays=frozenset({int(match["wd"])})), recurring=True)


def _weekday_range(match: re.Match[str], scene: Scene) -> Item:
    """Read "mon-fri" as every such day, "between thursday and saturday" as the coming ones."""
    first, last = int(match["wd"]), int(match["wd2"])
    days = frozenset((first + i) % 7 for i in range((last - first) % 7 + 1))
    once = match[0].startswith(("between", "from")) and days != WORKING_DAYS
    if once and scene.today.weekday() not in days:
        start = coming(scene.today, first)
        return DayItem(Days(start, start + (len(days) - 1) * DAY))
    return DayItem(Days(weekdays=days), recurring=True)


def _working_days(match: re.Match[str], scene: Scene) -> Item:
    return DayItem(Days(weekdays=WORKING_DAYS), recurring=True)


def _weekends(match: re.Match[str], scene: Scene) -> Item:
    return DayItem(Days(weekdays=frozenset({5, 6})), recurring=True)


def _weekend(match: re.Match[str], scene: Scene) -> Item:
    week = week_span(scene.today, weeks=1 if match["next"] else 0)
    sunday = week.last or scene.today
    return DayItem(Days(max(sunday - DAY, scene.today), sunday))


def _week(match: re.Match[str], scene: Scene) -> Item | None:
    """Read this week, next week, the week after next; visits are on its working days."""
    words = match[0].split()
    if "after" in words:
        ahead = 2
    elif {"next", "coming"} & set(words):
        ahead = 1
    else:
        ahead = 0
    week = week_span(scene.today, weeks=ahead)
    return DayItem(Days(max(week.first or scene.today, scene.today), week.last, WORKING_DAYS))


def _from_today(match: re.Match[str], scene: Scene) -> Item:
    found = scene.today + int(match["rd"]) * DAY
    return DayItem(one(found), (found,), today=match["rd"] == "0")


def _rest_of_month(match: re.Match[str], scene: Scene) -> Item:
    return DayItem(Days(scene.today, month_span(scene.today).last))


def _soon(match: re.Match[str], scene: Scene) -> Item:
    return SoonItem()


# In the order in which they must be tried.
RULES: tuple[Rule, ...] = (
    rule(r"in (?:at )?pair:(?P<a>\d)-(?P<b>\d) (?:of )?(?:an )?un:h", _slash_hour),
    rule(r"in (?:at )?dc:(?P<a>\d):(?P<b>\d) un:h", _decimal_hours),
    rule(r"in <NUM> un:h and (?:an )?(?P<part>half|quarter)(?: an)?", _hours_and_half),
    rule(r"in (?:at )?<NUM> and (?:an )?(?P<part>half)(?: an)? un:h", _hours_and_half),
    rule(r"in (?:at )?(?:an )?(?P<part>half|quarter)(?: of| to)?(?: an)? un:h", _fraction),
    rule(r"in (?:n:(?P<a>\d+)|an) (?:or|to|-) n:(?P<b>\d+) <UN>", _one_or_two),
    rule(r"in (?:n:(?P<a>\d)|an) <UN> or n:(?P<b>\d)", _one_or_two),
    rule(
        r"(?:in )?<NUM> (?:w )?<UN> (?:from|after|of) <THE>(?:this |on )?"
        r"(?:rd:(?P<rd>\d+)|(?P<next>next )?<WD>)",
        _counted_from,
    ),
    rule(r"(?:an|n:(?P<n>\d)) un:(?P<un>w) (?:on )?(?:rd:(?P<rd>\d+)|<WD>)", _counted_from),
    rule(r"<WD> (?:un:w|enocho)(?! (?:of|after|from))", _counted_from),
    rule(r"rd:(?P<rd>1|0) un:w", _counted_from),
    rule(r"(?:n:(?P<n>\d)) wds?:(?P<wd>\d) fromnow", _nth_coming),
    rule(r"<NUM> <UN> (?:fromnow|from rd:0)", _from_now),
    rule(r"in <NUM> (?:w )?<UN>(?: fromnow)?", _from_now),
    rule(r"within <THE>(?:next )?(?:<NUM> )?<UN>", _within),
    rule(r"(?:in )?(?:the )?(?:next|coming) (?:n:(?P<n>\d+)|(?P<few>few)) <UN>", _next_units),
    rule(r"n:(?P<n>\d) coming <UN>", _next_units),
    rule(r"(?:in )?(?:the )?(?P<few>next|coming) un:(?P<un>d)", _next_units),
    rule(r"after (?:ck:\d+:0:u )?<NUM> <UN>", _later_than),
    rule(r"<THE>un:w after next(?: un:w)?", _week),
    rule(r"<THE>next un:w after next", _week),
    rule(r"<THE>un:w after(?= (?:[.,] |$|w |works))", _week),
    rule(r"<THE><WD> after next(?! un)", _after_next),
    rule(r"(?:in )?(?:this |the )?(?:next|coming|this) un:w", _week),
    rule(r"(?:this )?(?P<next>next )?(?:coming )?wke", _weekend),
    rule(r"(?:every )?wkes", _weekends),
    rule(r"(?:any |every )?wkd", _working_days),
    rule(
        r"(?:between |from )?<WD>s? (?:-|to|until|and(?= wd:\d wks)) wds?:(?P<wd2>\d)",
        _weekday_range,
    ),
    rule(r"between <THE><WD> and <THE>wd:(?P<wd2>\d)", _weekday_range),
    rule(r"(?:every |on )?wds:(?P<wd>\d)", _every_weekday),
    rule(r"every <WD>", _every_weekday),
    rule(r"next (?:coming )?<WD>", _next_weekday),
    rule(r"(?:the )?this (?:next )?<WD>", _this_weekday),
    rule(r"(?:coming )?<WD>(?: coming)?", _weekday),
    rule(r"rd:(?P<rd>\d+)", _from_today),
    rule(r"end un:m", _rest_of_month),
    rule(r"(?:the )?asap", _soon),
)
