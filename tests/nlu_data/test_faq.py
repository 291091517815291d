"""Checks that the clinic's own answers can be sent as they are: short, plain and in date."""

import re
from datetime import date
from pathlib import Path
from typing import TypedDict, cast

import pytest
import yaml

from tests.support.reading import reading_grade

FAQ = Path(__file__).parents[2] / "nlu_data" / "faq"
TOPICS = {"hours", "location", "insurance", "prep"}
ABOUT_THE_CLINIC = "clinic"  # its name, phone and zone stand beside the answers

# Source: GSM 03.38 default alphabet; the escape-table characters count two and are left out.
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Two joined segments: 153 characters each in GSM-7, 67 each in UCS-2.
ENGLISH_LIMIT_CHARS = 306
SPANISH_LIMIT_CHARS = 134


class Text(TypedDict):
    """What is sent in one language."""

    answer: str


class Answer(TypedDict):
    """One reviewed answer as its file holds it."""

    id: str
    owner: str
    review_by: date
    audience: str
    en: Text
    es: Text


def read_answer(path: Path) -> Answer:
    return cast("Answer", yaml.safe_load(path.read_text("utf-8")))


PATHS = sorted(p for p in FAQ.glob("*/*.yml") if p.stem != ABOUT_THE_CLINIC)
each_answer = pytest.mark.parametrize("path", PATHS, ids=lambda p: f"{p.parent.name}-{p.stem}")


def test_lakeside_answers_every_topic() -> None:
    assert {p.stem for p in PATHS if p.parent.name == "lakeside"} == TOPICS


@each_answer
def test_answer_has_an_owner_and_a_date_to_review_it(path: Path) -> None:
    answer = read_answer(path)
    assert set(answer) == {"id", "owner", "review_by", "audience", "en", "es"}
    assert answer["id"] == path.stem
    assert answer["owner"]
    assert answer["audience"]
    assert isinstance(answer["review_by"], date)


@each_answer
def test_english_answer_fits_two_plain_segments(path: Path) -> None:
    text = read_answer(path)["en"]["answer"]
    assert set(text) <= GSM_7
    assert len(text) <= ENGLISH_LIMIT_CHARS


@each_answer
def test_spanish_answer_fits_two_segments_with_its_accents(path: Path) -> None:
    assert len(read_answer(path)["es"]["answer"]) <= SPANISH_LIMIT_CHARS


@each_answer
def test_english_answer_reads_at_sixth_grade_or_below(path: Path) -> None:
    assert reading_grade(read_answer(path)["en"]["answer"]) <= 6


@each_answer
def test_answer_gives_only_fictional_phone_numbers(path: Path) -> None:
    for language in (read_answer(path)["en"], read_answer(path)["es"]):
        for number in re.findall(r"\d{3}-\d{3}-\d{4}", language["answer"]):
            assert re.fullmatch(r"212-555-01\d\d", number)
