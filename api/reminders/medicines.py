"""Which medicine a text speaks of, of those that a person is prescribed. Pure.

A word that is a medicine's name, or a brand's, means that one and no other that looks like it.
Source: ISMP, List of Confused Drug Names, on names that look or sound alike; a slip of the pen is
read only where it is nearer to one medicine than to every other.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from api.core.text import words

SHORTEST: Final = 5
_REMIND: Final = re.compile(
    r"remind(?:ing|ed)?$|recuerd\w+$|recordar\w*$|(?:avis|mand|escrib)[ai]rme$"
)
_WHAT_FOR: Final = frozenset({"for", "para", "about", "sobre", "of", "de", "del"})


@dataclass(frozen=True)
class Vocabulary:
    """Folded words by which people speak of medicines; `brands`: with the generic of each."""

    any_medicine: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    reminders: frozenset[str] = frozenset()
    all: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    looks: frozenset[str] = frozenset()
    around: frozenset[str] = frozenset()
    brands: Mapping[str, str] = field(default_factory=dict)


def load_vocabulary(folder: Path) -> Vocabulary:
    """Read `medicine_words.yml` and `brands.yml`."""
    read = yaml.safe_load((folder / "medicine_words.yml").read_text("utf-8"))
    sets = {
        name: frozenset(word for each in by_language.values() for word in words(each))
        for name, by_language in read.items()
    }
    return Vocabulary(**sets, brands=load_brands(folder / "brands.yml"))


def load_brands(path: Path) -> Mapping[str, str]:
    """Brand names with the generic name of each."""
    read: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
    return read


def named_in(text: str, medicines: Sequence[str], vocabulary: Vocabulary) -> list[int]:
    """Places of the medicines that a text names: by name, brand, or with a slip of the pen."""
    found = {place for word in words(text) for place in _places_of(word, medicines, vocabulary)}
    return sorted(found)


def says_no_other(text: str, medicines: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether a text says nothing but names of these medicines and the words around an answer."""
    passed = vocabulary.around | vocabulary.any_medicine | vocabulary.reminders | vocabulary.forms
    return all(word in passed or _places_of(word, medicines, vocabulary) for word in words(text))


def names_another(text: str, medicines: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether it names a medicine that is not among these, or says what an unknown one is for.

    "My pill for the heart", "el aviso de la presión": that it is the only one is not known.
    """
    said = words(text)
    elsewhere = (_points_elsewhere(said[i + 1 :], vocabulary) for i in _prepositions(said))
    if any(_is_described(said, i, vocabulary) for i in range(len(said))) or any(elsewhere):
        return True
    return any(
        _meant_by(word, set(), vocabulary) and not _places_of(word, medicines, vocabulary)
        for word in said
    )


def says_any(text: str, vocabulary: Vocabulary) -> bool:
    """Whether it speaks of medicine and does not say which: "my pills", not "heart pills"."""
    said = words(text)
    return any(
        word in vocabulary.any_medicine and _passed(vocabulary).issuperset(said[max(0, i - 1) : i])
        for i, word in enumerate(said)
    )


def says_reminders_only(text: str, vocabulary: Vocabulary) -> bool:
    """Whether it speaks of reminders and of no medicine: "turn off my reminders"."""
    said = words(text)
    return not vocabulary.any_medicine & set(said) and any(
        _REMIND.match(word) is not None
        or (
            word in vocabulary.reminders and _passed(vocabulary).issuperset(said[max(0, i - 1) : i])
        )
        for i, word in enumerate(said)
    )


def says_all(text: str, vocabulary: Vocabulary) -> bool:
    """Whether it speaks of every medicine: "all of my pills", not "my pills every day"."""
    said = words(text)
    speaks = vocabulary.any_medicine | vocabulary.reminders
    return any(
        word in vocabulary.all
        and speaks & set(said[i + 1 : i + 4])
        and "day" not in said[i + 1 : i + 3]
        for i, word in enumerate(said)
    )


def is_for_another(text: str, vocabulary: Vocabulary) -> bool:
    """Whether somebody else is to be reminded."""
    return bool(vocabulary.others & set(words(text)))


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


def _places_of(word: str, medicines: Sequence[str], vocabulary: Vocabulary) -> list[int]:
    ingredients = [_ingredients(name, vocabulary) for name in medicines]
    known = set().union(*ingredients)
    meant = _meant_by(word, known, vocabulary)
    return [place for place, some in enumerate(ingredients) if meant and meant <= some]


def _meant_by(word: str, known: set[str], vocabulary: Vocabulary) -> set[str]:
    """The generic name that a word stands for; none where two names are equally near."""
    if word in known:
        return {word}
    if word in vocabulary.brands:
        return _generics(word, vocabulary)
    names = known | set(vocabulary.brands) | set(vocabulary.brands.values())
    near = {name: distance(word, name) for name in names if _may_be(word, name)}
    nearest = [name for name, off in near.items() if off == min(near.values())]
    generics = {tuple(sorted(_generics(name, vocabulary))) for name in nearest}
    return set(generics.pop()) if len(generics) == 1 else set()


def _generics(name: str, vocabulary: Vocabulary) -> set[str]:
    """What is in it: a brand may hold two ingredients."""
    return set(_ingredients(vocabulary.brands.get(name, name), vocabulary))


def _may_be(word: str, name: str) -> bool:
    """One slip in a short name, two in a long one, never in its first letter."""
    if min(len(word), len(name)) < SHORTEST or word[0] != name[0]:
        return False
    slips = 1 if len(name) < 8 else 2
    return abs(len(word) - len(name)) <= slips and distance(word, name) <= slips


def _ingredients(name: str, vocabulary: Vocabulary) -> frozenset[str]:
    """Words of a prescription's name that tell it from another's."""
    return frozenset(
        word
        for word in words(name)
        if word.isalpha() and len(word) >= SHORTEST and word not in vocabulary.forms
    )


def _passed(vocabulary: Vocabulary) -> frozenset[str]:
    """Words that say nothing of which medicine it is."""
    return vocabulary.plain | vocabulary.any_medicine | vocabulary.reminders | vocabulary.around


def _prepositions(said: Sequence[str]) -> list[int]:
    return [i for i, word in enumerate(said) if word in _WHAT_FOR]


def _points_elsewhere(after: Sequence[str], vocabulary: Vocabulary) -> bool:
    """Whether the word that a preposition leads to is none of those around medicines."""
    passed = vocabulary.plain | vocabulary.around
    led_to = next((word for word in after if word not in passed), None)
    if led_to is None or _REMIND.match(led_to):
        return False
    return led_to not in _passed(vocabulary)


def _is_described(said: Sequence[str], place: int, vocabulary: Vocabulary) -> bool:
    """Whether a word for medicine stands beside one for its looks: "my new pill"."""
    beside = {*said[max(0, place - 1) : place], *said[place + 1 : place + 2]}
    return said[place] in vocabulary.any_medicine and bool(vocabulary.looks & beside)
