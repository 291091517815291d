"""What kind of answer a question takes: how it is read, and which control the chat shows. Pure."""

from typing import Final

from api.intake.kinds import ItemType
from api.intake.progress import Asked

YES_NO: Final = "yes_no"
_INPUTS: Final = {
    ItemType.BOOLEAN: YES_NO,
    ItemType.INTEGER: "number",
    ItemType.DECIMAL: "number",
    ItemType.QUANTITY: "number",
    ItemType.DATE: "day",
    ItemType.TEXT: "long",
}
REVIEW: Final = "review"
PRIVATE: Final = "private"
"""Of a question that was not put in words: nothing that is said here answers it."""
WORDS: Final = frozenset({"text", "long"})
"""Inputs that take whatever is said."""


def input_of(asked: Asked) -> str:
    """What kind of answer a question takes; the chat page shows its control by it."""
    if asked.is_more:
        return YES_NO
    item = asked.item
    if item.type is ItemType.CHOICE:
        return "many" if item.repeats else "choices"
    if item.type is ItemType.OPEN_CHOICE:
        return "text"
    return _INPUTS.get(item.type, "text")
