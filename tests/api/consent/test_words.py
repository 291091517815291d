"""Words that opt in and out."""

# ruff: noqa: RUF001 - look-alike letters are what is tested

from typing import Final

import pytest
from hypothesis import given, strategies as st

from api.consent.words import (
    CarrierWord,
    is_carrier_default,
    is_free_text_opt_out,
    is_wrong_number,
    read_carrier_word,
    was_cancel,
)

STOP_WORDS: Final = [
    *("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT"),
    *("OPT-OUT", "REMOVE", "ALTO", "PARAR", "CANCELAR", "BAJA", "DETENER", "STOP ALL"),
]
DECORATION: Final = st.text(
    alphabet=st.sampled_from(
        [*" .!?,;:*\"'()[]#-…¡¿\n\t", "🙏", "🛑", "👍", "🏽", "\u200b", "\u202e"]
    ),
    max_size=6,
)


@pytest.mark.parametrize("word", STOP_WORDS)
@pytest.mark.parametrize(
    "shape", ["{}", "{}.", " {} ", "«{}»", "🛑 {} 🛑", "{}!!!", "\u202e{}\u200b"]
)
def test_every_stop_word_alone_stops_in_any_decoration(word: str, shape: str) -> None:
    for cased in (word, word.lower(), word.title()):
        assert read_carrier_word(shape.format(cased)) is CarrierWord.STOP


@given(DECORATION, st.sampled_from(STOP_WORDS), DECORATION)
def test_no_decoration_hides_a_stop_word(before: str, word: str, after: str) -> None:
    assert read_carrier_word(before + word + after) is CarrierWord.STOP


@pytest.mark.parametrize(
    "text",
    [
        "ＳＴＯＰ",
        "S\u200bT\u200bO\u200bP",
        "STОP",
        "ЅТОР",
        "🆂🆃🅾🅿",
        "𝗦𝗧𝗢𝗣",
        "ＯＰＴ－ＯＵＴ",
        "stöp",
    ],
)
def test_disguised_letters_stop_as_well(text: str) -> None:
    assert read_carrier_word(text) is CarrierWord.STOP


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("start", CarrierWord.START),
        ("UNSTOP", CarrierWord.START),
        ("Iniciar", CarrierWord.START),
        ("comenzar!", CarrierWord.START),
        ("Yes", CarrierWord.YES),
        ("y", CarrierWord.YES),
        ("Sí", CarrierWord.YES),
        ("si.", CarrierWord.YES),
        ("HELP", CarrierWord.HELP),
        ("info?", CarrierWord.HELP),
        ("Ayuda", CarrierWord.HELP),
        ("información", CarrierWord.HELP),
    ],
)
def test_other_keywords_alone_are_read(text: str, word: CarrierWord) -> None:
    assert read_carrier_word(text) is word


@pytest.mark.parametrize(
    "text",
    ["", "STOP PLEASE", "help me", "yes please", "no", "alta", "the end", "start tomorrow", "👍"],
)
def test_a_keyword_among_other_words_is_no_keyword(text: str) -> None:
    assert read_carrier_word(text) is None


def test_cancel_is_an_opt_out_that_may_have_meant_the_visit() -> None:
    for text in ("CANCEL", "cancel!", "Cancelar"):
        assert read_carrier_word(text) is CarrierWord.STOP
        assert was_cancel(text)
    assert not was_cancel("STOP")
    assert not was_cancel("cancel my visit")


def test_the_carrier_knows_only_its_own_words_undecorated() -> None:
    assert is_carrier_default("Stop")
    assert is_carrier_default(" START ")
    assert not is_carrier_default("stop!")
    assert not is_carrier_default("ALTO")
    assert not is_carrier_default("INICIAR")


