"""Numbers and amounts in what people write: digits or words, alone or with their unit."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from api.core.language import Language
from api.core.text import fold, words
from api.intake.items import Item
from api.intake.values import Coding, Quantity

_NUMBER: Final = re.compile(r"-?\d+(?:[.,]\d+)*|[.,]\d+")
_OUT_OF: Final = re.compile(r"\s*(?:/|out of|of|de|sobre)\s*(\d{1,6})\s*$")
_THOUSANDS: Final = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?")
_COMMA: Final = re.compile(r"-?\d+,\d+")

# FHIR's decimals carry eighteen digits; what is longer is no answer.
_MOST_CHARS: Final = 18

# Words that may stand beside a number and do not change it.
_AROUND: Final = frozenset(
    {
        *("a", "an", "the", "its", "it", "is", "im", "i", "am", "at", "about", "around", "like"),
        *("please", "pls", "thanks", "thank", "you", "un", "una", "unos", "unas", "el", "la", "es"),
        *("como", "soy", "son", "por", "favor", "porfa", "gracias", "my", "mi", "are", "was"),
        *("degrees", "degree", "grados", "grado"),
    }
)

_UNITS_EN: Final = "zero one two three four five six seven eight nine ten eleven twelve thirteen"
_TEENS_EN: Final = "fourteen fifteen sixteen seventeen eighteen nineteen"
_UNITS_ES: Final = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece"
_TEENS_ES: Final = "catorce quince dieciseis diecisiete dieciocho diecinueve"
_TWENTIES_ES: Final = (
    "veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete "
    "veintiocho veintinueve"
)
_SMALL: Final[Mapping[str, int]] = MappingProxyType(
    {word: n for n, word in enumerate(f"{_UNITS_EN} {_TEENS_EN}".split())}
    | {word: n for n, word in enumerate(f"{_UNITS_ES} {_TEENS_ES} {_TWENTIES_ES}".split())}
)
_TENS: Final[Mapping[str, int]] = MappingProxyType(
    {
        word: 10 * n
        for names in (
            "twenty thirty forty fifty sixty seventy eighty ninety",
            "_ treinta cuarenta cincuenta sesenta setenta ochenta noventa",
        )
        for n, word in enumerate(names.split(), start=2)
    }
    | {"hundred": 100, "cien": 100}
)

# How people write the units that UCUM has codes for (https://ucum.org/ucum, read 2026-11-25).
_SPOKEN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        code: frozenset(names.split("|"))
        for code, names in {
            "[degF]": "f|fahrenheit",
            "Cel": "c|celsius|centigrados",
            "kg": "kg|kgs|kilo|kilos|kilogram|kilograms|kilogramo|kilogramos",
            "g": "g|gram|grams|gramo|gramos",
            "mg": "mg|milligram|milligrams|miligramo|miligramos",
            "[lb_av]": "lb|lbs|pound|pounds|libra|libras",
            "cm": "cm|cms|centimeter|centimeters|centimetro|centimetros",
            "m": "m|meter|meters|metro|metros",
            "[in_i]": "in|inch|inches|pulgada|pulgadas",
            "[ft_i]": "ft|foot|feet|pie|pies",
            "%": "percent|por ciento",
            "mm[Hg]": "mmhg|mm hg",
            "mg/dL": "mg dl|mgdl",
            "min": "min|mins|minute|minutes|minuto|minutos",
            "h": "h|hr|hrs|hour|hours|hora|horas",
            "d": "day|days|dia|dias",
            "wk": "week|weeks|wk|wks|semana|semanas",
            "mo": "month|months|mes|meses",
            "a": "year|years|yr|yrs|ano|anos",
        }.items()
    }
)


def number_said(item: Item, text: str, language: Language) -> Decimal | None:
    """Return the one number that the text says; None when it says none, several, or more.

    "7", "seven", "about 7", "7/10" where 10 is the largest answer, and "98.6 F" where F is the
    unit of the question. "6 or 7", "less than 7" and "7 weeks" to a question without a unit are
    none.
    """
    found = _number_and_rest(item, text, language)
    if found is None:
        return None
    number, rest = found
    is_unit = any(rest in _names(unit) for unit in item.units[:1])
    return number if not rest or is_unit else None


def quantity_said(item: Item, text: str, language: Language) -> Quantity | None:
    """Return the number with the unit that it was given in, which the question must allow.

    A question with one unit takes a bare number in it; with several or with none the quantity of
    a bare number has no unit. A question without units takes those that everybody knows.
    """
    found = _number_and_rest(item, text, language)
    if found is None:
        return None
    number, rest = found
    if not rest:
        return _in_unit(number, item.units[0]) if len(item.units) == 1 else Quantity(number)
    if item.units:
        meant = [unit for unit in item.units if rest in _names(unit)]
        return _in_unit(number, meant[0]) if len(meant) == 1 else None
    is_unit = any(rest in names for names in _SPOKEN.values())
    return Quantity(number, rest) if is_unit else None


def _in_unit(number: Decimal, unit: Coding) -> Quantity:
    return Quantity(number, unit.display or unit.code, unit.system, unit.code)


def _names(unit: Coding) -> Iterator[str]:
    """Yield what people may write for a unit."""
    for name in (unit.code, unit.display):
        if name:
            yield " ".join(words(name))
            yield fold(name).replace(" ", "")
    yield from _SPOKEN.get(unit.code or "", ())


def _number_and_rest(item: Item, text: str, language: Language) -> tuple[Decimal, str] | None:
    """Return the number and the words beside it that may be its unit."""
    said = _without_scale(item, fold(text))
    digits = _NUMBER.findall(said)
    if len(digits) > 1 or any(len(number) > _MOST_CHARS for number in digits):
        return None
    if digits:
        number = _decimal(digits[0], language)
        before, _, after = said.partition(digits[0])
        told = [*words(before), *words(after)]
        sign = {"%": ["percent"]}.get(after.strip(), [])
        rest = [word for word in (*told, *sign) if word not in _AROUND]
    else:
        number, rest = _spelled([word for word in words(said) if word not in _AROUND])
    has_number_words = bool(digits) and any(word in _SMALL or word in _TENS for word in rest)
    return None if number is None or has_number_words else (number, " ".join(rest))


def _without_scale(item: Item, said: str) -> str:
    """Leave "/10" out where 10 is the largest answer: "7/10" is 7."""
    scale = _OUT_OF.search(said)
    if scale and item.maximum is not None and item.maximum == int(scale[1]):
        return said[: scale.start()]
    return said


def _decimal(digits: str, language: Language) -> Decimal | None:
    """Read the digits; a comma parts thousands in English, and may do either in Spanish."""
    is_thousands = _THOUSANDS.fullmatch(digits) is not None
    if _PLAIN.fullmatch(digits):
        return Decimal(digits)
    if is_thousands and (language is Language.EN or digits.count(",") > 1 or "." in digits):
        return Decimal(digits.replace(",", ""))
    if not is_thousands and language is Language.ES and _COMMA.fullmatch(digits):
        return Decimal(digits.replace(",", "."))
    return None


def _spelled(told: list[str]) -> tuple[Decimal | None, list[str]]:
    """Read a number in words at the beginning: "seven", "twenty five", "treinta y cinco"."""
    if not told:
        return None, []
    first = told[0]
    if first in _SMALL:
        return Decimal(_SMALL[first]), told[1:]
    if first not in _TENS:
        return None, []
    rest = told[1:]
    rest = rest[1:] if rest[:1] == ["y"] else rest
    if rest and 0 < _SMALL.get(rest[0], 0) < 10 and _TENS[first] < 100:
        return Decimal(_TENS[first] + _SMALL[rest[0]]), rest[1:]
    return Decimal(_TENS[first]), rest
