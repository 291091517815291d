"""What makes one item impossible to ask, though FHIR allows it or cannot say."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from api.intake.fitting import KINDS, fits
from api.intake.items import Item, Option
from api.intake.kinds import ItemType
from api.intake.values import Coding, Date, Time, Value

_CHOICES: Final = frozenset({ItemType.CHOICE, ItemType.OPEN_CHOICE})
# answerOption.value[x] of R4, but references.
_OPTION_KINDS: Final[tuple[type, ...]] = (int, Date, Time, str, Coding)


def wrong_with(item: Item, *, is_listed: bool) -> Iterator[str]:
    """Yield what is wrong with the item; `is_listed` tells that it means to have options."""
    if item.is_asked and not item.text.text:
        yield "it has no text to ask"
    if item.is_repeating_group and not item.hidden and not item.text.text:
        yield "a group that repeats needs a text, to ask for another one"
    if item.behavior not in {"all", "any"}:
        yield "its enableBehavior is neither all nor any"
    yield from _wrong_with_counts(item)
    if item.is_question:
        yield from _wrong_with_answers(item, is_listed=is_listed)


def _wrong_with_counts(item: Item) -> Iterator[str]:
    if item.min_occurs > 1 and not item.repeats:
        yield "it must occur several times, but does not repeat"
    if item.max_occurs is not None and item.max_occurs < max(item.least, 1):
        yield "it may occur less often than it must"
    if item.max_length is not None and item.max_length < 1:
        yield "its answers may have no length"


def _wrong_with_answers(item: Item, *, is_listed: bool) -> Iterator[str]:
    if item.type is ItemType.CHOICE and not is_listed:
        yield "a choice without options"
    kinds = _OPTION_KINDS if item.type in _CHOICES else KINDS[item.type]
    if not all(type(option.value) in kinds for option in item.options):
        yield "an option is not of the answer's type"
    if any(_is_other_number(option, n) for n, option in enumerate(item.options, start=1)):
        yield "an option is a number, but not that of its place: a reply could mean either"
    if not all(_bounds(item, bound) for bound in (item.minimum, item.maximum)):
        yield "its smallest or largest answer is not of the answer's type"
    is_known = bool(item.options) or not is_listed
    if is_known and not all(fits(item, value) for value in item.initial):
        yield "its initial value is no answer to it"
    if item.required and item.read_only and not (item.initial or item.hidden):
        yield "a required answer that nobody may give"


def _bounds(item: Item, bound: Value | None) -> bool:
    if bound is None:
        return True
    is_number = item.type is ItemType.DECIMAL and isinstance(bound, int | Decimal)
    return not isinstance(bound, bool | str) and (is_number or type(bound) in KINDS[item.type])


def _is_other_number(option: Option, place: int) -> bool:
    """Tell whether an option is called by a number that chooses another one from the list."""
    labels = (option.label.text, *option.label.translations.values())
    return any(label.strip().isdecimal() and int(label[:9]) != place for label in labels)
