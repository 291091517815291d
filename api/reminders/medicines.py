"""Which medicine a text speaks of, of those that a person is prescribed. Pure."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from api.core.text import words

SHORTEST: Final = 5
_GENERIC: Final = frozenset(
    [
        "pill",
        "pills",
        "med",
        "meds",
        "medicine",
        "medicines",
        "medication",
        "medications",
        "tablet",
        "tablets",
        "dose",
        "doses",
        "pastilla",
        "pastillas",
        "medicina",
        "medicinas",
        "medicamento",
        "medicamentos",
        "tableta",
        "tabletas",
    ]
)
# What may stand before such a word without saying which medicine: "heart pills" says which.
_PLAIN: Final = frozenset(
    [
        "my",
        "the",
        "of",
        "about",
        "take",
        "taking",
        "all",
        "any",
        "me",
        "your",
        "on",
        "off",
        "mi",
        "mis",
        "la",
        "las",
        "el",
        "los",
        "de",
        "un",
        "una",
        "tomar",
    ]
)
_REMINDERS: Final = frozenset(
    ["reminder", "reminders", "recordatorio", "recordatorios", "avisos", "aviso"]
)
_FOR: Final = frozenset({"for", "para"})
_ALL: Final = frozenset(["all", "every", "everything", "todo", "todos", "todas"])
_FORMS: Final = frozenset(
    [
        "tablet",
        "capsule",
        "hydrochloride",
        "sodium",
        "potassium",
        "calcium",
        "tartrate",
        "succinate",
        "solution",
        "extended",
        "release",
        "delayed",
        "injection",
        "cream",
        "spray",
    ]
)
# A reminder for somebody else is not this person's to set up.
_OTHERS: Final = frozenset(
    [
        "mom",
        "mother",
        "dad",
        "father",
        "husband",
        "wife",
        "son",
        "daughter",
        "grandma",
        "grandmother",
        "grandpa",
        "mama",
        "papa",
        "esposo",
        "esposa",
        "hijo",
        "hija",
        "abuela",
        "abuelo",
        "madre",
        "padre",
    ]
)


def load_brands(path: Path) -> Mapping[str, str]:
    """Brand names with the generic name of each."""
    read: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
    return read


def named_in(text: str, medicines: Sequence[str], brands: Mapping[str, str]) -> list[int]:
    """Places of the medicines that a text names: by name, brand, or with a slip of the pen.

    "My pills" names the one medicine of somebody who has one; of several it names none.
    """
    said = words(text)
    spoken = [_generic_of(word, brands) for word in said]
    found = [i for i, name in enumerate(medicines) if _is_named(name, spoken)]
    if not found and len(medicines) == 1 and _says_any(said):
        return [0]
    return found


def says_reminders_only(text: str) -> bool:
    """Whether it speaks of reminders and of no medicine: "turn off my reminders"."""
    return bool(_REMINDERS & set(words(text))) and not _FOR & set(words(text))


def says_all(text: str) -> bool:
    """Whether it speaks of every medicine."""
    said = set(words(text))
    return bool(_ALL & said) and bool((_GENERIC | _REMINDERS) & said)


def is_for_another(text: str) -> bool:
    """Whether somebody else is to be reminded."""
    return bool(_OTHERS & set(words(text)))


def distance(one: str, other: str) -> int:
    """How many letters are left out, put in, changed or swapped (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, start=1):
        row = [i]
        for j, b in enumerate(other, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and (a, one[i - 2]) == (other[j - 2], b):
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def _generic_of(word: str, brands: Mapping[str, str]) -> str:
    meant = next((brand for brand in brands if _is_near(word, brand)), None)
    return brands[meant] if meant else word


def _is_named(name: str, spoken: Sequence[str]) -> bool:
    ingredients = [
        word
        for word in words(name)
        if word.isalpha() and len(word) >= SHORTEST and word not in _FORMS
    ]
    return any(_is_near(word, each) for word in spoken for each in ingredients)


def _is_near(word: str, name: str) -> bool:
    """One slip in a short name, two in a long one, never in its first letter."""
    if word == name:
        return True
    if len(word) < SHORTEST or word[0] != name[0] or abs(len(word) - len(name)) > 2:
        return False
    return distance(word, name) <= (1 if len(name) < 8 else 2)


def _says_any(said: Sequence[str]) -> bool:
    return any(
        word in _GENERIC and _PLAIN.issuperset(said[max(0, i - 1) : i]) and not _qualified(said, i)
        for i, word in enumerate(said)
    )


def _qualified(said: Sequence[str], place: int) -> bool:
    """Whether words after it say which: "pastilla de la presión", "pills for my heart"."""
    return said[place + 1 : place + 2] in (["de"], ["for"], ["para"])
