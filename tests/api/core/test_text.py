"""Folding of patients' text."""

# ruff: noqa: RUF001 - look-alike letters are what is tested
import pytest
from hypothesis import given, strategies as st

from api.core.text import MAX_CHARS, fold, words

anything = st.text(alphabet=st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("STOP", "stop"),
        ("ＳＴＯＰ", "stop"),
        ("S\u200bT\u200dO\ufeffP", "stop"),
        ("\u202eSTOP\u202c", "stop"),
        ("STОP", "stop"),
        ("ЅТОР", "stop"),
        ("ΝΟ", "no"),
        ("🆂🆃🅾🅿", "stop"),
        ("ⓈⓉⓄⓅ", "stop"),
        ("𝐒𝐓𝐎𝐏", "stop"),
        ("ꜱᴛᴏᴘ", "stop"),
        ("Can’t  \n breathe", "cant breathe"),
        ("can´t", "cant"),
        ("can`t", "cant"),
        ("MÁS información, ¿sí?", "mas informacion, ¿si?"),
        ("mañana", "manana"),
        ("2️⃣", "2"),
        ("👍🏽", "👍"),
        ("a\x00b", "a b"),
        ("\ud800stop", "stop"),
        ("", ""),
    ],
)
def test_every_decoration_folds_to_plain_letters(text: str, plain: str) -> None:
    assert fold(text) == plain


def test_words_leave_out_punctuation_and_emoji() -> None:
    assert words("¡Hola! 🙂 I can't... 2x_day") == ["hola", "i", "cant", "2x", "day"]


@given(anything)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(st.text(alphabet=st.characters(categories=["Cs", "Cc", "Cf", "Co", "Cn", "So", "Mn"])))
def test_odd_characters_never_raise(text: str) -> None:
    assert "\x00" not in fold(text)


@pytest.mark.parametrize("unit", ["a", "a ", "é", "\ufdfa", "\u0301", "\U0001f600", "\n", "ŉ"])
def test_a_megabyte_is_cut_to_its_two_ends(unit: str) -> None:
    once = fold(unit * (1_000_000 // len(unit)))
    assert len(once) <= MAX_CHARS
    assert fold(once) == once


def test_what_stands_behind_long_padding_is_still_read() -> None:
    assert words("x" * 1_000_000 + " help me")[-2:] == ["help", "me"]
    assert words("help me " + "x" * 1_000_000)[:2] == ["help", "me"]
