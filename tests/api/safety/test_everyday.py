"""Everyday lines of the training data raise no alarm, and no word of them is taken for another."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import yaml

from api.core.text import fold
from api.safety.lexicon import Level, Lexicon, load_lexicon
from api.safety.scan import scan

NLU_DATA: Final = Path(__file__).parents[3] / "nlu_data"
GRAVE: Final = frozenset({Level.CRISIS, Level.EMERGENCY})

# A bare cry for help carries no reason: one question is asked before anything else is done.
ASKED_ABOUT: Final = frozenset({"ayuda por favor", "ayúdeme por favor"})

# Misspellings and other forms of the word that they are read as.
SAME_WORD: Final = frozenset(
    {
        "achey",
        "amoxicilina",
        "ayudarme",
        "bfore",
        "diabetics",
        "duela",
        "duermo",
        "favour",
        "forgt",
        "frgot",
        "havnt",
        "hinchen",
        "insulins",
        "lastime",
        "maree",
        "medecine",
        "metformn",
        "mornig",
        "naaah",
        "nesesito",
        "pare",
        "parkng",
        "prssure",
        "speeks",
        "strt",
        "suger",
        "sumthing",
        "tableta",
        "takin",
        "temprature",
        "tomorow",
        "toook",
        "tooook",
    }
)


class Line(NamedTuple):
    """One line of the training or held-out data, with the topic of its file."""

    topic: str
    text: str


def read_lines() -> Iterator[Line]:
    for file in sorted(NLU_DATA.glob("train/*.yml")) + sorted(NLU_DATA.glob("heldout/*.yml")):
        for block in yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
            for line in (block.get("examples") or "").splitlines():
                yield Line(file.name.split(".")[0], line.removeprefix("- ").strip())


@pytest.fixture(scope="module")
def everyday() -> list[Line]:
    return [line for line in read_lines() if line.text]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(NLU_DATA / "red_flags")


def test_no_everyday_line_is_a_crisis_or_an_emergency(
    everyday: list[Line], lexicon: Lexicon
) -> None:
    assert len(everyday) > 8_000
    findings = {line.text: scan(line.text, lexicon) for line in everyday}
    grave = {text: found for text, found in findings.items() if found.level in GRAVE}
    assert {text for text, found in grave.items() if not found.ask} == set()
    assert set(grave) == ASKED_ABOUT


def test_only_lines_about_symptoms_are_urgent(everyday: list[Line], lexicon: Lexicon) -> None:
    urgent = [line for line in everyday if scan(line.text, lexicon).level is Level.URGENT]
    assert [line for line in urgent if line.topic != "symptoms"] == []


def test_no_everyday_word_is_taken_for_another_word(everyday: list[Line], lexicon: Lexicon) -> None:
    shorthand = _shorthand()
    words = {word for line in everyday for word in re.findall(r"[^\W\d_]+", fold(line.text))}
    assert {word for word in words - shorthand if _is_taken_for_another(word, lexicon)} == SAME_WORD


def test_check_of_words_sees_a_word_taken_for_another(lexicon: Lexicon) -> None:
    assert _is_taken_for_another("bleech", lexicon)
    assert not _is_taken_for_another("acordarme", lexicon)


def _shorthand() -> frozenset[str]:
    text = (NLU_DATA / "red_flags" / "language.yml").read_text(encoding="utf-8")
    return frozenset(yaml.safe_load(text)["shorthand"])


def _is_taken_for_another(word: str, lexicon: Lexicon) -> bool:
    """Tell whether a word is read as another; "headaches" as "headache" is the same word."""
    read = ["".join(reading.words) for reading in lexicon.speller.read(word)]
    return not all(word.startswith(one) or one.startswith(word) for one in read)
