"""When the clinic is staffed, in words, and when somebody will be there next."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from api.core.language import Language
from api.messaging.clinic import Clinic, Period

WEEKDAYS: Final = {
    Language.EN: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    Language.ES: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
}
_AND: Final = {Language.EN: "and", Language.ES: "y"}
_TODAY: Final = {Language.EN: "today", Language.ES: "hoy"}
_TOMORROW: Final = {Language.EN: "tomorrow", Language.ES: "mañana"}
_LOOK_AHEAD_DAYS: Final = 8


def next_opening(clinic: Clinic, at: datetime) -> datetime | None:
    """When somebody will next be at the clinic after `at`; None when it never opens.

    While it is open, that is when it opens the next time.
    """
    local = at.astimezone(clinic.zone).date()
    openings = (
        _instant(local + timedelta(days=ahead), period.opens, clinic.zone)
        for ahead in range(_LOOK_AHEAD_DAYS)
        for period in clinic.facts.opening
        if (local + timedelta(days=ahead)).isoweekday() in period.days
    )
    return min((each for each in openings if each > at), default=None)


def opening_in_words(clinic: Clinic, at: datetime, language: Language) -> str | None:
    """The next opening as a patient would say it: "today at 1 pm", "el lunes a las 8 am"."""
    opens = next_opening(clinic, at)
    if opens is None:
        return None
    local = opens.astimezone(clinic.zone)
    days = (local.date() - at.astimezone(clinic.zone).date()).days
    return f"{_day(local.date(), days, language)} {_at(local.time(), language)}"


def hours_in_words(clinic: Clinic, language: Language) -> str:
    """All opening hours: "Monday to Friday, 8 am to noon and 1 pm to 5 pm"."""
    by_days: dict[tuple[int, ...], list[Period]] = defaultdict(list)
    for period in clinic.facts.opening:
        by_days[tuple(sorted(period.days))].append(period)
    return "; ".join(
        f"{_days(days, language)}, {_spans(periods, language)}" for days, periods in by_days.items()
    )


def _instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)


def _day(day: date, ahead: int, language: Language) -> str:
    if ahead == 0:
        return _TODAY[language]
    if ahead == 1:
        return _TOMORROW[language]
    name = WEEKDAYS[language][day.weekday()]
    return f"on {name}" if language is Language.EN else f"el {name}"


def _at(wall: time, language: Language) -> str:
    said = _clock(wall, language)
    if language is Language.EN:
        return f"at {said}"
    article = "" if said == "mediodía" else "la " if wall.hour % 12 == 1 else "las "
    return f"al {said}" if not article else f"a {article}{said}"


def _clock(wall: time, language: Language) -> str:
    if (wall.hour, wall.minute) == (12, 0):
        return "noon" if language is Language.EN else "mediodía"
    minutes = f":{wall.minute:02d}" if wall.minute else ""
    return f"{wall.hour % 12 or 12}{minutes} {'am' if wall.hour < 12 else 'pm'}"


def _days(days: Sequence[int], language: Language) -> str:
    names = [WEEKDAYS[language][day - 1] for day in days]
    is_run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    return _span(names[0], names[-1], language) if is_run else _listed(names, language)


def _spans(periods: Sequence[Period], language: Language) -> str:
    spans = [
        _span(_clock(each.opens, language), _clock(each.closes, language), language)
        for each in periods
    ]
    return _listed(spans, language)


def _span(first: str, last: str, language: Language) -> str:
    return f"de {first} a {last}" if language is Language.ES else f"{first} to {last}"


def _listed(names: Sequence[str], language: Language) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {_AND[language]} {names[-1]}"
