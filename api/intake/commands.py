"""The few words that are never an answer: back, skip, why, link, pause, send, done. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from api.core.text import fold
from api.intake.mistakes import says_change, wants_to_change
from api.messaging.replies import Word, reads_choice, reads_word

_CHANGE: Final = re.compile(
    r"^(?:change|edit|fix|cambiar|cambia|corregir|cambio)\s+(?:#|no\.?\s*)?(\d{1,3})$"
)
# What our texts print; "more" and "book" mean nothing here.
WORDS: Final = frozenset(
    {
        *(Word.BACK, Word.SKIP, Word.WHY, Word.LINK, Word.PAUSE, Word.LATER),
        *(Word.SEND, Word.DONE),
    }
)


@dataclass(frozen=True)
class Change:
    """Answer question `number` of the review anew."""

    number: int


@dataclass(frozen=True)
class ChangeSome:
    """They want to change an answer, and do not say which."""


type Command = Word | Change | ChangeSome


def names_change(text: str) -> bool:
    """Whether a text asks for a change in the words of our menu: CHANGE, with a number or not."""
    return says_change(text) or number_to_change(text) is not None


def number_to_change(text: str) -> int | None:
    """Which answer a text asks to change by its number: CHANGE 3."""
    named = _CHANGE.match(fold(text).strip())
    return int(named[1]) if named is not None else None


def read_command(text: str, *, in_review: bool, count: int = 0) -> Command | None:
    """The command that a text is. In a review of `count` answers a bare number changes one."""
    number = number_to_change(text)
    if number is not None:
        return Change(number)
    if says_change(text) or wants_to_change(text):
        return ChangeSome()
    word = reads_word(text)
    if word in WORDS:
        return word
    chosen = reads_choice(text, count) if in_review else None
    return Change(chosen) if chosen else None
