"""What a question may be answered with, to and from FHIR's answer[x]."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as calendar_date, datetime, time as clock_time
from decimal import Decimal
from typing import Final

_DATE: Final = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")
_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")
_TIME: Final = re.compile(r"\d{2}:\d{2}:\d{2}(?:\.\d+)?")


@dataclass(frozen=True)
class Coding:
    """A code of a system, with the words that were shown for it."""

    system: str | None
    code: str | None
    display: str | None = None


@dataclass(frozen=True)
class Quantity:
    """A number with the unit that it was given in."""

    value: Decimal
    unit: str | None = None
    system: str | None = None
    code: str | None = None


@dataclass(frozen=True)
class Date:
    """A FHIR date as it was given: "2024", "2024-03" or "2024-03-09".

    Raises:
        ValueError: there is no such date.
    """

    text: str

    def __post_init__(self) -> None:
        if not _DATE.fullmatch(self.text):
            raise ValueError("not a date")
        calendar_date.fromisoformat(self.text + "-01-01"[len(self.text) - 4 :])


@dataclass(frozen=True)
class DateTime:
    """A FHIR dateTime as it was given: a date, or a date with a time and its offset.

    Raises:
        ValueError: there is no such time.
    """

    text: str

    def __post_init__(self) -> None:
        if "T" not in self.text:
            Date(self.text)
        elif _INSTANT.fullmatch(self.text):
            datetime.fromisoformat(self.text)
        else:
            raise ValueError("not a time of a day with its offset")


@dataclass(frozen=True)
class Time:
    """A FHIR time, "14:30:00".

    Raises:
        ValueError: there is no such time of day.
    """

    text: str

    def __post_init__(self) -> None:
        if not _TIME.fullmatch(self.text):
            raise ValueError("not a time")
        clock_time.fromisoformat(self.text)


@dataclass(frozen=True)
class Uri:
    """An address on the web, the answer to a question of type url."""

    text: str


type Value = bool | Decimal | int | str | Coding | Quantity | Date | DateTime | Time | Uri

_NAMES: Final[dict[type, str]] = {
    bool: "valueBoolean",
    int: "valueInteger",
    Decimal: "valueDecimal",
    str: "valueString",
    Coding: "valueCoding",
    Quantity: "valueQuantity",
    Date: "valueDate",
    DateTime: "valueDateTime",
    Time: "valueTime",
    Uri: "valueUri",
}


def value_json(value: Value) -> tuple[str, object]:
    """Return the name and the content of the value[x] that says this value."""
    name = _NAMES[type(value)]
    match value:
        case Coding():
            return name, _given(system=value.system, code=value.code, display=value.display)
        case Quantity():
            unit = _given(unit=value.unit, system=value.system, code=value.code)
            return name, {"value": value.value} | unit
        case Date() | DateTime() | Time() | Uri():
            return name, value.text
        case _:
            return name, value


def _given(**elements: str | None) -> dict[str, object]:
    return {name: value for name, value in elements.items() if value is not None}


def read_value(answer: Mapping[str, object], prefix: str = "value") -> Value:
    """Return the value in an answer, an option, an initial value, or with `prefix` a condition.

    Raises:
        ValueError: it holds no value, or one that no conversation can give.
    """
    found = [
        name for name in answer if name.startswith(prefix) and name[len(prefix) :][:1].isupper()
    ]
    if len(found) != 1:
        raise ValueError("not one value")
    return _read("value" + found[0].removeprefix(prefix), answer[found[0]])


def _read(name: str, content: object) -> Value:  # noqa: C901, PLR0911, PLR0912 - cases
    match name, content:
        case "valueBoolean", bool():
            return content
        case "valueInteger", int() if not isinstance(content, bool):
            return content
        case "valueDecimal", int() | float() | Decimal() if not isinstance(content, bool):
            return Decimal(str(content))
        case "valueString", str():
            return content
        case "valueDate", str():
            return Date(content)
        case "valueDateTime", str():
            return DateTime(content)
        case "valueTime", str():
            return Time(content)
        case "valueUri", str():
            return Uri(content)
        case "valueCoding", dict():
            return Coding(*(_text_of(content, key) for key in ("system", "code", "display")))
        case "valueQuantity", dict():
            return _quantity(content)
        case _:
            msg = f"{name} cannot be given in a conversation"
            raise ValueError(msg)


def _quantity(content: Mapping[str, object]) -> Quantity:
    if "comparator" in content:
        raise ValueError("a quantity with a comparator is not one value")
    number = content.get("value")
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        raise ValueError("a quantity needs its number")  # noqa: TRY004 - one family of refusals
    unit, system, code = (_text_of(content, key) for key in ("unit", "system", "code"))
    return Quantity(Decimal(str(number)), unit, system, code)


def _text_of(content: Mapping[str, object], key: str) -> str | None:
    text = content.get(key)
    if text is not None and not isinstance(text, str):
        msg = f"{key} is not text"
        raise ValueError(msg)
    return text
