"""The times of the day that a text asks to be reminded at. Pure.

The booking reader understands one time within office hours; here are several, at any hour.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from typing import Final

from api.core.text import fold
from api.reminders.clock_words import with_minutes
from api.reminders.timing import Day

_UNITS: Final = (
    r"mg|mcg|ml|%|times|veces|hours?|hrs?|horas?|h\b|min|days?|dias?|weeks?|semanas?|months?|meses|"
    r"pills?|pastillas?|meds?\b|medic|tab|doses?|dosis"
)
_HALF: Final = r"(?:\s*(am?\b\.?|pm?\b\.?|a\.\s?m\.?|p\.\s?m\.?))?"
_CLOCK: Final = rf"(\d{{1,2}})(?::?([0-5]\d))?(?:\s*o\s?clock)?{_HALF}(?!\d|\s*(?:{_UNITS}))"
_CUE: Final = re.compile(
    rf"(?:\b(?:for|para)\s+)?(?:\bat|\bto|\bfor|@|\blas?|\band|\by|&|,|\bset|\bit|\b(?:alert|alarm|reminder)s?)\s*(?:las?\s+)?{_CLOCK}"
)
_MARKED: Final = re.compile(
    rf"\b(?=\d{{1,2}}(?::?[0-5]\d)?(?::|\s*[ap]\.?\s?m?\b|\s*o\s?clock)){_CLOCK}"
)
_PARTS: Final = r"(?:mornings?|evenings?|afternoons?|nights?|mananas?|tardes?|noches?)"
_IN_PART: Final = rf"\s+(?:in|at|de|por|en)\s+(?:the |la )?{_PARTS}\b"
_WITH_PART: Final = re.compile(rf"(?<![\d:])(?=\d{{1,2}}(?::?[0-5]\d)?{_IN_PART}){_CLOCK}")
_BARE: Final = re.compile(rf"(?<![\d:]){_CLOCK}")
_ANY: Final = rf"(?:a\s+)?(?:las?\s+)?{_CLOCK}"
_NOT_THESE: Final = re.compile(
    rf"\b(?:instead of|rather than|not|from|en vez de|en lugar de|no)\s+(?:at\s+)?{_ANY}"
)
_THINGS: Final = r"(?:reminder|alert|pill|med|dose|one|text|tablet|message)"
# "My 8am reminder": a time that stands for what comes at it.
_NAMED_BY: Final = re.compile(
    rf"(?<!to an )(?<!to a ){_CLOCK}\s+(?:reminder|alert|one|text|message)|"
    rf"(?<!to an )(?<!to a )(\d{{1,2}})(?::?([0-5]\d))?\s*([ap])\.?\s?m?\.?\s+{_THINGS}|"
    rf"\b(?:recordatorio|aviso|pastilla|medicina|dosis|toma|el|la)\s+de\s+las?\s+{_CLOCK}"
    rf"(?:{_IN_PART})?"
)
_OTHER_DAYS: Final = re.compile(
    r"\b(?:every|cada)\s+(?:\d+|two|three|dos|tres)\b|week(?:ly|days?|ends?)|\bmonthly|semanal|mensual|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|every other|\bpause|once a (?:week|month)|"
    r"(?:per|each|every|a) (?:week|month)\b|por semana|(?:dia|noche) (?:de )?por medio|"
    r"\b(?:lunes|martes|miercoles|jueves|viernes|sabados?|domingos?)\b|un dia si"
)
_AS_NEEDED: Final = re.compile(
    r"as needed|\bprn\b|(?:when|if) (?:i|it) (?:need|hurts?|have pain)|cuando (?:la |lo |me )?"
    r"(?:necesit|duel)|si me duele|segun (?:sea )?neces"
)
_ENGLISH: Final = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_SPANISH: Final = (
    *("una", "dos", "tres", "cuatro", "cinco", "seis"),
    *("siete", "ocho", "nueve", "diez", "once", "doce"),
)
# "Once" is eleven in Spanish only.
_NUMBER_WORDS: Final = tuple(
    (re.compile(rf"(\b(?:{cues})\s+){word}\b(?!\s*(?:{_UNITS}))"), rf"\g<1>{number}")
    for cues, names in (("at|to|and", _ENGLISH), ("las?|y", _SPANISH))
    for number, word in enumerate(names, start=1)
)
_SURE: Final = (_CUE, _MARKED, _WITH_PART)
_MIDNIGHT: Final = re.compile(r"\bmidnight\b|\bmedianoche\b")
_WORDS: Final = (
    (r"bed ?time|before bed|al acostar\w*|antes de dormir", ("bed",)),
    (r"four times|4 times|cuatro veces|4 veces", ("breakfast", "lunch", "dinner", "bed")),
    (r"three times|3 times|tres veces|3 veces", ("breakfast", "lunch", "dinner")),
    (r"twice|two times|2 times|dos veces|2 veces", ("breakfast", "dinner")),
    (
        r"\bmornings?\b|breakfast|(?:por|de|en|cada|todas) (?:las? )?mananas?\b|desayuno",
        ("breakfast",),
    ),
    (r"\bnoon|midday|lunch|mediodia|almuerzo", ("lunch",)),
    (r"\bevenings?\b|dinner|supper|(?:por|de|en|cada) (?:las? )?tardes?\b|\bcena\b", ("dinner",)),
    (r"\b(?:to)?nights?\b|(?:por|de|en|cada|todas) (?:las? )?noches?\b", ("bed",)),
)
_NOT_WORDS: Final = re.compile(
    r"\b(?:instead of|rather than|not|en vez de|en lugar de|no)\s+"
    r"(?:(?:in|at|the|en|por|a|la|las)\s+)*"
    rf"(?:{'|'.join(pattern for pattern, _ in _WORDS)})"
)
_OFTEN: Final = re.compile(
    r"\b(?:(once|una vez)|(twice|two times|2 times|dos veces|2 veces)|"
    r"(three times|3 times|tres veces|3 veces)|(four times|4 times|cuatro veces|4 veces))\b"
)
# What is enough for an answer, but in a longer text is a word like any other.
_BARE_WORDS: Final = (
    (r"\bmananas?\b", ("breakfast",)),
    (r"\btardes?\b", ("dinner",)),
    (r"\bnoches?\b", ("bed",)),
)
type Names = tuple[tuple[str, tuple[str, ...]], ...]
_LATE: Final = re.compile(r"night|evening|afternoon|noche|tarde|dinner|supper")
_EARLY: Final = re.compile(r"morning|manana|breakfast")
_PART: Final = re.compile(rf"\b(?:in|at|de|por|en|cada|every|each)\s+(?:the |las? )?{_PARTS}\b")


# "My morning pill": the half of the day stands for what comes in it.
_PART_NAMED: Final = re.compile(
    rf"\b{_PARTS}\s+{_THINGS}s?\b|"
    rf"\b(?:recordatorio|aviso|pastilla|medicina|dosis|toma|el|la)\s+de\s+la\s+{_PARTS}\b"
)
# How it should move, without saying to what time.
_SHIFT: Final = re.compile(
    r"\b(?:early|earlier|late|later|soon|sooner|temprano|antes|mas tarde|despues|atrase|adelante|"
    r"(?:an|half an) hour|(?:una|media) hora)\b"
)


@dataclass(frozen=True)
class Hours:
    """Times that a text names, ascending, and what else it says.

    Attributes:
        times: to be reminded at.
        old: those that stand for what is there: "my 8am reminder", "instead of 7".
        rest: the folded text without any of them.
        late: the half of the day that stands for what is there: "my morning pill".
    """

    times: tuple[time, ...]
    old: tuple[time, ...]
    rest: str
    late: bool | None = None


def is_not_daily(text: str) -> bool:
    """Whether it asks for other than the same times of every day."""
    said = fold(text)
    return bool(_OTHER_DAYS.search(said) or _AS_NEEDED.search(said))


def is_late(at: time) -> bool | None:
    """Which half of the day a time is in; None at midday, which is neither."""
    return None if at.hour == 12 else at.hour > 12


def reads_part(text: str) -> bool | None:
    """Which half of the day a text speaks of: late, early, or neither."""
    said = fold(text)
    late, early = bool(_LATE.search(said)), bool(_EARLY.search(said))
    return late if late != early else None


def reads_often(text: str) -> int | None:
    """How often a day, where it says that and no time: "twice a day"."""
    said = fold(text)
    found = _OFTEN.search(said)
    return None if found is None or _find(said, _SURE, Day()).by_clock else found.lastindex


def read_hours(text: str, day: Day) -> tuple[time, ...]:
    """The times that it names, ascending: "8 and 8" is morning and evening; empty: none."""
    said = _NOT_WORDS.sub(" ", _NOT_THESE.sub(" ", _plain(text)))
    return _find(said, _SURE, day).times


def read_change(text: str, day: Day) -> Hours:
    """The times of a wish to have others: those that are there, and those that shall be."""
    said = _plain(text)
    named = [match for kind in (_NOT_THESE, _NAMED_BY) for match in kind.finditer(said)]
    old = [at for match in named if (at := _old(match)) is not None]
    parts = list(_PART_NAMED.finditer(said))
    late = reads_part(" ".join(match[0] for match in parts))
    refused = _NOT_WORDS.finditer(said)
    blank = _blanked(said, [match.span() for match in (*named, *parts, *refused)])
    found = _find(blank, _SURE, day, context=said)
    # "It is too late at night" names no time to come at.
    times = found.by_clock if _SHIFT.search(found.rest) else found.times
    return Hours(times, tuple(sorted(set(old))), found.rest, late)


def read_answer(text: str, day: Day) -> Hours:
    """The times of an answer to "at what time?", in which a bare number is one."""
    found = _find(_plain(text), (*_SURE, _BARE), day, more=_BARE_WORDS)
    return Hours(found.times, (), found.rest)


def _plain(text: str) -> str:
    said = with_minutes(fold(text))
    for pattern, number in _NUMBER_WORDS:
        said = pattern.sub(number, said)
    return _MIDNIGHT.sub("12am", said)


@dataclass(frozen=True)
class _Found:
    """Times by the clock, those that words stand for, and the text without either."""

    by_clock: tuple[time, ...]
    by_words: tuple[time, ...]
    rest: str

    @property
    def times(self) -> tuple[time, ...]:
        return self.by_clock or self.by_words


def _find(
    said: str,
    kinds: Iterable[re.Pattern[str]],
    day: Day,
    *,
    more: Names = (),
    context: str | None = None,
) -> _Found:
    """`context`: the words that tell morning from evening where those beside a time do not."""
    found: dict[int, re.Match[str]] = {}
    for kind in kinds:
        for match in kind.finditer(said):
            found.setdefault(match.start(1), match)
    times: list[time] = []
    for place, following in pairwise([*sorted(found), len(said)]):
        near = said[found[place].end() : following]
        at = _time_of(found[place], near, context or said, times)
        if at is not None:
            times.append(at)
    rest = _blanked(said, [match.span() for match in found.values()])
    by_words = _by_words(rest, day, (*_WORDS, *more))
    return _Found(tuple(sorted(set(times))), by_words, _without_words(rest, more))


def _without_words(said: str, more: Names) -> str:
    for pattern in (_PART.pattern, *(pattern for pattern, _ in (*_WORDS, *more))):
        said = re.sub(pattern, " ", said)
    return said


def _blanked(said: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        said = said[:start] + " " * (end - start) + said[end:]
    return said


def _by_words(said: str, day: Day, known: Names) -> tuple[time, ...]:
    named = {name for pattern, names in known if re.search(pattern, said) for name in names}
    return tuple(sorted({getattr(day, name) for name in named}))


def _old(match: re.Match[str]) -> time | None:
    """A named time; which of the groups holds it depends on the language."""
    hour, minute, half = next(
        (each for each in zip(*[iter(match.groups())] * 3, strict=True) if each[0]), ("", "", "")
    )
    return _as_time(hour, minute, half, match[0]) if hour else None


def _time_of(match: re.Match[str], near: str, said: str, before: list[time]) -> time | None:
    """`near`: the words up to the next time, which say its half of the day before all others."""
    is_told = bool(_LATE.search(near)) != bool(_EARLY.search(near))
    at = _as_time(match[1], match[2], match[3], near if is_told else said)
    is_bare = not match[3] and not is_told
    if at is not None and is_bare and before and at <= before[-1] and 1 <= at.hour < 12:
        return at.replace(hour=at.hour + 12)
    return at


def _as_time(hour_: str, minute_: str | None, half_: str | None, said: str) -> time | None:
    hour, minute, half = int(hour_), int(minute_ or 0), (half_ or "")[:1]
    if hour > 23:
        return None
    if half and 1 <= hour <= 12:
        return time(hour % 12 + (12 if half == "p" else 0), minute)
    return time(_bare(hour, said) if 1 <= hour <= 12 else hour, minute)


def _bare(hour: int, said: str) -> int:
    """An hour without its half of the day, by the words around it, else as people are awake."""
    late, early = bool(_LATE.search(said)), bool(_EARLY.search(said))
    if late != early:
        if hour == 12:
            return 0 if re.search("night|noche", said) else 12
        return hour + (12 if late else 0)
    return hour if 6 <= hour <= 12 else hour + 12
