"""Which options a text names: by their numbers in the list, or by all of their words."""

import re
from typing import Final

from api.core.text import fold, words
from api.intake.items import Item, Option
from api.messaging.replies import reads_choice

# Words that may stand around the words of an option and add nothing to them.
_POLITE: Final = frozenset(
    {"please", "pls", "plz", "thanks", "thank", "you", "por", "favor", "porfa", "gracias"}
)
_NAMED: Final = re.compile(r"(?:option|number|no|choice|answer|opcion|numero|respuesta)\b[ .:]*")
_NUMBER: Final = re.compile(r"[#(]*(\d{1,3})[.):]*")
_PARTED: Final = re.compile(r"[,;\n/&+]| and | y | e ")
# Signs that make a difference between options ("<5", ">5"), and so are no mere typography.
_SIGNS: Final = frozenset("<>≤≥+±%=")


def chosen(item: Item, text: str) -> tuple[int, ...]:
    """Return the places of the options that the text names, in the order of the list.

    Empty when it names none, or when anything else is said beside them. Several are only found
    where the text is nothing but a list of them.
    """
    alone = _named_by(item, text)
    if alone is not None:
        return (alone,)
    found: set[int] = set()
    for part in _split(text):
        place = _named_by(item, part)
        if place is None:
            return ()
        found.add(place)
    return tuple(sorted(found))


def numbered(text: str) -> bool:
    """Tell whether the text is nothing but numbers of a list, there or not."""
    parts = _split(text)
    return bool(parts) and all(_number_of(part) is not None for part in parts)


def _split(text: str) -> list[str]:
    parts = [part.strip() for part in _PARTED.split(_lines(text))]
    if len(parts) == 1 and all(_NUMBER.fullmatch(word) for word in parts[0].split()):
        return parts[0].split()
    return [one for part in parts if part for one in _numbers_or_part(part)]


def _numbers_or_part(part: str) -> list[str]:
    several = part.split()
    are_numbers = all(_NUMBER.fullmatch(word) for word in several)
    return several if are_numbers else [part]


def _lines(text: str) -> str:
    return "\n".join(fold(line) for line in text.splitlines())


def _named_by(item: Item, text: str) -> int | None:
    """Return the place of the one option that the text names; None when none, or several."""
    said = fold(text)
    labels = [place for place, option in enumerate(item.options) if _is_label(option, said)]
    if labels:
        return labels[0] if len(labels) == 1 else None
    number = _number_of(said)
    if number is None:
        return None
    return number - 1 if 1 <= number <= len(item.options) else None


def _is_label(option: Option, said: str) -> bool:
    return any(_is_same(label, said) for label in _labels(option))


def _labels(option: Option) -> tuple[str, ...]:
    return (option.label.text, *option.label.translations.values())


def _is_same(label: str, said: str) -> bool:
    folded = fold(label)
    if folded == said:
        return True
    wanted, told = words(folded), words(said)
    if not wanted or _SIGNS.intersection(folded):
        return False
    return wanted in (told, [word for word in told if word not in _POLITE])


def _number_of(text: str) -> int | None:
    said = _without_politeness(fold(text))
    said = _NAMED.sub("", said, count=1) if _NAMED.match(said) else said
    digits = _NUMBER.fullmatch(said)
    if digits:
        return int(digits[1])
    return reads_choice(said, 9) if said.isalpha() and said not in _LAST else None


_LAST: Final = frozenset({"last", "ultimo", "ultima"})


def _without_politeness(said: str) -> str:
    return " ".join(part for part in said.split() if part.strip(".,!") not in _POLITE).strip("!, ")