@pytest.mark.parametrize(
    "text",
    [
        "please stop texting me",
        "dont text me anymore",
        "take me off your list",
        "s t o p",
        "S.T.O.P.",
        "stopp",
        "STOP PLEASE",
        "please stop",
        "stop it",
        "Stop!! stop",
        "pls stop txting me",
        "stop all these messages",
        "stop sending me stuff",
        "quit messaging me",
        "stop contacting me",
        "stop the reminders",
        "stop the reminders from the clinic",
        "no más recordatorios",
        "no quiero mensajes de la clínica",
        "no more messages",
        "no more texts please",
        "never text me again",
        "do not contact me again",
        "don't send me any more messages",
        "please dont text this number",
        "i don't want these texts",
        "I no longer want to receive text messages",
        "I dont want to be texted",
        "not interested in these texts",
        "i want you to stop texting me",
        "remove me",
        "remove my number",
        "remove me from this list",
        "get me off this list",
        "delete my number please",
        "i want to opt out",
        "how do i unsubscribe",
        "cancel my subscription",
        "leave me alone",
        "deje de escribirme",
        "dejen de mandarme mensajes",
        "no me manden mas mensajes",
        "no me escriban más",
        "no me molesten",
        "ya no quiero recibir mensajes",
        "no más mensajes por favor",
        "quiten mi numero",
        "borren mi número",
        "sáquenme de la lista",
        "quiero darme de baja",
        "déjenme en paz",
        "basta",
    ],
)
def test_the_wish_for_no_more_texts_is_understood(text: str) -> None:
    assert is_free_text_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "stop my metformin reminder",
        "stop the reminders about my pills",
        "no más recordatorios de medicina",
        "ya no quiero recordatorios de la medicina",
        "no quiero más avisos de mi cita",
        "when should i stop taking ibuprofen",
        "should i stop my medicine before surgery",
        "how do i stop smoking",
        "the bleeding won't stop",
        "please stop the bleeding",
        "stop the pain",
        "does the pain ever stop",
        "can't stop coughing",
        "end my life",
        "can you cancel my appointment",
        "cancel tuesday",
        "bus stop near clinic",
        "i need to stop by the office",
        "don't stop texting me",
        "please don't stop",
        "my ex won't stop texting me",
        "did you stop sending messages?",
        "why dont you text me",
        "they dont text me back",
        "don't call me at work, text me",
        "dont text me at night",
        "no more refills",
        "i have no more pills",
        "i got no messages from the lab",
        "can you send me messages in spanish",
        "take me off metformin",
        "take me off the waitlist",
        "remove me from the waiting list",
        "remove my stitches",
        "end of the month works",
        "i dont want to take this medicine",
        "no dejen de escribirme",
        "puedo dejar de tomar la medicina",
        "quiero parar de fumar",
        "no me llega el mensaje",
        "no me mandaron los resultados",
        "quiero bajar de peso",
        "para el lunes",
        "",
    ],
)
def test_stopping_something_else_is_no_opt_out(text: str) -> None:
    assert not is_free_text_opt_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "wrong number",
        "WRONG",
        "Wrong number stop",
        "you have the wrong number",
        "sorry wrong person",
        "this is not my number",
        "this isnt her phone anymore",
        "no one here by that name",
        "numero equivocado",
        "Número equivocado",
        "equivocado",
        "se equivocó de número",
        "persona equivocada",
    ],
)
def test_a_wrong_number_is_understood(text: str) -> None:
    assert is_wrong_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "i called the wrong number",
        "i gave you the wrong number",
        "the pharmacy has the wrong number",
        "wrong number of pills",
        "wrong dose",
        "something is wrong",
        "what is wrong with me",
        "is this the right number",
    ],
)
def test_what_else_is_wrong_is_no_wrong_number(text: str) -> None:
    assert not is_wrong_number(text)


@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_text_raises(text: str) -> None:
    read_carrier_word(text)
    is_free_text_opt_out(text)
    is_wrong_number(text)


@pytest.mark.parametrize("unit", ["stop ", "dont text me ", "remove me from the ", "no me mande "])
def test_a_megabyte_is_read_like_any_text(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert read_carrier_word(text) is None
    assert not is_wrong_number(text)
    assert is_free_text_opt_out(text) in {True, False}
