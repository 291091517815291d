"""Short replies read without the engine."""

# ruff: noqa: RUF001 - look-alike digits are what is tested
from datetime import date
from typing import Final

import pytest
from hypothesis import given, strategies as st

from api.core.language import Language
from api.messaging.replies import (
    Word,
    reads_birth_dates,
    reads_choice,
    reads_language,
    reads_no,
    reads_word,
    reads_yes,
    wants_person,
)

TODAY: Final = date(2026, 11, 25)
MARCH_9: Final = date(1979, 3, 9)
SEPTEMBER_3: Final = date(1979, 9, 3)


@pytest.mark.parametrize(
    "text",
    [
        "PERSON",
        "nurse!",
        "AGENT",
        "person please",
        "get me a person",
        "i need a human",
        "talk to a human",
        "talk to someone",
        "I want to talk to someone",
        "can i speak with someone real",
        "can I speak to a real person",
        "let me talk to a nurse",
        "need to speak with a nurse about my meds",
        "speak to the front desk",
        "connect me to an agent",
        "is there a real person",
        "are you a bot? i want a human",
        "I don't want to talk to a bot, get me a person",
        "have a nurse call me",
        "can someone call me please",
        "PERSONA",
        "enfermera",
        "quiero una enfermera",
        "hablar con una persona",
        "Quiero hablar con una enfermera por favor",
        "necesito hablar con alguien",
        "pásame con una persona",
        "¿puede llamarme alguien?",
        "alguien real",
    ],
)
def test_the_wish_for_a_person_is_understood(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "the nurse told me to wait",
        "i talked to a nurse yesterday",
        "i already talked to a nurse",
        "I am a nurse",
        "my daughter is a nurse",
        "my nurse visit is friday",
        "person inside",
        "i am not that person",
        "do i need to talk to someone before the test",
        "i dont want to talk to a person",
        "i need an appointment with a nurse",
        "la enfermera me dijo",
        "hablé con la enfermera ayer",
        "soy una persona mayor",
        "",
    ],
)
def test_a_person_only_mentioned_is_not_asked_for(text: str) -> None:
    assert not wants_person(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ESPAÑOL", Language.ES),
        ("spanish", Language.ES),
        ("in spanish please", Language.ES),
        ("español por favor", Language.ES),
        ("¿habla español?", Language.ES),
        ("do you speak spanish?", Language.ES),
        ("can we do this in spanish", Language.ES),
        ("I don't speak English", Language.ES),
        ("no hablo inglés", Language.ES),
        ("ENGLISH", Language.EN),
        ("inglés", Language.EN),
        ("switch to english", Language.EN),
        ("quiero cambiar a inglés", Language.EN),
        ("no hablo español", Language.EN),
    ],
)
def test_a_language_asked_for_is_read(text: str, language: Language) -> None:
    assert reads_language(text) is language


@pytest.mark.parametrize(
    "text",
    [
        "English or Spanish",
        "my english class is at 9",
        "a spanish interpreter for my visit",
        "hola",
    ],
)
def test_a_language_only_mentioned_changes_nothing(text: str) -> None:
    assert reads_language(text) is None


@pytest.mark.parametrize(
    "text",
    ["yes", "Y", "ok", "yep", "👍", "👍🏽", "Yes please", "yes ok", "sí", "Sí, claro", "claro"],
)
def test_a_yes_is_a_yes(text: str) -> None:
    assert reads_yes(text)
    assert not reads_no(text)


@pytest.mark.parametrize("text", ["no", "N", "nope", "nah", "👎", "no thanks", "no gracias"])
def test_a_no_is_a_no(text: str) -> None:
    assert reads_no(text)
    assert not reads_yes(text)


@pytest.mark.parametrize(
    "text", ["", "yes and no", "yes i want tuesday", "no i have chest pain", "maybe", "❤", "STOP"]
)
def test_what_says_more_is_neither(text: str) -> None:
    assert not reads_yes(text)
    assert not reads_no(text)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", 1),
        ("2.", 2),
        ("#2", 2),
        ("２", 2),
        ("2️⃣", 2),
        ("option 2", 2),
        ("number 3", 3),
        ("the second one", 2),
        ("I want the first one please", 1),
        ("the last one", 3),
        ("two", 2),
        ("one", 1),
        ("2 please", 2),
        ("dos", 2),
        ("la segunda", 2),
        ("el tercero", 3),
        ("quiero la 2", 2),
        ("opción 1", 1),
        ("la una", 1),
    ],
)
def test_a_choice_is_read(text: str, choice: int) -> None:
    assert reads_choice(text, 3) == choice


