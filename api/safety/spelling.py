"""How patients spell: a text read as canonical words, through shorthand and slips of the thumb."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from api.core.text import fold
from api.safety.patterns import Reading

# A short word changed by one letter is too often another word (pain, main, paid). From these
# lengths on, one slip, then two, still point to the word that was meant.
_ONE_SLIP_FROM: Final = 5
_TWO_SLIPS_FROM: Final = 9
_JOINED_FROM: Final = 7
_MOST_MEANINGS: Final = 3

_TOKEN: Final = re.compile(r"\d+\.\d+|[^\W_]+|\.{2,}|\s-+\s|[^\w\s-]|…")
_DIGITS_OR_LETTERS: Final = re.compile(r"\d+|\D+")
_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")
_DIGIT_LETTERS: Final = str.maketrans("0134578", "oieastb")
_SENTENCE_ENDS: Final = frozenset(".!?;")
_CLAUSE_ENDS: Final = frozenset({",", ":", "(", ")", "/", "…", "—", "–"})  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Spelling:
    """The reviewed tables behind the reading of a text.

    `shorthand` maps one written token to the words it stands for, `merges` two neighbouring words
    to the words they mean together. `real_words` are never taken for a slip of another word.
    `turns` are the words that open a new clause ("but").
    """

    shorthand: Mapping[str, tuple[str, ...]]
    merges: Mapping[tuple[str, str], tuple[str, ...]]
    real_words: frozenset[str]
    turns: frozenset[str]


class Speller:
    """Reads texts against the vocabulary of the lexicon."""

    def __init__(
        self, spelling: Spelling, *, vocabulary: frozenset[str], targets: frozenset[str]
    ) -> None:
        """Know every word of `vocabulary`; only those in `targets` are looked for behind slips."""
        self._spelling = spelling
        self._vocabulary = vocabulary
        self._known = vocabulary | spelling.real_words
        self._slips: dict[str, set[str]] = defaultdict(set)
        for word in sorted(targets):
            for slip in _slips_of(word):
                self._slips[slip].add(word)

    def read(self, text: str) -> tuple[Reading, ...]:
        """Return what the text may say: mostly one reading, more where a slip has several."""
        tokens = _TOKEN.findall(fold(text))
        meanings = [self._meanings_of(token) for token in tokens]
        count = max(map(len, meanings), default=1)
        return tuple(self._reading(tokens, meanings, rank) for rank in range(max(count, 1)))

    def _reading(
        self, tokens: list[str], meanings: list[tuple[tuple[str, ...], ...]], rank: int
    ) -> Reading:
        words: list[str] = []
        clauses: list[int] = []
        sentences: list[int] = []
        clause = sentence = 0
        for token, choices in zip(tokens, meanings, strict=True):
            said = choices[min(rank, len(choices) - 1)]
            clause += bool(_ends_clause(token) or (said and said[0] in self._spelling.turns))
            sentence += token in _SENTENCE_ENDS
            words += said
            clauses += [clause] * len(said)
            sentences += [sentence] * len(said)
        return self._merged(words, clauses, sentences)

    def _meanings_of(self, token: str) -> tuple[tuple[str, ...], ...]:
        """Return the words that a token may stand for, the likeliest first."""
        if token in self._spelling.shorthand:
            return (self._spelling.shorthand[token],)
        if not token[0].isalnum():
            return ((),)
        if token in self._known or token.isdecimal() or "." in token:
            return ((token,),)
        return self._corrected(token)

    def _corrected(self, token: str) -> tuple[tuple[str, ...], ...]:
        if any(char.isdigit() for char in token):
            return (self._without_digits(token),)
        for letters in (r"\1\1", r"\1"):
            shorter = _DRAWN_OUT.sub(letters, token)
            if shorter != token and (said := self._listed(shorter)):
                return (said,)
        return self._nearest(_DRAWN_OUT.sub(r"\1", token))

    def _without_digits(self, token: str) -> tuple[str, ...]:
        disguised = token.translate(_DIGIT_LETTERS)
        if disguised.isalpha() and disguised in self._vocabulary:
            return (disguised,)
        parts = _DIGITS_OR_LETTERS.findall(token)
        return tuple(word for part in parts for word in self._meanings_of(part)[0])

    def _listed(self, word: str) -> tuple[str, ...]:
        if word in self._spelling.shorthand:
            return self._spelling.shorthand[word]
        return (word,) if word in self._known else ()

    def _nearest(self, word: str) -> tuple[tuple[str, ...], ...]:
        meant = {candidate for slip in _slips_of(word) for candidate in self._slips.get(slip, ())}
        ranked = sorted(
            (distance, -len(one), one)
            for one in meant
            if _begin_alike(word, one) and (distance := _distance(word, one)) <= _allowed(one)
        )
        # A letter left out is commoner than one too many, so the longer word comes first.
        best = [one for distance, _, one in ranked if distance == ranked[0][0]]
        return tuple((one,) for one in best[:_MOST_MEANINGS]) or (self._parted(word),)

    def _parted(self, word: str) -> tuple[str, ...]:
        """Return two known words written as one ("chestpain"), or the word as it is."""
        if len(word) >= _JOINED_FROM:
            for cut in range(3, len(word) - 3):
                first, second = word[:cut], word[cut:]
                if first in self._vocabulary and second in self._vocabulary:
                    return (first, second)
        return (word,)

    def _merged(self, words: list[str], clauses: list[int], sentences: list[int]) -> Reading:
        merges = self._spelling.merges
        kept: list[tuple[str, int, int]] = []
        for word, clause, sentence in zip(words, clauses, sentences, strict=True):
            pair = (kept[-1][0], word) if kept and kept[-1][2] == sentence else ("", "")
            if pair in merges:
                kept.pop()
                kept.extend((one, clause, sentence) for one in merges[pair])
            else:
                kept.append((word, clause, sentence))
        return Reading(
            tuple(one[0] for one in kept),
            tuple(one[1] for one in kept),
            tuple(one[2] for one in kept),
        )


def _ends_clause(token: str) -> bool:
    return (
        token in _SENTENCE_ENDS
        or token in _CLAUSE_ENDS
        or token.startswith("..")
        or token.strip().startswith("-")
    )


def _allowed(word: str) -> int:
    if len(word) >= _TWO_SLIPS_FROM:
        return 2
    return 1 if len(word) >= _ONE_SLIP_FROM else 0


def _slips_of(word: str) -> Iterable[str]:
    """Return the word with up to two letters missing: what two slips of it have in common."""
    if not _ONE_SLIP_FROM - 1 <= len(word) <= 24:
        return {word}
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    if len(word) < _TWO_SLIPS_FROM - 2:
        return once | {word}
    return once | {word} | {one[:i] + one[i + 1 :] for one in once for i in range(len(one))}


def _begin_alike(word: str, meant: str) -> bool:
    return word[0] == meant[0] or word[:2] == meant[1::-1]


def _distance(one: str, other: str) -> int:
    """Return the letters added, left out, changed or swapped between two words (3 = more)."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, (previous, char) in enumerate(pairwise(" " + one)):
        before, last, row = row, before, [i + 1]
        for j, wanted in enumerate(other):
            cost = min(before[j + 1] + 1, row[j] + 1, before[j] + (char != wanted))
            if i and j and char == other[j - 1] and previous == wanted:
                cost = min(cost, last[j - 1] + 1)
            row.append(cost)
    return row[-1]
