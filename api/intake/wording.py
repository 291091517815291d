"""Answers in words, as they are read back to the person who gave them."""

from decimal import Decimal
from typing import Final

from api.core.language import Language
from api.intake.answers import Entry
from api.intake.comparing import order_of
from api.intake.items import Item, Words
from api.intake.values import Coding, Date, DateTime, Quantity, Time, Value
from api.messaging.words import MONTHS, wall_time

YES: Final = Words("Yes", {"es": "Sí"})
NO: Final = Words("No", {"es": "No"})
_ANY_DAY: Final = "2000-01-01"


def label_of(item: Item, value: Value) -> Words:
    """Return the words for a value: those of its option where it is one."""
    for option in item.options:
        if order_of(option.value, value) == 0:
            return option.label
    return plain_label(value)


def plain_label(value: Value) -> Words:
    """Return the words for a value that no option stands for."""
    match value:
        case bool():
            return YES if value else NO
        case str() | int():
            return Words(str(value))
        case Decimal():
            return Words(format(value, "f"))
        case Coding():
            return Words(value.display or value.code or "")
        case Quantity():
            return Words(f"{value.value:f} {value.unit or value.code or ''}".strip())
        case _:
            return Words(value.text)


def shown(item: Item, value: Value, language: Language) -> str:
    """Return one value in words of the language."""
    match value:
        case Date():
            return day(value.text, language)
        case DateTime():
            on = day(value.text[:10], language)
            return f"{on} {wall_time(value.text)}" if "T" in value.text else on
        case Time():
            return wall_time(f"{_ANY_DAY}T{value.text[:5]}")
        case _:
            return label_of(item, value).in_(language)


def day(text: str, language: Language) -> str:
    """Return a day, month or year: "Mar 9, 2026", "9 mar 2026", "Mar 2026", "2026"."""
    year, *rest = text.split("-")
    if not rest:
        return year
    month = MONTHS[language].split(",")[int(rest[0]) - 1]
    if len(rest) == 1:
        return f"{month} {year}"
    number = int(rest[1])
    is_english = language is Language.EN
    return f"{month} {number}, {year}" if is_english else f"{number} {month} {year}"


def shown_all(item: Item, entry: Entry, language: Language) -> str:
    """Return all values of an answer in words of the language; empty when it was skipped."""
    return ", ".join(shown(item, value, language) for value in entry.values)
