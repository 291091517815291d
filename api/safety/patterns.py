"""The notation of the reviewed lexicon, and the matching of its patterns.

A pattern is written as a nurse would read it:

    chest pain          these words, one after the other
    chest .. pain       at most two other words between them; `...` at most five
    chest|heart         one of these; `go_to_sleep` is an alternative of several words
    @pain               one phrase of the list named `pain`
    #  #<90  #>103  #1-11   a number, or a number in that range
    @chest ~ @pain      both within six words of each other, in either order, in one sentence
    head_injury & @vomiting   both in the message, within thirty words, in either order

Matching looks words up in an index and joins their places, so its time grows with the length of
the text alone: there is nothing that backtracks.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

_NEAR: Final = 6
_FAR: Final = 30
_GAPS: Final = {"..": 2, "...": 5}
_NUMBER: Final = re.compile(r"#(?:(?P<sign>[<>])(?P<bound>[\d.]+)|(?P<low>[\d.]+)-(?P<high>[\d.]+))?")

type Phrase = tuple[str, ...]


class PatternError(ValueError):
    """A pattern of the lexicon is not in the notation."""


class Span(NamedTuple):
    """A run of words, from `start` up to but without `end`."""

    start: int
    end: int


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
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sequences of (element, gap before it), near each other or anywhere in the message."""

    text: str
    sequences: tuple[tuple[tuple[Element, int], ...], ...]
    reach: int
    in_one_sentence: bool

    @property
    def elements(self) -> frozenset[Element]:
        """Every element that must be present."""
        return frozenset(element for sequence in self.sequences for element, _ in sequence)


def parse(text: str, lists: Mapping[str, Sequence[str]]) -> Pattern:
    """Read one pattern; `lists` are the named lists that `@name` may refer to.

    Raises:
        PatternError: the pattern is empty, misuses a sign or names an unknown list.
    """
    if "~" in text and "&" in text:
        raise PatternError(f"use either ~ or & in {text!r}")
    parts = re.split(r"[~&]", text)
    sequences = tuple(_parse_sequence(part.split(), text, lists) for part in parts)
    far = "&" in text
    return Pattern(text, sequences, _FAR if far else _NEAR, in_one_sentence=not far)


def _parse_sequence(
    tokens: list[str], text: str, lists: Mapping[str, Sequence[str]]
) -> tuple[tuple[Element, int], ...]:
    if not tokens or tokens[0] in _GAPS or tokens[-1] in _GAPS:
        raise PatternError(f"a word must begin and end each side of {text!r}")
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
    if token.startswith("#"):
        return _parse_number(token, text)
    phrases: set[Phrase] = set()
    for choice in token.split("|"):
        if choice.startswith("@"):
            phrases |= _named_phrases(choice[1:], text, lists)
        else:
            phrases.add(_phrase(choice.replace("_", " "), text))
    return Element(frozenset(phrases))


def _named_phrases(name: str, text: str, lists: Mapping[str, Sequence[str]]) -> set[Phrase]:
    if name not in lists:
        raise PatternError(f"no list named {name!r}, used in {text!r}")
    return {_phrase(line, f"@{name}") for line in lists[name]}


def _phrase(line: str, text: str) -> Phrase:
    phrase = tuple(line.split())
    if not phrase or not all(re.fullmatch(r"[a-z0-9]+", word) for word in phrase):
        raise PatternError(f"{line!r} in {text!r} is not plain small letters")
    return phrase


def _parse_number(token: str, text: str) -> Element:
    found = _NUMBER.fullmatch(token)
    if found is None:
        raise PatternError(f"{token!r} in {text!r} is no number range")
    if found["sign"] == "<":
        return Element(frozenset(), 0, float(found["bound"]) - 1e-6)
    if found["sign"] == ">":
        return Element(frozenset(), float(found["bound"]) + 1e-6, float("inf"))
    if found["low"] is not None:
        return Element(frozenset(), float(found["low"]), float(found["high"]))
    return Element(frozenset(), 0, float("inf"))


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
        self._numbers = tuple(element for element in elements if element.low is not None)
        for element in elements:
            for phrase in element.phrases:
                self._by_word[phrase[0]].append((phrase, element))

    def find(self, reading: Reading) -> list[tuple[Pattern, Span]]:
        """Return every pattern found with the words it covers."""
        places = self._places(reading)
        return [
            (pattern, span)
            for element in places
            for pattern in self._by_anchor.get(element, ())
            if all(other in places for other in pattern.elements)
            for span in _spans(pattern, places, reading)
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
        value = float(word) if word.replace(".", "", 1).isdecimal() else None
        for element in self._numbers:
            if value is not None and (element.low or 0) <= value <= (element.high or 0):
                places[element].append(Span(start, start + 1))


def vocabulary(patterns: Iterable[Pattern]) -> frozenset[str]:
    """Return every word that a pattern may ask for."""
    elements = {element for pattern in patterns for element in pattern.elements}
    return frozenset(word for e in elements for phrase in e.phrases for word in phrase)


def _spans(
    pattern: Pattern, places: Mapping[Element, list[Span]], reading: Reading
) -> Iterable[Span]:
    found = [_sequence_spans(sequence, places, reading) for sequence in pattern.sequences]
    joined = found[0]
    for others in found[1:]:
        joined = _near(joined, others, pattern, reading)
    return joined


def _sequence_spans(
    sequence: tuple[tuple[Element, int], ...],
    places: Mapping[Element, list[Span]],
    reading: Reading,
) -> list[Span]:
    partial = places[sequence[0][0]]
    for element, gap in sequence[1:]:
        following = places[element]
        starts = [span.start for span in following]
        joined: dict[Span, None] = {}
        for begun in partial:
            first = bisect_left(starts, begun.end)
            last = bisect_right(starts, begun.end + gap)
            for span in following[first:last]:
                if reading.sentences[begun.end - 1] == reading.sentences[span.start]:
                    joined[Span(begun.start, span.end)] = None
        partial = list(joined)
    return partial


def _near(
    ones: list[Span], others: list[Span], pattern: Pattern, reading: Reading
) -> list[Span]:
    others = sorted(others)
    starts = [span.start for span in others]
    joined: dict[Span, None] = {}
    for one in ones:
        first = bisect_left(starts, one.start - pattern.reach - 8)
        last = bisect_right(starts, one.end + pattern.reach)
        for other in others[first:last]:
            if _are_near(one, other, pattern, reading):
                joined[Span(min(one.start, other.start), max(one.end, other.end))] = None
    return list(joined)


def _are_near(one: Span, other: Span, pattern: Pattern, reading: Reading) -> bool:
    early, late = (one, other) if one.start <= other.start else (other, one)
    if not 0 <= late.start - early.end <= pattern.reach:
        return False
    same = reading.sentences[early.start] == reading.sentences[late.start]
    return same or not pattern.in_one_sentence


def is_adjacent(first: Span, second: Span) -> bool:
    """Tell whether two spans share a word."""
    return first.start < second.end and second.start < first.end


__all__ = [
    "Element",
    "Matcher",
    "Pattern",
    "PatternError",
    "Reading",
    "Span",
    "is_adjacent",
    "pairwise",
    "parse",
    "vocabulary",
]
