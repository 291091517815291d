"""Owns what the words around an item do to it: refused, past, corrected, bounded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from api.scheduling.reader.items import (
    Bound,
    ClockItem,
    DayItem,
    Found,
    HoursItem,
    MomentItem,
    PartItem,
)

_BREAKS = frozenset({",", ".", "but", "req", "corr"})
_JOINTS = frozenset({"or", "and", "the", "on", "at", "in", "of", "for", "an"})
_NEGATION_REACH = 5  # words between "can't" and the day it refuses
_AFTERWARDS = {"orlater": Bound.FROM, "orbefore": Bound.BY}
_MOST_ITEMS = 40  # nobody asks for more in one message; it keeps long texts cheap
_TIMES = (ClockItem, HoursItem, PartItem)


class Stance(StrEnum):
    """What the patient says about an item."""

    WANTED = "wanted"
    REFUSED = "refused"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Placed:
    """An item with the words before it, its stance and its bound."""

    found: Found
    before: tuple[str, ...]
    stance: Stance = Stance.WANTED
    bound: Bound | None = None
    also: bool = False

    @property
    def alternative(self) -> bool:
        """Say whether it is one of several that were offered."""
        return "or" in self.before


def place(symbols: str, found: Sequence[Found]) -> list[Placed]:
    """Give the items in order with what the words around them do to them."""
    ordered = sorted(found, key=lambda item: item.start)[:_MOST_ITEMS]
    gaps = _gaps(symbols, ordered)
    placed: list[Placed] = []
    for i, item in enumerate(ordered):
        if gaps[i + 1][:1] == ("instead",):
            gaps[i] = (*gaps[i], "corr")
        previous = placed[-1] if placed else None
        stance = _stance(gaps[i], previous)
        if _tells_of_illness(item, gaps[i], gaps[i + 1]):
            stance = Stance.PAST
        if stance is Stance.WANTED and _refused_after(gaps[i + 1], last=i + 1 == len(ordered)):
            stance = Stance.REFUSED
            _refuse_joined(placed, gaps[i])
        bound = _AFTERWARDS.get("".join(gaps[i + 1][:1])) or _bound(gaps[i])
        placed.append(Placed(item, gaps[i], stance, bound, "also" in gaps[i + 1]))
    return _corrected(placed, moving="mv" in symbols.split())


def _tells_of_illness(item: Found, before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    """Say whether it is since when, or at what part of the day, something hurts."""
    if _bound(before) is Bound.FROM:
        return "suffer" in (*before, *after)
    return isinstance(item.item, PartItem) and "suffer" in _last_clause(before)


def _gaps(symbols: str, found: Sequence[Found]) -> list[tuple[str, ...]]:
    edges = [0, *(edge for item in found for edge in (item.start, item.end)), len(symbols)]
    return [tuple(symbols[edges[i] : edges[i + 1]].split()) for i in range(0, len(edges), 2)]


def _last_clause(words: tuple[str, ...]) -> tuple[str, ...]:
    breaks = [i for i, word in enumerate(words) if word in _BREAKS]
    return words[breaks[-1] + 1 :] if breaks else words


def _stance(before: tuple[str, ...], previous: Placed | None) -> Stance:
    clause = _last_clause(before)
    if "pv" in clause or "since" in clause[-2:]:
        return Stance.PAST
    if "neg" in clause[-_NEGATION_REACH:]:
        return Stance.WANTED if _answers_no(before, clause) else Stance.REFUSED
    if previous and clause == before and set(clause) <= _JOINTS:
        # "not in the morning on thursday" refuses the morning, not the thursday.
        part_only = isinstance(previous.found.item, PartItem) and not {"or", "and"} & set(clause)
        return Stance.WANTED if part_only else previous.stance
    return Stance.WANTED


def _answers_no(before: tuple[str, ...], clause: tuple[str, ...]) -> bool:
    """Say whether "no" only turns down what was offered: "no thursday is better" is not covered."""
    return clause == ("neg",) and before[-2:-1] == ("corr",)


def _refused_after(after: tuple[str, ...], *, last: bool) -> bool:
    """Say whether "mondays don't work" follows; a "not" that leads to the next item is not ours."""
    stop = next((i for i, w in enumerate(after) if w in _BREAKS or w == "or"), len(after))
    own = after[:stop]
    if "neg" not in own:
        return False
    leads_on = not last and stop == len(after) and set(own[own.index("neg") + 1 :]) <= _JOINTS
    return not leads_on


def _refuse_joined(placed: list[Placed], gap: tuple[str, ...]) -> None:
    while placed and set(gap) <= _JOINTS and placed[-1].stance is Stance.WANTED:
        gap = placed[-1].before
        placed.append(replace(placed.pop(), stance=Stance.REFUSED))
        if len(placed) == 1 or "or" not in gap:
            return


def _bound(before: tuple[str, ...]) -> Bound | None:
    words = [word for word in before[-3:] if word not in {"the", "on", "at", "in"}]
    return Bound(words[-1]) if words and words[-1] in set(Bound) else None


def _corrected(placed: list[Placed], *, moving: bool) -> list[Placed]:
    """Drop what a later word took back: "tuesday, no wait, wednesday"; "from monday to friday"."""
    kept: list[Placed] = []
    for i, item in enumerate(placed):
        if _tells_what_is(item, placed[i + 1 :]):
            continue
        if "corr" in item.before and item.stance is Stance.WANTED:
            kept = [k for k in kept if not (moving or _same_kind(k, item)) or _refused(k)]
        elif (
            "but" in item.before
            and not item.also
            and item.stance is Stance.WANTED
            and _is_day(item)
        ):
            kept = [k for k in kept if not _is_day(k) or _refused(k)]
        kept.append(item)
    if moving and not any(item.alternative for item in kept):
        return _last_day_only(kept)
    return kept


def _tells_what_is(item: Placed, later: Sequence[Placed]) -> bool:
    """Say whether it is the visit that stands, or since when it hurts, and the wish comes later."""
    days = [k for k in later if _is_day(k)]
    if not _is_day(item):
        return False
    if "had" in item.before:
        return bool(days)
    return item.bound is Bound.FROM and any(_BREAKS & set(k.before) for k in days)


def _last_day_only(placed: list[Placed]) -> list[Placed]:
    """Keep the day that a visit moves to; the days named before are those of the visit."""
    days = [item for item in placed if _is_day(item) and item.stance is Stance.WANTED]
    if len(days) < 2 or _touching(days[-2], days[-1], placed):
        return placed
    cut = placed.index(days[-1])
    return [item for item in placed[:cut] if _refused(item)] + placed[cut:]


def _touching(first: Placed, second: Placed, placed: list[Placed]) -> bool:
    adjacent = placed.index(second) == placed.index(first) + 1
    return adjacent and set(second.before) <= _JOINTS | {","}


def _refused(item: Placed) -> bool:
    return item.stance is not Stance.WANTED


def _is_day(item: Placed) -> bool:
    return isinstance(item.found.item, DayItem | MomentItem)


def _same_kind(one: Placed, other: Placed) -> bool:
    return _is_day(one) == _is_day(other) and (
        _is_day(one)
        or (isinstance(one.found.item, _TIMES) and isinstance(other.found.item, _TIMES))
    )
