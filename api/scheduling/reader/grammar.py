"""Owns the running of rules: each turns the symbols it matches into an item and masks them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.scheduling.reader.items import (
    Board,
    ClockItem,
    DayItem,
    Found,
    HoursItem,
    Item,
    MomentItem,
    PartItem,
    Scene,
    SoonItem,
)

type Maker = Callable[[re.Match[str], Scene], Item | None]

_NAMES = {
    "WD": r"wd:(?P<wd>\d)",
    "MO": r"mo:(?P<mo>\d+)",
    "UN": r"un:(?P<un>[dwmyhi])",
    "NTH": r"(?:o|ow|n):(?P<nth>\d+)",
    "ORD": r"(?:o|ow):(?P<nth>\d+)",
    "NUM": r"(?:(?:at )?(?:an )?n:(?P<n>\d+)|(?P<an>an)|(?P<few>few))",
    "YR": r"(?:(?: ,| -)?(?: of(?: the)?| in)? yr:(?P<yr>\d+))?",
    "THE": r"(?:the )?",
}
_NAME = re.compile("<(" + "|".join(_NAMES) + ")>")


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over symbols and its meaning; a maker that answers None leaves the words alone."""

    pattern: re.Pattern[str]
    make: Maker


def rule(pattern: str, make: Maker) -> Rule:
    """Build a rule; names in angle brackets stand for the named pieces of the grammar."""
    body = _NAME.sub(lambda name: _NAMES[name[1]], pattern)
    return Rule(re.compile(f"(?<= ){body}(?= )"), make)


def run(board: Board, rules: Sequence[Rule], scene: Scene) -> None:
    """Apply the rules in order; words that one rule has read are hidden from the later ones."""
    for each in rules:
        board.symbols = each.pattern.sub(_reader(board, each, scene), board.symbols)


def _reader(board: Board, each: Rule, scene: Scene) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        item = each.make(match, scene)
        if item is None:
            return match[0]
        board.found.append(Found(match.start(), match.end(), item))
        return _mask(item) * len(match[0])

    return read


def _mask(item: Item) -> str:
    """Give the letter that stands for what has been read: a day, a time, a part, a moment, soon."""
    match item:
        case DayItem():
            return "D"
        case ClockItem() | HoursItem():
            return "T"
        case PartItem():
            return "P"
        case MomentItem():
            return "M"
        case SoonItem():
            return "S"
