"""The few words that are never an answer: back, skip, why, link, pause, send, done. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from api.core.text import fold
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


type Command = Word | Change


def read_command(text: str, *, in_review: bool, count: int = 0) -> Command | None:
    """The command that a text is. In a review of `count` answers a bare number changes one."""
    named = _CHANGE.match(fold(text).strip())
    if named is not None:
        return Change(int(named[1]))
    word = reads_word(text)
    if word in WORDS:
        return word
    chosen = reads_choice(text, count) if in_review else None
    return Change(chosen) if chosen else None
