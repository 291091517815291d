"""The times of the day that a text asks to be reminded at. Pure.

The booking reader understands one time within office hours; here are several, at any hour.
"""

import re
from datetime import time
from typing import Final

from api.core.text import fold
from api.reminders.timing import Day

_CLOCK: Final = (
    r"(\d{1,2})(?::(\d\d))?\s*(am?\b\.?|pm?\b\.?|a\.\s?m\.?|p\.\s?m\.?)?"
    r"(?!\d|\s*(?:mg|mcg|ml|times|veces|hours?|hrs?|horas?|h\b|min|days?|dias?|pills?|pastillas?))"
)
_CUE: Final = re.compile(rf"(?:\bat|\bto|@|\blas?|\band|\by|&|,|\bset|\bit)\s*(?:las?\s+)?{_CLOCK}")
_MARKED: Final = re.compile(rf"\b(?=\d{{1,2}}(?::\d\d|\s*[ap]\.?\s?m\b)){_CLOCK}")
_NOT_THESE: Final = re.compile(
    r"(?:instead of|rather than|not|from|en vez de|en lugar de|no)\s+(?:at\s+|a\s+)?(?:las?\s+)?"
    + _CLOCK
)
_NOT_DAILY: Final = re.compile(
    r"\b(?:every|cada)\s+\d+|weekdays?|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|"
    r"\b(?:lunes|martes|miercoles|jueves|viernes|sabados?|domingos?)\b|every other|\bpause"
)
_WORDS: Final = (
    (r"bed ?time|before bed|al acostar\w*|antes de dormir", ("bed",)),
    (r"four times|4 times|cuatro veces|4 veces", ("breakfast", "lunch", "dinner", "bed")),
    (r"three times|3 times|tres veces|3 veces", ("breakfast", "lunch", "dinner")),
    (r"twice|two times|2 times|dos veces|2 veces", ("breakfast", "dinner")),
    (r"morning|breakfast|por la manana|cada manana|todas las mananas|desayuno", ("breakfast",)),
    (r"\bnoon|midday|lunch|mediodia|almuerzo", ("lunch",)),
    (r"evening|dinner|supper|por la tarde|cena\b", ("dinner",)),
    (r"\bnights?\b|por la noche|todas las noches|cada noche", ("bed",)),
)
_LATE: Final = re.compile(r"night|evening|afternoon|noche|tarde|dinner|supper")
_EARLY: Final = re.compile(r"morning|manana|breakfast")


def is_not_daily(text: str) -> bool:
    """Whether it asks for other than the same times of every day."""
    return bool(_NOT_DAILY.search(fold(text)))


def read_hours(text: str, day: Day) -> tuple[time, ...]:
    """The times that it names, ascending: "8 and 8" is morning and evening; empty: none."""
    said = _NOT_THESE.sub(" ", fold(text))
    found = {match.start(1): match for kind in (_CUE, _MARKED) for match in kind.finditer(said)}
    times: list[time] = []
    for place in sorted(found):
        at = _time_of(found[place], said, times)
        if at is not None:
            times.append(at)
    return tuple(sorted(set(times))) or _by_words(said, day)


def _by_words(said: str, day: Day) -> tuple[time, ...]:
    named = {name for pattern, names in _WORDS if re.search(pattern, said) for name in names}
    return tuple(sorted({getattr(day, name) for name in named}))


def _time_of(match: re.Match[str], said: str, before: list[time]) -> time | None:
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "")[:1]
    if hour > 23 or minute > 59:
        return None
    if half and 1 <= hour <= 12:
        return time(hour % 12 + (12 if half == "p" else 0), minute)
    if 1 <= hour <= 12:
        hour = _bare(hour, said)
        if before and time(hour, minute) <= before[-1] and hour < 12:
            hour += 12
    return time(hour, minute)


def _bare(hour: int, said: str) -> int:
    """An hour without its half of the day, by the words around it, else as people are awake."""
    late, early = bool(_LATE.search(said)), bool(_EARLY.search(said))
    if late != early:
        return hour % 12 + (12 if late else 0)
    return hour if 6 <= hour <= 12 else hour + 12
