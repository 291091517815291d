"""Whether a text answers a form's question exactly, so that nobody need ask the engine. Pure."""

import re
from typing import Final

from api.core.text import fold
from api.intake.commands import WORDS, read_command
from api.intake.inputs import REVIEW, YES_NO
from api.messaging.replies import Word, reads_choice, reads_no, reads_word, reads_yes

_NUMBER: Final = re.compile(r"^\d{1,6}(?:[.,]\d{1,4})?$")
_NUMBERS: Final = re.compile(r"^\d{1,2}(?:(?:\s*[,;+&]\s*|\s+(?:and |y |e )?)\d{1,2})*$")


def is_exact(text: str, input_: str, count: int) -> bool:
    """Whether a text is such an answer, or one of the words that forms know.

    `input_`: the kind of answer that the question takes; `count`: of its options, or of the
    answers of a review. What an answer means, and whether it is acceptable, is not told here.
    """
    said = fold(text).strip().rstrip(".!")
    if reads_word(text) in WORDS - {Word.SEND, Word.DONE}:
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
        case other if other == REVIEW:
            return read_command(text, in_review=True, count=count) is not None or reads_yes(text)
        case _:
            return False
