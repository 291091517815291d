"""The decision: does this text need help now, one question, or nothing.

High recall wins. A red flag is only lowered by a narrow pattern in its own clause or sentence;
negation learned from clinical notes is not used, because it reads "I can't breathe" and "no relief
from the headache" as negated. Whatever is lowered is asked about, except a plain "no chest pain"
and figures of speech.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from api.safety.lexicon import Context, Level, Lexicon, Sign
from api.safety.patterns import Reading, Span, is_adjacent

_GRAVITY: Final = {Level.CRISIS: 3, Level.EMERGENCY: 2, Level.URGENT: 1, Level.NONE: 0}
# "no [fever or any new] chest pain": words between the negation and what it negates.
_NEGATION_REACH: Final = 4
_CONTEXT_REACH: Final = 8
_TODAY_REACH: Final = 3
_LONGEST_CONTEXT: Final = 12
_BESIDE: Final = 2
_GONE_REACH: Final = 5
_DOUBT_REACH: Final = 2
_FILLER: Final = frozenset(
    {"really", "even", "actually", "ever", "currently", "feeling", "any", "the", "a", "in", "at"}
    | {"going", "to", "all", "so", "very", "having", "have", "feel", "trying", "at", "el", "la"}
)
_JOINS: Final = frozenset({"and", "y", "e", "plus", "also", "pero", "ni"})

__all__ = ["Finding", "Level", "scan"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a text calls for.

    `ask` means: not an alarm yet; ask the one question ("Are you having this now?") and treat a
    yes, or no clear answer, as an alarm of `level`.
    """

    level: Level
    rule: str | None
    ask: bool


class _Flag(NamedTuple):
    """A sign found, the words that it covers, and the parts of it that a "no" may stand before."""

    sign: Sign
    span: Span
    parts: tuple[Span, ...]


class _Standing(IntEnum):
    """How much a red flag counts where it stands."""

    NOTHING = 0
    QUESTION = 1
    ALARM = 2


type _Contexts = dict[Context, list[Span]]


def scan(text: str, lexicon: Lexicon) -> Finding:
    """Return the gravest thing that the text says.

    A certain alarm comes before a question, and among equals the graver level first. What is said
    of another person counts like what is said of oneself. A later "just kidding" clears nothing.

    Source: the ground of each rule stands beside it in the lexicon. What may lower one follows
    from the measured failures of negation libraries on patients' messages.
    """
    said = [one for reading in lexicon.speller.read(text) for one in _weigh(reading, lexicon)]
    if not said:
        return Finding(Level.NONE, None, ask=False)
    standing, flag = max(said, key=_weight)
    return Finding(flag.sign.level, flag.sign.rule.id, ask=standing is _Standing.QUESTION)


def _weigh(reading: Reading, lexicon: Lexicon) -> list[tuple[_Standing, _Flag]]:
    flags, contexts = _found(reading, lexicon)
    weighed = [(_standing(flag, contexts, reading), flag) for flag in flags]
    return [one for one in weighed if one[0] is not _Standing.NOTHING]


def _weight(one: tuple[_Standing, _Flag]) -> tuple[int, int, int]:
    """Order by certainty, then by gravity; the first rule in the lexicon gives its name."""
    standing, flag = one
    return standing, _GRAVITY[flag.sign.level], -flag.sign.order


def _found(reading: Reading, lexicon: Lexicon) -> tuple[list[_Flag], _Contexts]:
    flags: list[_Flag] = []
    contexts: _Contexts = {context: [] for context in Context}
    for pattern, match in lexicon.matcher.find(reading):
        flags += [_Flag(sign, *match) for sign in lexicon.signs.get(pattern, ())]
        for context in lexicon.contexts.get(pattern, ()):
            contexts[context].append(match.span)
    for spans in contexts.values():
        spans.sort()
    # "It is fine now" does not say that anything lasts.
    gone = contexts[Context.GONE]
    contexts[Context.NOW] = [now for now in contexts[Context.NOW] if not _touches(now, gone)]
    return flags, contexts


def _standing(flag: _Flag, contexts: _Contexts, reading: Reading) -> _Standing:
    if _touches(flag.span, contexts[Context.IDIOM]):
        return _Standing.NOTHING
    negated = min(_negated(part, contexts, reading) for part in flag.parts)
    if negated is _Standing.NOTHING and flag.sign.level is Level.CRISIS:
        return _Standing.QUESTION  # "I don't want to die" may be said in danger of it.
    if negated is not _Standing.ALARM:
        return negated
    return _Standing.QUESTION if _is_asked_about(flag, contexts, reading) else _Standing.ALARM


def _is_asked_about(flag: _Flag, contexts: _Contexts, reading: Reading) -> bool:
    return (
        flag.sign.maybe
        or _touches(flag.span, contexts[Context.FIGURE])
        or _is_past(flag, contexts, reading)
        or (flag.sign.rule.supposed and _is_lowered(flag.span, Context.SUPPOSED, contexts, reading))
        or (flag.sign.rule.fades and _is_gone(flag.span, contexts, reading))
    )


def _around(span: Span, others: Sequence[Span], reach: int) -> Sequence[Span]:
    """Return the part of the sorted spans that can stand within `reach` words of the span."""
    first = bisect_left(others, (span.start - reach - _LONGEST_CONTEXT,))
    return others[first : bisect_right(others, (span.end + reach + 1,))]


def _touches(span: Span, others: Sequence[Span]) -> bool:
    return any(is_adjacent(span, other) for other in _around(span, others, 0))


