"""Answers are read back in words of the person's language."""

from datetime import date
from decimal import Decimal

import pytest

from api.core.language import Language
from api.intake.answers import Entry
from api.intake.forms import Item, Option, Words
from api.intake.kinds import ItemType
from api.intake.reading import Accepted, read_answer
from api.intake.values import Coding, Date, DateTime, Quantity, Time, Value
from api.intake.wording import shown, shown_all

EN, ES = Language.EN, Language.ES
SMOKES = Option(Coding("urn:x", "a", "Every day"), Words("Every day", {"es": "Todos los días"}))


@pytest.mark.parametrize(
    ("value", "english", "spanish"),
    [
        (True, "Yes", "Sí"),
        (False, "No", "No"),
        (7, "7", "7"),
        (Decimal("1E+2"), "100", "100"),
        (Quantity(Decimal("70.5"), "kg"), "70.5 kg", "70.5 kg"),
        (SMOKES.value, "Every day", "Todos los días"),
        ("own words", "own words", "own words"),
        (Date("2026-03-09"), "Mar 9, 2026", "9 mar 2026"),
        (Date("2026-03"), "Mar 2026", "mar 2026"),
        (Date("2026"), "2026", "2026"),
        (Time("14:30:00"), "2:30pm", "2:30pm"),
        (Time("00:05:00"), "12:05am", "12:05am"),
        (
            DateTime("2026-03-09T14:30:00-04:00"),
            "Mar 9, 2026 2:30pm",
            "9 mar 2026 2:30pm",
        ),
    ],
)
def test_value_is_shown_in_the_language(value: Value, english: str, spanish: str) -> None:
    item = Item("1", ItemType.OPEN_CHOICE, Words("?"), options=(SMOKES,))
    assert (shown(item, value, EN), shown(item, value, ES)) == (english, spanish)


def test_several_answers_are_shown_in_a_row_and_none_as_nothing() -> None:
    item = Item("1", ItemType.STRING, Words("?"), repeats=True)
    assert shown_all(item, Entry(("a", "b")), EN) == "a, b"
    assert shown_all(item, Entry(declined=True), EN) == ""


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("text", ["2026-03-09", "2026-03", "2026"])
def test_day_that_is_shown_is_read_as_the_same_day(language: Language, text: str) -> None:
    item = Item("1", ItemType.DATE, Words("?"))
    said = shown(item, Date(text), language)
    read = read_answer(item, said, language, today=date(2026, 11, 25))
    assert read == Accepted((Date(text),))
