"""What a person's text answers to a question: its values, or why it is no answer to it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from api.core.language import Language
from api.core.text import words
from api.intake.asides import wants_a_visit
from api.intake.fitting import is_too_large, is_too_long, is_too_small
from api.intake.items import Item
from api.intake.kinds import ItemType
from api.intake.said_choices import chosen, numbered
from api.intake.said_days import OPEN, Open, day_said, instant_said
from api.intake.said_numbers import number_said, quantity_said
from api.intake.said_times import time_said
from api.intake.values import Date, DateTime, Uri, Value
from api.messaging.replies import reads_no, reads_yes


@dataclass(frozen=True)
class Accepted:
    """The text is an answer."""

    values: tuple[Value, ...]


class Miss(StrEnum):
    """Why the text is no answer to the question."""

    NOT_AN_OPTION = "not_an_option"
    TOO_MANY = "too_many"
    TOO_FEW = "too_few"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    UNIT_NEEDED = "unit_needed"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    NOT_A_DATE = "not_a_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    NOT_A_TIME = "not_a_time"
    NOT_YES_OR_NO = "not_yes_or_no"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    NOT_A_URL = "not_a_url"
    WANTS_VISIT = "wants_visit"


@dataclass(frozen=True)
class _Said:
    """What was said, and all that its meaning may depend on."""

    item: Item
    text: str
    language: Language
    today: date
    zone: ZoneInfo | None


def read_answer(
    item: Item, text: str, language: Language, *, today: date, zone: ZoneInfo | None = None
) -> Accepted | Miss:
    """Return what the text answers to the question.

    Nothing is guessed: an option is named by its number or by all of its words, a number stands
    alone or with its unit, a date says its year. The repeated question without options may be
    answered several times at once, line by line or parted by semicolons.

    Args:
        item: the question, or the group of which there may be another one (yes or no).
        text: what the person wrote.
        language: decides the order of day and month, and the decimal sign.
        today: the person's day, for "yesterday".
        zone: the person's time zone; without it a dateTime is a day.
    """
    if not text.strip():
        return Miss.EMPTY
    said = _Said(item, text, language, today, zone)
    read = _options(item, text) if item.options else _unlisted(said)
    return Miss.WANTS_VISIT if isinstance(read, Miss) and wants_a_visit(text) else read


def _unlisted(said: _Said) -> Accepted | Miss:
    item = said.item
    read: list[Value] = []
    for part in _parts(item, said.text):
        value = _READERS[item.type](replace(said, text=part))
        if isinstance(value, Miss):
            return value
        read.append(value)
    return Miss.TOO_MANY if item.most is not None and len(read) > item.most else Accepted((*read,))


def _parts(item: Item, text: str) -> Iterable[str]:
    if not item.repeats or not item.is_question:
        return (text.strip(),)
    return [part.strip() for part in re.split(r"[;\n]", text) if part.strip()] or (text.strip(),)


def _options(item: Item, text: str) -> Accepted | Miss:
    places = chosen(item, text)
    if not places:
        return _own_words(item, text)
    options = [item.options[place] for place in places]
    if item.most is not None and len(options) > item.most:
        return Miss.TOO_MANY
    if len(options) > 1 and any(option.exclusive for option in options):
        return Miss.TOO_MANY
    if len(options) < item.min_occurs:
        return Miss.TOO_FEW
    return Accepted(tuple(option.value for option in options))


def _own_words(item: Item, text: str) -> Accepted | Miss:
    """An open choice takes the person's own words, but no number that is not in the list."""
    if item.type is not ItemType.OPEN_CHOICE or numbered(text):
        return Miss.NOT_AN_OPTION
    said = text.strip()
    if not words(said):
        return Miss.EMPTY
    if wants_a_visit(said):
        return Miss.WANTS_VISIT
    return Miss.TOO_LONG if is_too_long(item, said) else Accepted((said,))


# Words that agree with the person who asks, but answer no question about oneself.
_ASSENT: Final = frozenset(
    {
        *("ok", "okay", "okey", "oki", "k", "kk", "fine", "great", "perfect", "definitely"),
        *("sounds", "good", "that", "works", "for", "me", "bueno", "dale", "vale", "esta", "bien"),
        *("de", "acuerdo", "agree", "agreed", "i", "im", "thanks", "please", "gracias"),
    }
)


def _yes_or_no(said: _Said) -> Value | Miss:
    is_yes, is_no = reads_yes(said.text), reads_no(said.text)
    told = words(said.text)
    if is_yes == is_no or (told and _ASSENT.issuperset(told)):
        return Miss.NOT_YES_OR_NO
    return is_yes


def _number(said: _Said) -> Value | Miss:
    number = number_said(said.item, said.text, said.language)
    return Miss.NOT_A_NUMBER if number is None else _within(said.item, number)


def _whole(said: _Said) -> Value | Miss:
    number = number_said(said.item, said.text, said.language)
    if number is None:
        return Miss.NOT_A_NUMBER
    if number != number.to_integral_value():
        return Miss.NOT_WHOLE
    # FHIR's integer has 32 bits.
    if abs(number) >= 2**31:
        return Miss.TOO_LARGE if number > 0 else Miss.TOO_SMALL
    return _within(said.item, int(number))


def _quantity(said: _Said) -> Value | Miss:
    quantity = quantity_said(said.item, said.text, said.language)
    if quantity is None:
        return Miss.NOT_A_NUMBER
    if not (quantity.unit or quantity.code):
        return Miss.UNIT_NEEDED
    return _within(said.item, quantity)


def _day(said: _Said) -> Value | Miss:
    return _dated(said.item, day_said(said.text, said.language, today=said.today))


def _instant(said: _Said) -> Value | Miss:
    read = instant_said(said.text, said.language, today=said.today, zone=said.zone)
    return _dated(said.item, read)


def _dated(item: Item, read: Date | DateTime | Open | None) -> Value | Miss:
    if read is None:
        return Miss.NOT_A_DATE
    return Miss.AMBIGUOUS_DATE if read == OPEN else _within(item, read)


def _time(said: _Said) -> Value | Miss:
    read = time_said(said.text)
    return Miss.NOT_A_TIME if read is None else _within(said.item, read)


def _within(item: Item, value: Value) -> Value | Miss:
    if is_too_small(item, value):
        return Miss.TOO_SMALL
    return Miss.TOO_LARGE if is_too_large(item, value) else value


def _words(said: _Said) -> Value | Miss:
    if not words(said.text):
        return Miss.EMPTY  # a question mark, a smile
    if wants_a_visit(said.text):
        return Miss.WANTS_VISIT
    return Miss.TOO_LONG if is_too_long(said.item, said.text) else said.text


_ADDRESS: Final = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]\S*)?")


def _address(said: _Said) -> Value | Miss:
    if not _ADDRESS.fullmatch(said.text):
        return Miss.NOT_A_URL
    read = Uri(said.text)
    return Miss.TOO_LONG if is_too_long(said.item, read) else read


_READERS: Final[dict[ItemType, Callable[[_Said], Value | Miss]]] = {
    ItemType.GROUP: _yes_or_no,
    ItemType.BOOLEAN: _yes_or_no,
    ItemType.DECIMAL: _number,
    ItemType.INTEGER: _whole,
    ItemType.QUANTITY: _quantity,
    ItemType.DATE: _day,
    ItemType.DATE_TIME: _instant,
    ItemType.TIME: _time,
    ItemType.STRING: _words,
    ItemType.TEXT: _words,
    ItemType.OPEN_CHOICE: _words,
    ItemType.URL: _address,
}
