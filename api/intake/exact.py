"""Whether a text answers a form's question exactly, so that nobody need ask the engine. Pure."""

import re
from typing import Final

from api.core.text import fold, words
from api.intake.commands import WORDS, names_change, read_command
from api.intake.inputs import PRIVATE, REVIEW, YES_NO
from api.intake.mistakes import wants_to_change
from api.messaging.replies import Word, reads_choice, reads_no, reads_word, reads_yes

_NUMBER: Final = re.compile(r"^\d{1,6}(?:[.,]\d{1,4})?$")
_NUMBERS: Final = re.compile(r"^\d{1,2}(?:(?:\s*[,;+&]\s*|\s+(?:and |y |e )?)\d{1,2})*$")

# What is longer is no question to the clinic; the engine would hear only its beginning.
_LONG: Final = 300
_UNSURE: Final = frozenset(
    {
        *("idk", "i dont know", "dont know", "dunno", "not sure", "im not sure", "i am not sure"),
        *("i dont remember", "dont remember", "cant remember", "no idea", "i have no idea"),
        *("no se", "no lo se", "yo no se", "no estoy seguro", "no estoy segura", "ni idea"),
        *("no me acuerdo", "no recuerdo", "no sabria decir"),
    }
)


def is_exact(text: str, input_: str, count: int) -> bool:
    """Whether a text is such an answer, or one of the words that forms know.

    `input_`: the kind of answer that the question takes; `count`: of its options, or of the
    answers of a review. What an answer means, and whether it is acceptable, is not told here.
    """
    said = fold(text).strip().rstrip(".!")
    is_menu_word = reads_word(text) in WORDS - {Word.SEND, Word.DONE}
    if is_menu_word or names_change(text) or wants_to_change(text) or _is_no_aside(text):
        return True
    match input_:
        case "choices":
            return reads_choice(text, count) is not None
        case "many":
            return _NUMBERS.match(said) is not None
        case "number":
            return _NUMBER.match(said) is not None
        case other if other == YES_NO:
            return reads_yes(text) or reads_no(text)
        case other if other == PRIVATE:
            return _NUMBERS.match(said) is not None or reads_yes(text) or reads_no(text)
        case other if other == REVIEW:
            return read_command(text, in_review=True, count=count) is not None or reads_yes(text)
        case _:
            return False


def _is_no_aside(text: str) -> bool:
    """Whether a text can only be meant for the question, be it taken for an answer or not."""
    said = " ".join(words(text))
    if not said:
        return not (reads_yes(text) or reads_no(text))
    # The engine takes a leading stroke for a command of its own, and drops it.
    return said in _UNSURE or len(text) > _LONG or text.lstrip().startswith("/")
