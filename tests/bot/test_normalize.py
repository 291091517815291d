"""One spelling for what people type."""

from __future__ import annotations

import pytest

from components.normalize import SHORTHAND, normalize


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("need an appt asap plz", "need an appointment as soon as possible please"),
        ("CAN U RESCHED MY APPTS", "can you reschedule my appointments"),
        ("heeelp plzzz", "help please"),
        ("I can't come", "i can not come"),
        ("i cant come", "I can\u2019t come"),
        ("tomorow", "tomorrow"),
        ("adress?", "address ?"),
        ("thx 👍", "thanks yes"),
        ("cita para mañana", "cita para manana"),
        ("xfa kiero una cta", "por favor quiero una cita"),
        ("¿Dónde están?", "donde estan ?"),
        ("see   you", " See\nyou "),
        ("\uff48\uff45\uff4c\uff4c\uff4f", "hello"),
    ],
)
def test_what_is_meant_alike_comes_out_alike(typed: str, meant: str) -> None:
    assert normalize(typed) == normalize(meant)


def test_figures_keep_their_shape_and_lose_their_value() -> None:
    assert normalize("bp 150/95.") == "blod presure 000/00"
    assert normalize("at 8:30") == normalize("at 9:15")


def test_a_point_between_words_separates_them() -> None:
    assert normalize("thanks.bye") == normalize("thanks bye")


@pytest.mark.parametrize("text", ["", "   ", "🙃", "!!!", "\0", "日本"])
def test_what_holds_no_known_letter_comes_out_empty(text: str) -> None:
    assert normalize(text) == ""


def test_normalizing_twice_changes_nothing_more() -> None:
    once = normalize("Necesito una cita pa' mañana, xfa!! b4 10am")
    assert normalize(once) == once


def test_shorthand_is_written_as_it_is_looked_up() -> None:
    assert [short for short in SHORTHAND if short != short.lower() or " " in short] == []