@pytest.mark.parametrize(
    "text",
    ["", "0", "4", "12", "1 or 2", "2pm", "march 2", "the one on tuesday", "none", "9" * 5000, "-"],
)
def test_no_choice_or_two_are_none(text: str) -> None:
    assert reads_choice(text, 3) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("BOOK", Word.BOOK),
        ("book it", Word.BOOK),
        ("Reservar", Word.BOOK),
        ("more", Word.MORE),
        ("MÁS", Word.MORE),
        ("mas", Word.MORE),
        ("None.", Word.NONE),
        ("ninguna", Word.NONE),
        ("back", Word.BACK),
        ("atrás", Word.BACK),
        ("skip please", Word.SKIP),
        ("SALTAR", Word.SKIP),
        ("menú", Word.MENU),
        ("Why?", Word.WHY),
        ("¿Por qué?", Word.WHY),
        ("porque", Word.WHY),
        ("why do you ask", Word.WHY),
        ("Why are you asking me this?", Word.WHY),
        ("¿Por qué me pregunta eso?", Word.WHY),
        ("why does my knee hurt", None),
        ("porque me duele", None),
        ("book a visit", None),
        ("", None),
    ],
)
def test_a_menu_word_is_read_alone(text: str, word: Word | None) -> None:
    assert reads_word(text) is word


@pytest.mark.parametrize(
    "text",
    [
        "1979-03-09",
        "March 9 1979",
        "9 mar 1979",
        "Mar 9, '79",
        "9th of March, 1979",
        "nacido el 9 de marzo de 1979",
        "19790309",
        "my birthday is 1979-03-09 thanks",
    ],
)
@pytest.mark.parametrize("language", Language)
def test_a_clear_birth_date_has_one_reading(text: str, language: Language) -> None:
    assert reads_birth_dates(text, language, today=TODAY) == (MARCH_9,)


@pytest.mark.parametrize("text", ["3/9/1979", "03-09-79", "3.9.1979", "3 9 1979", "03091979"])
def test_an_ambiguous_order_has_two_readings_the_languages_own_first(text: str) -> None:
    english = reads_birth_dates(text, Language.EN, today=TODAY)
    spanish = reads_birth_dates(text, Language.ES, today=TODAY)
    assert english == (MARCH_9, SEPTEMBER_3)
    assert spanish == (SEPTEMBER_3, MARCH_9)


def test_an_order_that_only_one_calendar_allows_has_one_reading() -> None:
    for text in ("25/12/1980", "12/25/1980"):
        for language in Language:
            assert reads_birth_dates(text, language, today=TODAY) == (date(1980, 12, 25),)


def test_a_two_digit_year_may_be_of_either_century() -> None:
    found = reads_birth_dates("march 9 24", Language.EN, today=TODAY)
    assert found == (date(2024, 3, 9), date(1924, 3, 9))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3/9",
        "march 9",
        "3/9/2030",
        "12/25/2026",
        "2/30/1980",
        "99/99/9999",
        "1/1/1890",
        "555-0100",
        "march or april 9 1979",
        "9" * 9000,
        "1/1/" + "9" * 9000,
    ],
)
def test_what_is_no_birth_date_has_no_reading(text: str) -> None:
    assert reads_birth_dates(text, Language.EN, today=TODAY) == ()


@given(st.dates(date(1910, 1, 1), TODAY), st.sampled_from(list(Language)))
def test_a_birth_date_in_any_usual_form_is_among_the_readings(
    born: date, language: Language
) -> None:
    for shape in ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%B %d, %Y", "%d %b %y", "%m%d%Y"):
        assert born in reads_birth_dates(born.strftime(shape), language, today=TODAY)


@given(st.text(alphabet=st.characters(), max_size=40))
def test_no_text_raises_and_no_birth_date_lies_ahead(text: str) -> None:
    wants_person(text)
    reads_language(text)
    reads_word(text)
    reads_choice(text, 5)
    assert not (reads_yes(text) and reads_no(text))
    assert all(day <= TODAY for day in reads_birth_dates(text, Language.ES, today=TODAY))


@given(st.text(alphabet="0123456789/-. ", max_size=14))
def test_any_digits_are_read_without_error(text: str) -> None:
    assert all(day <= TODAY for day in reads_birth_dates(text, Language.EN, today=TODAY))
    assert reads_choice(text, 3) in {None, 1, 2, 3}


@pytest.mark.parametrize("unit", ["talk to a ", "i want a person ", "en espanol ", "1 ", "yes "])
def test_a_megabyte_is_read_like_any_text(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert wants_person(text) in {True, False}
    assert not reads_yes(text)
    assert reads_birth_dates(text, Language.EN, today=TODAY) == ()
