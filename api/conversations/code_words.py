"""What is typed where a one-time code is asked for: the code, or the wish for another. Pure."""

import re
from typing import Final

from api.core.text import fold, words

_NEW_CODE: Final = re.compile(
    r"(?:(?:send|text|get|give|i|need|want|me|a|please|pls|quiero|necesito|un|una|mande|mandeme"
    r"|envie|envieme|enviar|por favor) )*"
    r"(?:new code|another code|code again|resend(?: the)?(?: code)?|codigo nuevo|clave nueva"
    r"|nuevo codigo|nueva clave|otro codigo|otra clave)(?: (?:please|pls|again|por favor))*"
)
# "123 456", "123-456", also with a digit too few: no code, but meant as one. No date, no hour.
_CODE_ALONE: Final = re.compile(r"[0-9](?:[ -]?[0-9]){3,7}")
_NO_DIGIT: Final = re.compile(r"[ -]")
# "the code is 123456": only what can be a code.
_CODE_SAID: Final = re.compile(r"(?:[a-z]+ ){1,4}([0-9](?: ?[0-9]){5})")


def wants_new_code(text: str) -> bool:
    """Tell whether the text asks for another one-time code and nothing else."""
    return _NEW_CODE.fullmatch(" ".join(words(text))) is not None


def reads_code(text: str) -> str | None:
    """Return the four to eight digits of what is meant as a one-time code, without spaces."""
    alone = fold(text)
    if _CODE_ALONE.fullmatch(alone):
        return _NO_DIGIT.sub("", alone)
    found = _CODE_SAID.fullmatch(" ".join(words(text)))
    return found[1].replace(" ", "") if found else None