def _negated(span: Span, contexts: _Contexts, reading: Reading) -> _Standing:
    """Return NOTHING for a plain "no <symptom>", QUESTION for a list, ALARM when not negated."""
    near = _around(span, contexts[Context.VERB_NEGATION], _NEGATION_REACH)
    far = _around(span, contexts[Context.NEGATION], _NEGATION_REACH)
    if any(span.start <= one.start <= span.start + 1 < span.end for one in (*near, *far)):
        return _Standing.ALARM  # The "no" is part of the sign itself: "not waking up".
    near = [one for one in near if _reaches_through_filler(one, span, reading)]
    standings = (_negated_by(one, span, contexts, reading) for one in (*near, *far))
    return min(standings, default=_Standing.ALARM)


def _negated_by(negation: Span, span: Span, contexts: _Contexts, reading: Reading) -> _Standing:
    between = range(negation.end, span.start)
    reaches = negation.end <= span.start <= negation.end + _NEGATION_REACH
    if not reaches or reading.sentences[negation.start] != reading.sentences[span.start]:
        return _Standing.ALARM
    if _is_doubtful(negation, span, contexts, reading):
        return _Standing.ALARM
    if reading.clauses[negation.start] == reading.clauses[span.start]:
        joined = any(reading.words[i] in _JOINS for i in between)
        return _Standing.QUESTION if joined else _Standing.NOTHING
    # "no fever, chest pain": a list, or a new thought? But "no, chest pain" is a statement.
    listed = between and reading.clauses[between[0]] == reading.clauses[negation.start]
    return _Standing.QUESTION if listed else _Standing.ALARM


def _reaches_through_filler(negation: Span, span: Span, reading: Reading) -> bool:
    """Tell whether only filler stands between: "don't [really] want to die"."""
    if not negation.end <= span.start <= negation.end + _NEGATION_REACH:
        return False
    return all(word in _FILLER for word in reading.words[negation.end : span.start])


def _is_doubtful(negation: Span, span: Span, contexts: _Contexts, reading: Reading) -> bool:
    """Tell whether the clause holds words that make the negation mean something else."""
    clauses = {reading.clauses[negation.start], reading.clauses[span.start]}
    for doubt in _around(span, contexts[Context.DOUBT], _CONTEXT_REACH):
        is_before = doubt.start < span.end + _DOUBT_REACH and not is_adjacent(doubt, negation)
        if is_before and reading.clauses[doubt.start] in clauses:
            return True
    between = Span(negation.end, span.start)
    return between.start < between.end and _touches(between, contexts[Context.ASSERTION])


def _is_past(flag: _Flag, contexts: _Contexts, reading: Reading) -> bool:
    """Tell whether the flag is of another year, and told as something that was.

    "Chest pain, I had a bypass last year" is not; a crisis only where the telling says so.
    """
    told = _is_told(flag.span, contexts)
    beside = any(
        _distance(past, flag.span) <= _BESIDE
        for past in _around(flag.span, contexts[Context.PAST], 2)
    )
    if not told and (flag.sign.level is Level.CRISIS or not beside):
        return False
    return _is_lowered(flag.span, Context.PAST, contexts, reading)


def _is_told(span: Span, contexts: _Contexts) -> bool:
    return any(
        -3 <= told.start - span.start < len(span)
        for told in _around(span, contexts[Context.TOLD], 3)
    )


def _is_lowered(span: Span, context: Context, contexts: _Contexts, reading: Reading) -> bool:
    """Tell whether the context stands near, and nothing says that the flag is of this moment."""
    near = [
        one
        for one in _around(span, contexts[context], _CONTEXT_REACH)
        if reading.sentences[one.start] == reading.sentences[span.start]
        and _distance(one, span) <= _CONTEXT_REACH
    ]
    if not near or contexts[Context.NOW]:
        return False
    if any(
        _distance(one, span) <= _TODAY_REACH for one in _around(span, contexts[Context.TODAY], 3)
    ):
        return False
    present = _presents(span, contexts)
    return any(all(_governs(one, verb, span) for verb in present) for one in near)


def _presents(span: Span, contexts: _Contexts) -> list[Span]:
    """Return what says that the flag is there: "she has ___" before it, "hurts" inside it."""
    present = _around(span, contexts[Context.PRESENT], 1)
    lasting = _around(span, contexts[Context.LASTING], 0)
    before = [one for one in present if span.start - 1 <= one.end <= span.start]
    inside = [one for one in lasting if span.start <= one.start < span.end]
    return before + inside


def _governs(context: Span, verb: Span, span: Span) -> bool:
    """Tell whether the context opens what the verb says: "what if | I have", "if | my chest hurts".

    "I have chest pain, is that a side effect" is not governed: there the verb comes first.
    """
    return context.start <= verb.start and (
        verb.start - context.end <= 1 or 0 <= span.start - context.end <= 1
    )


def _is_gone(span: Span, contexts: _Contexts, reading: Reading) -> bool:
    if contexts[Context.RETURNED]:
        return False
    return any(
        reading.sentences[gone.start] == reading.sentences[span.start]
        and _distance(gone, span) <= _GONE_REACH
        and not is_adjacent(gone, span)
        for gone in _around(span, contexts[Context.GONE], _GONE_REACH)
    )


def _distance(one: Span, other: Span) -> int:
    """Return the number of words between two spans; 0 when they touch or overlap."""
    return max(one.start - other.end, other.start - one.end, 0)
