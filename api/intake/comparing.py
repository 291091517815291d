"""How two answers compare: equal, before, after, or not to be told."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from api.intake.values import Coding, Date, DateTime, Quantity, Time, Uri, Value

# Of an order (-1, 0, 1), what each operator of enableWhen asks.
OPERATORS: Final[Mapping[str, Callable[[int], bool]]] = MappingProxyType(
    {
        "=": lambda order: order == 0,
        "!=": lambda order: order != 0,
        ">": lambda order: order > 0,
        "<": lambda order: order < 0,
        ">=": lambda order: order >= 0,
        "<=": lambda order: order <= 0,
    }
)
ORDERING: Final = frozenset({">", "<", ">=", "<="})


def holds(operator: str, answer: Value, expected: Value) -> bool:
    """Tell whether the answer stands to the expected value as the operator asks.

    What cannot be told is false for every operator: values of different kinds, quantities in
    different units, dates of which one is too coarse ("2024" against "2024-03-09").
    """
    order = order_of(answer, expected)
    return order is not None and OPERATORS[operator](order)


def order_of(left: Value, right: Value) -> int | None:
    """Return -1, 0 or 1 as left is before, equal to or after right; None when not to be told.

    Codes and booleans are only equal or not: any other order of theirs is 1.
    """
    match left, right:
        case bool(), bool():
            return int(left is not right)
        case bool(), _:
            return None
        case int() | Decimal(), int() | Decimal() if not isinstance(right, bool):
            return _order(Decimal(left), Decimal(right))
        case str(), str():
            return _order(left, right)
        case Uri(), Uri():
            return _order(left.text, right.text)
        case _:
            return _order_of_parts(left, right)


def _order_of_parts(left: Value, right: Value) -> int | None:
    match left, right:
        case Coding(), Coding():
            return int(_identity(left) != _identity(right))
        case Quantity(), Quantity():
            return _order(left.value, right.value) if _same_unit(left, right) else None
        case ((Date() | DateTime()), (Date() | DateTime())):
            return _order_of_dates(left.text, right.text)
        case Time(), Time():
            return _order(_seconds(left.text), _seconds(right.text))
        case _:
            return None


def _order[T: (Decimal, str, datetime)](left: T, right: T) -> int:
    return (left > right) - (left < right)


def _identity(coding: Coding) -> tuple[str | None, str | None]:
    """A coding is its system and code; one without a code is its words."""
    return (coding.system, coding.code) if coding.code else (None, coding.display)


def _same_unit(left: Quantity, right: Quantity) -> bool:
    if left.code and right.code:
        return (left.system, left.code) == (right.system, right.code)
    return (left.unit or left.code) == (right.unit or right.code)


def _order_of_dates(left: str, right: str) -> int | None:
    """Compare what both say; when that is the same and one says more, nothing can be told.

    Source: FHIRPath N1, "Equals" and "Comparison" of dates of different precision.
    """
    if "T" in left and "T" in right:
        return _order(datetime.fromisoformat(left), datetime.fromisoformat(right))
    left_parts, right_parts = (text.partition("T")[0].split("-") for text in (left, right))
    for one, other in zip(left_parts, right_parts, strict=False):
        if one != other:
            return _order(one, other)
    same = len(left_parts) == len(right_parts) and ("T" in left) == ("T" in right)
    return 0 if same else None


def _seconds(text: str) -> Decimal:
    hours, minutes, seconds = text.split(":")
    return Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds)
