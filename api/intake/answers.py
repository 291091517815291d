"""The answers given so far: which question of a form, at which place, was answered with what."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.intake.values import Value

# (linkId, index) for every item from the root to the question. The index counts the instances of
# a repeating group; above a nested item it counts the answers of its question; else it is 0.
type Path = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Entry:
    """What was said to a question.

    At the path of an instance of a repeating group it is the answer to "is there one?", or from
    the second instance on to "is there another one?": True or False.

    Attributes:
        declined: it was asked and skipped; there are no values then.
    """

    values: tuple[Value, ...] = ()
    declined: bool = False


type Answers = Mapping[Path, Entry]
