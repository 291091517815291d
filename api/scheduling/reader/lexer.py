"""Owns cutting a message into words, marks and the many ways to write numbers, dates and clocks."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a piece of text looks like before anybody asks what it means."""

    PHONE = "phone"
    ISO = "iso"
    TRIPLE = "triple"
    PAIR = "pair"
    CLOCK = "clock"
    HOURS = "hours"
    ORDINAL = "ordinal"
    DECIMAL = "decimal"
    NUMBER = "number"
    WORD = "word"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of text; `meridiem` is "a", "p" or empty."""

    kind: Kind
    text: str
    meridiem: str = ""


_TOKEN = re.compile(
    r"""
      (?P<word>2(?=mor|moz|day|nite|night)[a-z]+|[a-z]+(?:'[a-z]+)*)
    | (?P<phone>\+?(?:\d[-. ])?\(?(?<!\d)\d{3}\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?!\d)
               |(?<![\d-])\d{3}-\d{4}(?![\d-])|\+?\d{7,})
    | (?P<iso>\d{4}[-/]\d{1,2}[-/]\d{1,2}(?!\d))
    | (?P<triple>\d{1,2}[ ]?(?P<sep>[/.-])[ ]?\d{1,2}[ ]?(?P=sep)[ ]?(?:\d{4}|\d{2})(?!\d))
    | (?P<pair>\d{1,6}[ ]?/[ ]?\d{1,6})
    | (?P<clock>\d{1,2}[:h]\d{2}(?!\d)(?::\d{2}(?!\d))?)
    | (?P<hours>\d{1,2}[ ]?h(?:rs?)?(?![a-z0-9]))
    | (?P<ordinal>\d{1,2}(?:st|nd|rd|th|ro|ero|er|º|°)(?![a-z]))
    | (?P<decimal>\d+[.,]\d+)
    | (?P<number>\d+)
    | (?P<mark>[,.;:!?()@&%$\n"'-])
    """,
    re.VERBOSE | re.ASCII,
)
_MERIDIEM = re.compile(r" ?([ap])\.? ?m(?![a-z])\.?|([ap])(?![a-z'])\.?|ish ?([ap])m?(?![a-z])")
# Typed by phones: curly quotes, accents used as quotes, en and em dashes.
_QUOTES = {
    **dict.fromkeys((0x2018, 0x2019, 0xB4, 0x60), "'"),
    **dict.fromkeys((0x201C, 0x201D), '"'),
    **dict.fromkeys((0x2013, 0x2014), "-"),
}
_JOINED = (
    (re.compile(r"(?<![a-z'])([ap])\.? ?m(?![a-z'])\.?"), r"\1m"),
    (re.compile(r"\bo[\"' ]?\s?clock\b"), " oclock"),
    (re.compile(r"(?<=\d)t(?=\d\d:)"), " "),
)
_MAY_TAKE_MERIDIEM = frozenset({Kind.CLOCK, Kind.NUMBER, Kind.DECIMAL, Kind.HOURS})


def normalise(text: str) -> str:
    """Give the message in lower case without accents, with single spaces and plain quotes."""
    folded = unicodedata.normalize("NFKD", text.translate(_QUOTES).lower())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    plain = re.sub(r"[^\S\n]+", " ", plain).strip()
    for pattern, replacement in _JOINED:
        plain = pattern.sub(replacement, plain)
    return plain


def tokens(text: str) -> Iterator[Token]:
    """Yield the pieces of a normalised message in order; what is no piece is passed over."""
    position = 0
    while found := _TOKEN.search(text, position):
        position = found.end()
        kind = Kind(found.lastgroup or "")
        if kind not in _MAY_TAKE_MERIDIEM:
            yield Token(kind, found.group())
            continue
        meridiem = _MERIDIEM.match(text, position)
        if meridiem is None or not _is_hour(found.group()):
            yield Token(kind, found.group())
            continue
        position = meridiem.end()
        yield Token(Kind.CLOCK, found.group(), meridiem.group(meridiem.lastindex or 1))


def _is_hour(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    hour = digits if len(digits) <= 2 else digits[:-2]
    return len(digits) <= 4 and int(hour) <= 23
