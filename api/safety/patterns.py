"""The notation of the reviewed lexicon, and the matching of its patterns.

A pattern is written as a nurse would read it:

    chest pain          these words, one after the other
    chest .. pain       at most two other words between them; `...` at most five
    chest|heart         one of these; `go_to_sleep` is an alternative of several words
    @pain               one phrase of the list named `pain`
    #  #<90  #>103  #1-11   a number, or a number in that range
    @chest ~ @pain      both within eight words of each other, in either order, in one sentence
    hit_head & @vomiting    both in the message, within thirty words, in either order

Matching looks words up in an index and joins their places, so its time grows with the length of
the text alone: there is nothing that backtracks.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

_NEAR: Final = 8
_FAR: Final = 30
_LONGEST_SPAN: Final = 20
_GAPS: Final = {"..": 2, "...": 5}
_NUMBER: Final = re.compile(
    r"#(?:(?P<sign>[<>])(?P<bound>[\d.]+)|(?P<low>[\d.]+)-(?P<high>[\d.]+))?"
)

type Phrase = tuple[str, ...]


class PatternError(ValueError):
    """A pattern of the lexicon is not in the notation."""


class Span(NamedTuple):
    """A run of words, from `start` up to but without `end`."""

    start: int
    end: int


class Match(NamedTuple):
    """A pattern found: the words from its first to its last, and its rows one by one."""

    span: Span
    parts: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One message as canonical words, with the clause and the sentence that each stands in."""

    words: tuple[str, ...]
    clauses: tuple[int, ...]
    sentences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Element:
    """One place in a pattern: any of its phrases, or a number in its range."""

    phrases: frozenset[Phrase]
    ranges: frozenset[tuple[float, float]] = frozenset()


