"""Minutes that are said in words, written as figures: "half past 7", "las 7 y media". Pure."""

import re
from functools import partial
from typing import Final

_HOURS: Final = (
    *(r"one|una", r"two|dos", r"three|tres", r"four|cuatro", r"five|cinco", r"six|seis"),
    *(r"seven|siete", r"eight|ocho", r"nine|nueve", r"ten|diez", r"eleven|once", r"twelve|doce"),
)
_HOUR: Final = rf"(?P<hour>\d{{1,2}}|{'|'.join(_HOURS)})"
_AT: Final = r"(?:\b(?P<at>at|las?)\s+)?"
# What follows a number that counts something: "7 y media pastillas", "at 8 20 mg".
_COUNTED: Final = (
    r"(?!\s*(?:mg|mcg|ml|%|hours?|hrs?|horas?|min|days?|dias?|pills?|pastillas?|tabl|tab\b|"
    r"doses?|dosis|of\b|more\b))"
)
_AFTER: Final = tuple(
    (re.compile(pattern), minute)
    for names, minute in (
        (r"half|media|thirty|treinta", 30),
        (r"quarter|cuarto|fifteen|quince", 15),
        (r"forty[ -]?five|cuarenta y cinco", 45),
    )
    for pattern in (
        rf"{_AT}\b(?:a )?(?:{names}) (?:past|after) {_HOUR}\b(?!:)",
        rf"{_AT}\b{_HOUR}(?: y)? (?:{names})\b{_COUNTED}",
    )
)
# Not "ten to eight": "move it from ten to eight" is no such time.
_BEFORE: Final = tuple(
    (re.compile(pattern), minute)
    for pattern, minute in (
        (rf"{_AT}\b(?:a )?quarter (?:to|of|till) {_HOUR}\b(?!:)", 15),
        (rf"{_AT}\b{_HOUR} menos cuarto\b", 15),
        (rf"{_AT}\b{_HOUR} menos diez\b", 10),
        (rf"{_AT}\b{_HOUR} menos veinte\b", 20),
    )
)
# "At 8 30", "a las 8h30", "a las 7.30"; and "a las 19h".
_APART: Final = re.compile(rf"\b(at|las?)\s+(\d{{1,2}})(?:\s|\.|h)([0-5]\d)\b{_COUNTED}")
_HOURS_SIGN: Final = re.compile(r"\blas (\d{1,2})\s?h(?:rs|oras)?\b")


def with_minutes(said: str) -> str:
    """Return a folded text in which such times are "at 7:30"; all else stays as it is."""
    for pattern, minute in _AFTER:
        said = pattern.sub(partial(_after, minute), said)
    for pattern, minute in _BEFORE:
        said = pattern.sub(partial(_before, minute), said)
    return _HOURS_SIGN.sub(r"las \1", _APART.sub(r"\1 \2:\3", said))


def _after(minute: int, found: re.Match[str]) -> str:
    return f"{found['at'] or 'at'} {_hour(found['hour'])}:{minute:02}"


def _before(minute: int, found: re.Match[str]) -> str:
    hour = _hour(found["hour"])
    return f"{found['at'] or 'at'} {12 if hour == 1 else hour - 1}:{60 - minute:02}"


def _hour(said: str) -> int:
    if said.isdigit():
        return int(said)
    return next(n for n, names in enumerate(_HOURS, start=1) if said in names.split("|"))
