"""Checks that the labelled sentences are complete, separate and safe to train on."""

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

NLU_DATA = Path(__file__).parents[2] / "nlu_data"

INTENTS = {
    "book_appointment",
    "reschedule_appointment",
    "cancel_appointment",
    "list_appointments",
    "join_waitlist",
    "find_provider",
    "setup_med_reminder",
    "change_med_reminder",
    "stop_med_reminder",
    "dose_taken",
    "dose_skipped",
    "dose_snooze",
    "refill_request",
    "list_medications",
    "start_intake",
    "faq_hours",
    "faq_location",
    "faq_prep",
    "faq_insurance",
    "symptom_report",
    "vitals_report",
    "medical_advice",
    "human_handoff",
    "billing_question",
    "test_results",
    "affirm",
    "deny",
    "greet",
    "goodbye",
    "thank",
    "help",
    "change_language",
    "update_contact",
    "inform",
    "out_of_scope",
}

# English, Spanish: the least that lets an intent be learnt and the figure mean something.
TRAIN_FLOOR = (35, 18)
HELDOUT_FLOOR = (8, 4)
# Where a mix-up costs most, or where the world of possible messages is widest.
RAISED_TRAIN_FLOOR = {
    "book_appointment": (40, 18),
    "reschedule_appointment": (40, 18),
    "cancel_appointment": (40, 18),
    "list_appointments": (40, 18),
    "human_handoff": (40, 18),
    "dose_taken": (40, 18),
    "dose_skipped": (40, 18),
    "dose_snooze": (40, 18),
    "symptom_report": (40, 18),
    "medical_advice": (40, 18),
    "out_of_scope": (120, 50),
}

# Emergencies and opt-outs are decided before the engine sees a message: nothing here may teach
# the engine that they are ordinary.
EMERGENCY = re.compile(
    r"\b(chest (pain|pressure|tight)|breathe|breathing|short of breath|suicid\w*"
    r"|kill (my|him|her|them)|hurt (my|him|her)self|(want|going) to die|overdos\w*"
    r"|unconscious|pass(ed|ing) out|faint\w*|seizures?|strokes?|heart attack|bleed\w*"
    r"|cough\w* (up )?blood|vomit\w* blood|slurred|numb|face droop\w*|anaphyla\w*|poison\w*"
    r"|pecho|respirar|matarme|morirme|quiero morir|sobredosis|desmay\w*|convulsi\w*"
    r"|infarto|derrame|sangr(o|a|ando|ado)|adormecid\w*|envenen\w*)\b"
)
OPT_OUT_WORDS = {
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "unstop",
    "start",
    "alto",
    "parar",
    "baja",
}
PHONE = re.compile(r"\+?1?[-. ]?\(?\d{3}\)?[-. ]?\d{3}[-. ]?\d{4}\b")
FICTION_PHONE = re.compile(r"^1?\d{3}55501\d{2}$")


@dataclass(frozen=True)
class Example:
    """One labelled message and the language of the file it stands in."""

    intent: str
    language: str
    text: str


def read_examples(part: str) -> list[Example]:
    return [
        Example(block["intent"], path.name.split(".")[1], line.removeprefix("- "))
        for path in sorted((NLU_DATA / part).glob("*.yml"))
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]
        for line in block["examples"].splitlines()
    ]


def plain(text: str) -> str:
    """Return the text without case, accents, punctuation or doubled spaces."""
    marks = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in marks if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare)) or text


def shortfalls(
    examples: list[Example], floor: tuple[int, int], raised: dict[str, tuple[int, int]]
) -> list[str]:
    counts = Counter((e.intent, e.language) for e in examples)
    return [
        f"{intent}.{language}: {counts[intent, language]} of {wanted}"
        for intent in sorted(INTENTS)
        for language, wanted in zip(("en", "es"), raised.get(intent, floor), strict=True)
        if counts[intent, language] < wanted
    ]


@pytest.fixture(scope="module")
def train() -> list[Example]:
    return read_examples("train")


@pytest.fixture(scope="module")
def heldout() -> list[Example]:
    return read_examples("heldout")


@pytest.fixture(scope="module")
def everything(train: list[Example], heldout: list[Example]) -> list[Example]:
    return train + heldout


@pytest.mark.parametrize("part", ["train", "heldout"])
def test_every_file_names_its_language_and_version(part: str) -> None:
    paths = sorted((NLU_DATA / part).iterdir())
    assert paths
    for path in paths:
        assert re.fullmatch(r"[a-z_]+\.(en|es)\.yml", path.name), path.name
        assert yaml.safe_load(path.read_text("utf-8"))["version"] == "3.1", path.name


@pytest.mark.parametrize("part", ["train", "heldout"])
def test_exactly_the_agreed_intents_are_present(part: str) -> None:
    assert {e.intent for e in read_examples(part)} == INTENTS


@pytest.mark.parametrize("part", ["train", "heldout"])
def test_each_line_is_one_plain_example(part: str) -> None:
    for path in (NLU_DATA / part).glob("*.yml"):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                assert re.fullmatch(r"- \S(.*\S)?", line), line
                assert not re.search(r"[\[\]{}]", line), f"annotated: {line}"


def test_every_intent_has_enough_to_learn_from(train: list[Example]) -> None:
    assert shortfalls(train, TRAIN_FLOOR, RAISED_TRAIN_FLOOR) == []


def test_every_intent_has_enough_to_be_measured_on(heldout: list[Example]) -> None:
    assert shortfalls(heldout, HELDOUT_FLOOR, {}) == []


def test_no_line_is_in_two_intents(everything: list[Example]) -> None:
    intents = defaultdict(set)
    for example in everything:
        intents[plain(example.text)].add(example.intent)
    assert {text: sorted(found) for text, found in intents.items() if len(found) > 1} == {}


def test_no_held_out_line_is_trained_on(train: list[Example], heldout: list[Example]) -> None:
    trained = {plain(e.text) for e in train}
    assert sorted(e.text for e in heldout if plain(e.text) in trained) == []


def test_no_held_out_line_counts_twice(heldout: list[Example]) -> None:
    counts = Counter(plain(e.text) for e in heldout)
    assert [text for text, times in counts.items() if times > 1] == []


def test_only_fictional_phone_numbers_appear(everything: list[Example]) -> None:
    numbers = [n for e in everything for n in PHONE.findall(e.text)]
    assert numbers, "the pattern no longer finds the numbers that are there"
    assert [n for n in numbers if not FICTION_PHONE.match(re.sub(r"\D", "", n))] == []


def test_no_emergency_is_taught_as_an_intent(everything: list[Example]) -> None:
    assert [e.text for e in everything if EMERGENCY.search(plain(e.text))] == []


def test_no_opt_out_word_is_taught_as_an_intent(everything: list[Example]) -> None:
    assert [e.text for e in everything if plain(e.text) in OPT_OUT_WORDS] == []