type Row = tuple[tuple[Element, int], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Groups that may be far from each other; in each, rows that must be near.

    A row is a run of elements, each with the number of words that may stand before it.
    """

    text: str
    groups: tuple[tuple[Row, ...], ...]
    elements: frozenset[Element]


def parse(text: str, lists: Mapping[str, Sequence[str]]) -> Pattern:
    """Read one pattern; `lists` are the named lists that `@name` may refer to.

    Raises:
        PatternError: the pattern is empty, misuses a sign or names an unknown list.
    """
    groups = tuple(
        tuple(_parse_row(row.split(), text, lists) for row in group.split("~"))
        for group in text.split("&")
    )
    elements = frozenset(element for group in groups for row in group for element, _ in row)
    return Pattern(text, groups, elements)


def _parse_row(tokens: list[str], text: str, lists: Mapping[str, Sequence[str]]) -> Row:
    if not tokens or tokens[0] in _GAPS or tokens[-1] in _GAPS:
        message = f"a word must begin and end each side of {text!r}"
        raise PatternError(message)
    found: list[tuple[Element, int]] = []
    gap = 0
    for token in tokens:
        if token in _GAPS:
            gap = _GAPS[token]
        else:
            found.append((_parse_element(token, text, lists), gap))
            gap = 0
    return tuple(found)


def _parse_element(token: str, text: str, lists: Mapping[str, Sequence[str]]) -> Element:
    phrases: set[Phrase] = set()
    ranges: set[tuple[float, float]] = set()
    for choice in token.split("|"):
        if choice.startswith("#"):
            ranges.add(_parse_range(choice, text))
        elif choice.startswith("@"):
            phrases |= _named_phrases(choice[1:], text, lists)
        else:
            phrases.add(_phrase(choice.replace("_", " "), text))
    return Element(frozenset(phrases), frozenset(ranges))


def _named_phrases(name: str, text: str, lists: Mapping[str, Sequence[str]]) -> set[Phrase]:
    if name not in lists:
        message = f"no list named {name!r}, used in {text!r}"
        raise PatternError(message)
    return {_phrase(line, f"@{name}") for line in lists[name]}


def _phrase(line: str, text: str) -> Phrase:
    phrase = tuple(line.split())
    if not phrase or not all(re.fullmatch(r"[a-z0-9]+", word) for word in phrase):
        message = f"{line!r} in {text!r} is not plain small letters"
        raise PatternError(message)
    return phrase


def _parse_range(token: str, text: str) -> tuple[float, float]:
    found = _NUMBER.fullmatch(token)
    if found is None:
        message = f"{token!r} in {text!r} is no number range"
        raise PatternError(message)
    if found["sign"] == "<":
        return 0, float(found["bound"]) - 1e-6
    if found["sign"] == ">":
        return float(found["bound"]) + 1e-6, float("inf")
    if found["low"] is not None:
        return float(found["low"]), float(found["high"])
    return 0, float("inf")


class Matcher:
    """Many patterns, compiled once, found together in one pass over a reading."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._by_anchor: dict[Element, list[Pattern]] = defaultdict(list)
        self._by_word: dict[str, list[tuple[Phrase, Element]]] = defaultdict(list)
        for pattern in patterns:
            # The element with the fewest phrases is the rarest in texts: only where it is
            # present is the pattern tried at all.
            anchor = min(pattern.elements, key=lambda element: len(element.phrases) or 1000)
            self._by_anchor[anchor].append(pattern)
        elements = {e for group in self._by_anchor.values() for p in group for e in p.elements}
        self._numbers = tuple(element for element in elements if element.ranges)
        for element in elements:
            for phrase in element.phrases:
                self._by_word[phrase[0]].append((phrase, element))

    def find(self, reading: Reading) -> list[tuple[Pattern, Match]]:
        """Return every pattern found, at every place."""
        places = self._places(reading)
        return [
            (pattern, match)
            for element in places
            for pattern in self._by_anchor.get(element, ())
            if all(other in places for other in pattern.elements)
            for match in _matches(pattern, places, reading)
        ]

    def _places(self, reading: Reading) -> dict[Element, list[Span]]:
        places: dict[Element, list[Span]] = defaultdict(list)
        for start, word in enumerate(reading.words):
            for phrase, element in self._by_word.get(word, ()):
                end = start + len(phrase)
                if len(phrase) == 1 or reading.words[start:end] == phrase:
                    places[element].append(Span(start, end))
            if word[0].isdigit():
                self._place_number(word, start, places)
        return places

    def _place_number(self, word: str, start: int, places: dict[Element, list[Span]]) -> None:
        if not word.replace(".", "", 1).isdecimal():
            return
        value = float(word)
        for element in self._numbers:
            if any(low <= value <= high for low, high in element.ranges):
                places[element].append(Span(start, start + 1))


def vocabulary(patterns: Iterable[Pattern]) -> frozenset[str]:
    """Return every word that a pattern may ask for."""
    elements = {element for pattern in patterns for element in pattern.elements}
    return frozenset(word for e in elements for phrase in e.phrases for word in phrase)


def _matches(
    pattern: Pattern, places: Mapping[Element, list[Span]], reading: Reading
) -> list[Match]:
    whole: list[Match] | None = None
    for group in pattern.groups:
        joined: list[Match] | None = None
        for row in group:
            found = [Match(span, (span,)) for span in _row_spans(row, places, reading)]
            joined = found if joined is None else _near(joined, found, reading)
        whole = joined if whole is None else _far(whole, joined or [])
    return whole or []


def _row_spans(row: Row, places: Mapping[Element, list[Span]], reading: Reading) -> list[Span]:
    partial = places[row[0][0]]
    for element, gap in row[1:]:
        following = places[element]
        starts = [span.start for span in following]
        joined: dict[Span, None] = {}
        for begun in partial:
            first = bisect_left(starts, begun.end)
            last = bisect_right(starts, begun.end + gap)
            for span in following[first:last]:
                if _share_sentence(begun, span, reading):
                    joined[Span(begun.start, span.end)] = None
        partial = list(joined)
    return partial


def _near(ones: list[Match], others: list[Match], reading: Reading) -> list[Match]:
    return [
        match
        for one, other, match in _pairs(ones, others, _NEAR)
        if _share_sentence(one, other, reading)
    ]


def _far(ones: list[Match], others: list[Match]) -> list[Match]:
    return [match for _, _, match in _pairs(ones, others, _FAR)]


def _pairs(
    ones: list[Match], others: list[Match], reach: int
) -> Iterable[tuple[Span, Span, Match]]:
    """Yield those that stand apart by at most `reach` words, and what both are together."""
    others = sorted(others)
    starts = [other.span.start for other in others]
    for one in ones:
        first = bisect_left(starts, one.span.start - reach - _LONGEST_SPAN)
        last = bisect_right(starts, one.span.end + reach)
        for other in others[first:last]:
            if _is_apart(one.span, other.span, reach):
                start = min(one.span.start, other.span.start)
                end = max(one.span.end, other.span.end)
                yield one.span, other.span, Match(Span(start, end), one.parts + other.parts)


def _is_apart(one: Span, other: Span, reach: int) -> bool:
    """Tell whether two spans share no word: one after the other, or one in a gap of the other."""
    apart = max(one.start - other.end, other.start - one.end)
    inside = one.start < other.start and other.end < one.end
    around = other.start < one.start and one.end < other.end
    return 0 <= apart <= reach or inside or around


def _share_sentence(one: Span, other: Span, reading: Reading) -> bool:
    return reading.sentences[one.start] == reading.sentences[other.start]


def is_adjacent(first: Span, second: Span) -> bool:
    """Tell whether two spans share a word."""
    return first.start < second.end and second.start < first.end
