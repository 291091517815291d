"""Times of day in what people write."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from api.core.text import fold
from api.intake.values import Time

_TIME: Final = re.compile(
    r"(?:at |a las? |las? )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::(?P<second>\d{2}))? ?"
    r"(?P<half>a\.?m\.?|p\.?m\.?|(?:de|por) la (?:manana|tarde|noche)"
    r"|in the (?:morning|afternoon|evening)|at night)?"
)
_NAMED: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("noon", "12 noon", "at noon", "mediodia", "al mediodia"), "12:00:00")
    | dict.fromkeys(("midnight", "at midnight", "medianoche", "a medianoche"), "00:00:00")
)
_MORNING: Final = frozenset({"am", "manana", "morning"})
_NIGHT: Final = frozenset({"noche", "night"})


def time_said(text: str) -> Time | None:
    """Return the time of day that the text says; None when it says none, or leaves it open.

    "2:30 pm", "3 de la tarde", "14:30", "08:30". "2:30" alone may be night or day, and "3" may be
    anything.
    """
    said = fold(text).strip(" ,.")
    named = _NAMED.get(said)
    if named:
        return Time(named)
    found = _TIME.fullmatch(said) or _TIME.fullmatch(said + ".")
    if found is None:
        return None
    hour = _hour(found["hour"], found["half"], has_minute=found["minute"] is not None)
    if hour is None:
        return None
    try:
        return Time(f"{hour:02}:{found['minute'] or '00'}:{found['second'] or '00'}")
    except ValueError:
        return None


def _hour(digits: str, half: str | None, *, has_minute: bool) -> int | None:
    hour = int(digits)
    if half is None:
        is_of_24 = len(digits) == 2 or hour == 0
        return hour if has_minute and is_of_24 else None
    if not 1 <= hour <= 12:
        return None
    name = half.replace(".", "").split()[-1]
    if name in _MORNING:
        return hour % 12
    if name in _NIGHT and (hour == 12 or hour < 6):
        # Twelve at night is midnight; two at night is called the morning by others.
        return 0 if hour == 12 else None
    return hour % 12 + 12
