"""R4's primitive types: which JSON value is one.

Source: FHIR R4 4.0.1, datatypes, https://hl7.org/fhir/R4/datatypes.html.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal

YEAR = r"(?P<year>\d(?:\d(?:\d[1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
DAY = r"(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01])"
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
ZONE = r"(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))"

DATE = re.compile(rf"{YEAR}(?:-{DAY})?)?")
DATE_TIME = re.compile(rf"{YEAR}(?:-{DAY}(?:T{CLOCK}{ZONE})?)?)?")
INSTANT = re.compile(rf"{YEAR}-{DAY}T{CLOCK}{ZONE})")
TIME = re.compile(CLOCK)
CODE = re.compile(r"[^\s]+(?: [^\s]+)*")
ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
URI = re.compile(r"\S+")
BASE64 = re.compile(r"[0-9A-Za-z+/=\s]+")
MOST_CHARS = 1_048_576
INT_MAX = 2_147_483_647


def is_primitive(type_: str, value: object) -> bool:
    """Whether a JSON value is a valid one of a primitive type; False for unknown types."""
    check = CHECKS.get(type_)
    return check is not None and check(value)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _on_calendar(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        found = pattern.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return False
        year, month, day = found["year"], found["month"], found["day"]
        return day is None or int(day) <= monthrange(int(year), int(month))[1]

    return check


def _integer(low: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and low <= value <= INT_MAX


def _is_string(value: object) -> bool:
    """Not empty, not only white space, no control character but tab, CR and LF."""
    if not isinstance(value, str) or len(value) > MOST_CHARS or not value.strip():
        return False
    return value.isprintable() or not any(char < " " and char not in "\t\r\n" for char in value)


def _is_encodable(value: object) -> bool:
    """A lone surrogate is a JSON escape that stands for no text."""
    return _is_string(value) and not re.search(r"[\ud800-\udfff]", str(value))


CHECKS: dict[str, Callable[[object], bool]] = {
    "string": _is_encodable,
    "markdown": _is_encodable,
    "xhtml": _is_encodable,
    "code": _matches(CODE),
    "id": _matches(ID),
    "uri": _matches(URI),
    "url": _matches(URI),
    "canonical": _matches(URI),
    "oid": _matches(re.compile(r"urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+")),
    "uuid": _matches(re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    "base64Binary": _matches(BASE64),
    "date": _on_calendar(DATE),
    "dateTime": _on_calendar(DATE_TIME),
    "instant": _on_calendar(INSTANT),
    "time": _matches(TIME),
    "boolean": lambda value: isinstance(value, bool),
    "integer": _integer(-INT_MAX - 1),
    "unsignedInt": _integer(0),
    "positiveInt": _integer(1),
    "decimal": lambda value: type(value) is int or isinstance(value, Decimal | float),
}
