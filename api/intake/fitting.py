"""Whether values are answers that a question allows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from api.intake.comparing import order_of
from api.intake.items import Item
from api.intake.kinds import ItemType
from api.intake.values import Coding, Date, DateTime, Quantity, Time, Uri, Value

KINDS: Final[dict[ItemType, tuple[type, ...]]] = {
    ItemType.BOOLEAN: (bool,),
    ItemType.DECIMAL: (Decimal,),
    ItemType.INTEGER: (int,),
    ItemType.DATE: (Date,),
    ItemType.DATE_TIME: (DateTime,),
    ItemType.TIME: (Time,),
    ItemType.STRING: (str,),
    ItemType.TEXT: (str,),
    ItemType.URL: (Uri,),
    ItemType.CHOICE: (Coding,),
    ItemType.OPEN_CHOICE: (Coding, str),
    ItemType.QUANTITY: (Quantity,),
}


def fits(item: Item, value: Value) -> bool:
    """Tell whether the value alone may be an answer to the question."""
    if item.options:
        is_own_words = item.type is ItemType.OPEN_CHOICE and isinstance(value, str)
        return is_own_words or any(order_of(option.value, value) == 0 for option in item.options)
    if type(value) not in KINDS[item.type] or is_too_long(item, value):
        return False
    return not is_too_small(item, value) and not is_too_large(item, value)


def is_too_small(item: Item, value: Value) -> bool:
    """Tell whether the value is certainly below the smallest that is allowed."""
    return item.minimum is not None and order_of(value, item.minimum) == -1


def is_too_large(item: Item, value: Value) -> bool:
    """Tell whether the value is certainly above the largest that is allowed."""
    return item.maximum is not None and order_of(value, item.maximum) == 1


def is_too_long(item: Item, value: Value) -> bool:
    """Tell whether the value has more characters than are allowed."""
    text = value.text if isinstance(value, Uri) else value
    return item.max_length is not None and isinstance(text, str) and len(text) > item.max_length


def check_fits(item: Item, values: Sequence[Value]) -> None:
    """Make sure that the values together are an answer to the question.

    Raises:
        ValueError: there is none, there are too many, one does not fit, or one that stands alone
            comes with others.
    """
    if not values:
        raise ValueError("no answer")
    if item.most is not None and len(values) > item.most:
        raise ValueError("too many answers")
    if not all(fits(item, value) for value in values):
        raise ValueError("not an answer to this question")
    if len(values) > 1 and any(_stands_alone(item, value) for value in values):
        raise ValueError("an answer that stands alone came with others")


def _stands_alone(item: Item, value: Value) -> bool:
    return any(option.exclusive and order_of(option.value, value) == 0 for option in item.options)
