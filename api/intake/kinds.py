"""The kinds of items a form is made of."""

from enum import StrEnum


class ItemType(StrEnum):
    """What an item is, by its FHIR R4 code (value set item-type).

    Attachments and references are left out: a conversation cannot give them.
    """

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE = "date"
    DATE_TIME = "dateTime"
    TIME = "time"
    STRING = "string"
    TEXT = "text"
    URL = "url"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    QUANTITY = "quantity"

    @property
    def is_question(self) -> bool:
        """Tell whether an item of this type is answered."""
        return self not in {ItemType.GROUP, ItemType.DISPLAY}
