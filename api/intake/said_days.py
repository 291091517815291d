"""Days and times in what people write; never one that the text leaves open."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final, Literal
from zoneinfo import ZoneInfo

from api.core.language import Language
from api.core.text import fold
from api.intake.said_times import time_said
from api.intake.values import Date, DateTime
from api.messaging.replies import MONTHS

type Open = Literal["open"]
# A day without its year, or a weekday: it could be any of several.
OPEN: Final[Open] = "open"

_PART: Final = re.compile(r"\d+|[^\W\d_]+")
_DAYS_AGO: Final = re.compile(r"(?:hace )?(\d{1,3}) (?:days? ago|dias?(?: atras)?)")
_FAR_YEARS: Final = 130
_NEAR: Final[Mapping[str, int]] = MappingProxyType(
    dict.fromkeys(("today", "hoy"), 0)
    | dict.fromkeys(("yesterday", "ayer"), -1)
    | dict.fromkeys(("tomorrow", "manana"), 1)
    | dict.fromkeys(("day before yesterday", "anteayer", "antier", "antes de ayer"), -2)
)
_AROUND: Final = frozenset(
    {
        *("st", "nd", "rd", "th", "of", "de", "del", "the", "el", "ro", "on", "in", "en", "since"),
        *("desde", "it", "was", "is", "fue", "please", "thanks", "por", "favor", "gracias"),
    }
)
_WEEKDAYS: Final = frozenset(
    {
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon"),
        *("tue", "tues", "wed", "thu", "thurs", "fri", "sat", "sun", "lunes", "martes"),
        *("miercoles", "jueves", "viernes", "sabado", "domingo"),
    }
)


def day_said(text: str, language: Language, *, today: date) -> Date | Open | None:
    """Return the day, month or year that the text says, as exactly as it says it.

    "3/9/2026" is 9 March in English and 3 September in Spanish, unless only one of them exists.
    `OPEN` is a day without its year; None is no day at all ("last week").
    """
    parts = [part for part in _PART.findall(fold(text)) if part not in _AROUND]
    near = _near_day(parts, today)
    if near is not None:
        return near
    told = [part for part in parts if part not in _WEEKDAYS]
    names = [part for part in told if not part.isdigit()]
    if any(name not in MONTHS for name in names) or len(names) > 1:
        return None
    numbers = [part for part in told if part.isdigit()]
    if names:
        return _with_month(MONTHS[names[0]], numbers, today)
    return _by_numbers(numbers, language, today) if numbers else (OPEN if parts else None)


def _near_day(parts: Sequence[str], today: date) -> Date | None:
    said = " ".join(parts)
    ago = _DAYS_AGO.fullmatch(said)
    days = -int(ago[1]) if ago and ("ago" in said or "hace" in said) else _NEAR.get(said)
    if days is None:
        return None
    return Date((today + timedelta(days=days)).isoformat())


def _with_month(month: int, numbers: Sequence[str], today: date) -> Date | Open | None:
    match [len(number) for number in numbers]:
        case [] | [1 | 2]:
            return OPEN
        case [4]:
            return _date(numbers[0], month, None, today)
        case [1 | 2, 2 | 4]:
            return _date(numbers[1], month, int(numbers[0]), today)
        case [4, 1 | 2]:
            return _date(numbers[0], month, int(numbers[1]), today)
        case _:
            return None


def _by_numbers(numbers: Sequence[str], language: Language, today: date) -> Date | Open | None:
    numbers = _split_run(numbers)
    match [len(number) for number in numbers]:
        case [4]:
            return _date(numbers[0], None, None, today)
        case [4, 1 | 2]:
            return _date(numbers[0], int(numbers[1]), None, today)
        case [1 | 2, 4]:
            return _date(numbers[1], int(numbers[0]), None, today)
        case [1 | 2, 1 | 2]:
            return OPEN
        case [4, 1 | 2, 1 | 2]:
            return _date(numbers[0], int(numbers[1]), int(numbers[2]), today)
        case [1 | 2, 1 | 2, 2 | 4]:
            return _in_order(numbers, language, today)
        case _:
            return None


def _split_run(numbers: Sequence[str]) -> Sequence[str]:
    """Part a day that is written as one number of eight digits."""
    if len(numbers) != 1 or len(numbers[0]) != 8:
        return numbers
    run = numbers[0]
    if run[:2] in {"19", "20"}:
        return run[:4], run[4:6], run[6:]
    return run[:2], run[2:4], run[4:]


def _in_order(numbers: Sequence[str], language: Language, today: date) -> Date | None:
    first, second, year = int(numbers[0]), int(numbers[1]), numbers[2]
    month_first = _date(year, first, second, today)
    day_first = _date(year, second, first, today)
    return day_first or month_first if language is Language.ES else month_first or day_first


def _date(year: str, month: int | None, day: int | None, today: date) -> Date | None:
    whole = _whole_year(year, today)
    if abs(whole - today.year) > _FAR_YEARS:
        return None
    text = f"{whole:04}" + "".join(f"-{part:02}" for part in (month, day) if part is not None)
    try:
        return Date(text)
    except ValueError:
        return None


def _whole_year(year: str, today: date) -> int:
    """Return the year; for two digits the one that is nearest to today."""
    if len(year) == 4:
        return int(year)
    century = today.year // 100 * 100
    candidates = (century + ahead + int(year) for ahead in (-100, 0, 100))
    return min(candidates, key=lambda candidate: abs(candidate - today.year))


def instant_said(
    text: str, language: Language, *, today: date, zone: ZoneInfo | None
) -> DateTime | Open | None:
    """Return the day that the text says, with the time of day when it says one.

    A time of day needs a zone, and a whole day before it; None otherwise.
    """
    day = day_said(text, language, today=today)
    if day is not None:
        return OPEN if day == OPEN else DateTime(day.text)
    told = text.strip().replace("T", " ").split()
    for place in range(1, len(told)):
        day = day_said(" ".join(told[:place]), language, today=today)
        clock = time_said(" ".join(told[place:]))
        if day is not None and clock is not None:
            return OPEN if day == OPEN else _instant(day, time.fromisoformat(clock.text), zone)
    return None


def _instant(day: Date, clock: time, zone: ZoneInfo | None) -> DateTime | None:
    if zone is None or len(day.text) != 10:
        return None
    at = datetime.combine(date.fromisoformat(day.text), clock, tzinfo=zone)
    return DateTime(at.isoformat())
