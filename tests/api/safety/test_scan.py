"""The scan for red flags: recall, false alarms, and what may lower one."""

# ruff: noqa: RUF001 - look-alike letters are what is tested
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings, strategies as st

from api.safety.lexicon import Level, Lexicon, load_lexicon
from api.safety.scan import Finding, scan

HERE: Final = Path(__file__).parent
LEXICON: Final = load_lexicon(HERE.parents[2] / "nlu_data" / "red_flags")
URGENT_ENOUGH: Final = frozenset({Level.CRISIS, Level.EMERGENCY})


def lines(name: str) -> list[str]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def is_alarm(text: str, lexicon: Lexicon = LEXICON) -> bool:
    finding = scan(text, lexicon)
    return finding.level is not Level.NONE and not finding.ask


EXAMPLES: Final = [
    pytest.param(level, text, id=f"{rule.id}-{place}")
    for level, rule in LEXICON.rules
    for place, text in enumerate(rule.hit)
]
COUNTER_EXAMPLES: Final = [
    pytest.param(text, id=f"{rule.id}-{place}")
    for _, rule in LEXICON.rules
    for place, text in enumerate(rule.miss)
]


@pytest.mark.parametrize(("level", "text"), EXAMPLES)
def test_every_example_of_a_rule_is_an_alarm_of_its_level(level: Level, text: str) -> None:
    assert scan(text, LEXICON).level is level
    assert is_alarm(text)


@pytest.mark.parametrize("text", COUNTER_EXAMPLES)
def test_no_counter_example_of_a_rule_is_an_alarm(text: str) -> None:
    assert not is_alarm(text)


def test_all_clear_emergencies_are_noticed() -> None:
    texts = lines("emergencies.txt")
    assert len(texts) >= 900
    missed = [
        text
        for text in texts
        if not is_alarm(text) or scan(text, LEXICON).level not in URGENT_ENOUGH
    ]
    assert missed == []


def test_at_most_three_in_a_hundred_everyday_messages_are_alarms() -> None:
    texts = lines("everyday.txt")
    assert len(texts) >= 400
    alarms = [text for text in texts if is_alarm(text)]
    assert len(alarms) <= 0.03 * len(texts), alarms


@pytest.mark.parametrize(
    "text",
    [
        # What negation libraries read as negated.
        "I can't breathe and have chest pain",
        "can't stop vomiting",
        "no relief from the headache",
        "pain meds don't help my headache",
        "I don't know why my chest hurts",
        "tylenol is not helping the fever",
        "not only chest pain but also sweating",
        "my mom is worried, I have chest pain",
        "no i have chest pain",
        "no, chest pain",
        "no cough but chest pain",
        "I've never had chest pain like this",
        "no doubt this is a heart attack",
        "my chest pain is not going away",
        "i havent slept chest pain all night",
        "no one can stop the bleeding",
        # Another person is as much in danger.
        "my husband has chest pain",
        "my son says he wants to die",
        # A joke afterwards clears nothing.
        "I want to kill myself. just kidding",
        "jk but i want to die lol",
        # The past beside the present.
        "i had a stroke in 2018 and now my face is drooping",
        "I had a heart attack in 2010 and chest pain today",
        "the chest pain went away but came back",
        "i lost my husband last year and i want to die",
        "i had a baby last month and my chest hurts",
        "chest pain, had a bypass last year",
        "my husband is having chest pain, he had a heart attack last year",
        "chest pain and arm numb should i go to the er",
        # "No longer" and "ya no" before what one can no longer do.
        "i can no longer breathe",
        "ya no puedo respirar",
        "ya no aguanto el dolor de pecho",
        # A stroke sign that has passed is still one.
        "my face was drooping but it went away",
        # Doubt is no "if".
        "im not sure if im having a heart attack",
        "i have chest pain, is that a side effect of lisinopril",
        "what should i do if my son says he wants to die",
        # Spanish "sí" and "no" before a statement.
        "sí, me duele el pecho",
        "si me duele el pecho",
        "no es broma, me duele el pecho",
        "no puedo respirar y me duele el pecho",
        # Spelling.
        "cant breth",
        "su1cide is all i think about",
        "chestpain and i cantbreathe",
        "i cant breatheeeee",
        "ＣＡＮ’Ｔ ＢＲＥＡＴＨＥ",
        "c\u200ban't brea\u200bthe",
        "i wanna unalive myself",
        "🆘",
    ],
)
def test_this_is_an_alarm(text: str) -> None:
    assert is_alarm(text)


@pytest.mark.parametrize(
    "text",
    [
        "I had a heart attack in 2010",
        "used to get chest pain",
        "the chest pain is gone",
        "is chest pain a side effect",
        "what if i have chest pain",
        "if my chest hurts should i call you",
        "can ozempic cause chest pain",
        "no fever, chest pain",
        "i dont want to die",
        "i am not going to kill myself",
        "tried to kill myself in 2015",
        "almost had a heart attack when i saw the bill",
        "tuve un infarto hace 5 años",
        "ya se me quitó el dolor de pecho",
        "¿qué hago si me da un infarto?",
        "took all my pills today",
    ],
)
def test_this_is_asked_about(text: str) -> None:
    finding = scan(text, LEXICON)
    assert finding.ask
    assert finding.level in URGENT_ENOUGH
    assert finding.rule is not None


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain",
        "i do not have any chest pain",
        "not having chest pain",
        "never had a seizure",
        "no chest pain, no shortness of breath, no numbness",
        "im pregnant, no bleeding, just need a visit",
        "fever but no stiff neck",
        "this traffic is killing me",
        "dying to see the new office",
        "laughing so hard i can't breathe",
        "sin dolor de pecho",
        "no tengo dolor de pecho",
        "nunca he tenido convulsiones",
        "me muero de hambre",
        "sugar 110 at 8, bp 120/80, weight 210",
        "pulse 72 bp 150/95 temp 98.6",
        "took my 20 mg lisinopril",
        "",
        "👍",
        "\x00\ud800",
    ],
)
def test_this_means_nothing(text: str) -> None:
    assert scan(text, LEXICON) == Finding(Level.NONE, None, ask=False)


def test_the_gravest_level_wins() -> None:
    assert scan("my chest hurts and i want to die", LEXICON).level is Level.CRISIS


def test_an_alarm_comes_before_a_graver_question() -> None:
    finding = scan("i dont want to die. i have chest pain", LEXICON)
    assert (finding.level, finding.ask) == (Level.EMERGENCY, False)


@given(st.text(alphabet=st.characters(), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_a_finding(text: str) -> None:
    finding = scan(text, LEXICON)
    assert (finding.rule is None) == (finding.level is Level.NONE)


@given(st.sampled_from(["\u200b", "\u202e", "\ufeff", "\u00ad", "\u2060"]), st.integers(1, 18))
@settings(deadline=None)
def test_invisible_characters_hide_nothing(mark: str, place: int) -> None:
    text = "i have chest pain now"
    assert is_alarm(text[:place] + mark + text[place:])


@pytest.mark.parametrize(
    "unit",
    ["chest pain ", "no ", "i cant breathe. ", "a ", "x", "took 20 pills ", "no chest pain, "],
)
def test_a_megabyte_is_scanned_like_any_text(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    assert scan(text, LEXICON).level in Level


def test_an_emergency_behind_long_padding_is_found() -> None:
    assert is_alarm("la " * 200_000 + "i cant breathe")
    assert is_alarm("i cant breathe" + " la" * 200_000)
