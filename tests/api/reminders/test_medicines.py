"""Which medicine a text names, and whose reminders it speaks of."""

from collections import Counter

import pytest
import yaml

from api.bootstrap import NLU_DATA
from api.core.text import fold, words
from api.reminders.medicines import (
    Vocabulary,
    distance,
    is_for_another,
    load_vocabulary,
    named_in,
    names_another,
    says_all,
    says_any,
    says_no_other,
    says_reminders_only,
)

METFORMIN, STATIN = "Metformin 500 mg tablet", "atorvastatin 20 MG Oral Tablet"
COMBINED = "lisinopril 20 MG / hydrochlorothiazide 12.5 MG Oral Tablet"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(NLU_DATA)


@pytest.mark.parametrize(
    ("text", "medicines", "places"),
    [
        ("remind me to take my metformin at 8", [METFORMIN, STATIN], [0]),
        ("remind me of my Glucophage", [METFORMIN, STATIN], [0]),
        ("remind me of my metformn", [METFORMIN, STATIN], [0]),
        ("lipitr please", [METFORMIN, STATIN], [1]),
        ("text me about my aspirin", [METFORMIN], []),
        ("remind me of my pills", [METFORMIN], []),
        ("metformin and lipitor", [METFORMIN, STATIN], [0, 1]),
        ("my Zestoretic", [COMBINED, "lisinopril 10 MG Oral Tablet"], [0]),
        ("my lisinopril", [COMBINED, "lisinopril 10 MG Oral Tablet"], [0, 1]),
        ("my tablet", [METFORMIN, STATIN], []),
    ],
)
def test_medicine_is_found_by_name_brand_or_slip(
    text: str, medicines: list[str], places: list[int], vocabulary: Vocabulary
) -> None:
    assert named_in(text, medicines, vocabulary) == places


@pytest.mark.parametrize(
    ("said", "prescribed"),
    [
        ("prednisone", "prednisolone 5 MG Oral Tablet"),
        ("celebrex", "citalopram 20 MG Oral Tablet"),
        ("hydroxyzine", "hydralazine 25 MG Oral Tablet"),
        ("buspirone", "bupropion 150 MG Oral Tablet"),
        ("glipizide", "glyburide 5 MG Oral Tablet"),
        ("clonidine", "clonazepam 1 MG Oral Tablet"),
        ("losartan", "valsartan 80 MG Oral Tablet"),
    ],
)
def test_medicine_that_looks_like_another_is_not_taken_for_it(
    said: str, prescribed: str, vocabulary: Vocabulary
) -> None:
    assert named_in(f"remind me to take my {said}", [prescribed], vocabulary) == []


@pytest.mark.parametrize(
    ("text", "is_clear"),
    [
        ("remind me of my pills", True),
        ("recuérdeme mis pastillas", True),
        ("can you text me so i dont forget my meds", True),
        ("remind me of my heart pills", False),
        ("remind me of my blood pressure pill", False),
        ("la pastilla de la presión", False),
        ("pills for my heart", False),
        ("pill reminder for crestor", False),
        ("un aviso de mi pastilla nueva", False),
        ("my new pill", False),
    ],
)
def test_the_only_medicine_is_meant_where_no_other_is_told(
    text: str, is_clear: bool, vocabulary: Vocabulary
) -> None:
    speaks = says_any(text, vocabulary) and not names_another(text, [METFORMIN], vocabulary)
    assert speaks is is_clear


@pytest.mark.parametrize(
    ("text", "is_clear"),
    [
        ("turn off my reminders", True),
        ("stop reminding me", True),
        ("no me recuerde más", True),
        ("no reminders for my aspirin", False),
        ("stop the insulin reminders", False),
        ("ya no quiero el recordatorio de la insulina", False),
    ],
)
def test_reminders_alone_are_told_from_those_of_a_medicine(
    text: str, is_clear: bool, vocabulary: Vocabulary
) -> None:
    speaks = says_reminders_only(text, vocabulary)
    assert (speaks and not names_another(text, [METFORMIN], vocabulary)) is is_clear


def test_every_day_is_not_every_medicine(vocabulary: Vocabulary) -> None:
    assert says_all("stop all my pill reminders", vocabulary)
    assert says_all("quite todos los recordatorios", vocabulary)
    assert not says_all("stop texting me every day about my pills", vocabulary)


def test_somebody_elses_medicine_is_noticed(vocabulary: Vocabulary) -> None:
    assert is_for_another("remind my mom's nurse of her pills", vocabulary)
    assert is_for_another("recuérdele a mi esposo", vocabulary)
    assert not is_for_another("remind me of my baby aspirin", vocabulary)


def test_answer_holds_names_and_little_else(vocabulary: Vocabulary) -> None:
    assert says_no_other("the metformin one please", [METFORMIN], vocabulary)
    assert says_no_other("la metformina", ["metformina 500 mg"], vocabulary)
    assert not says_no_other("my metformin makes me dizzy", [METFORMIN], vocabulary)


def test_swapped_letters_are_one_slip() -> None:
    assert distance("metfromin", "metformin") == 1


def test_brands_are_folded_single_words_of_one_meaning_each(vocabulary: Vocabulary) -> None:
    text = (NLU_DATA / "brands.yml").read_text("utf-8")
    keys = [line.partition(":")[0] for line in text.splitlines() if line and line[0] != "#"]
    assert [name for name, count in Counter(keys).items() if count > 1] == []
    assert set(keys) == set(yaml.safe_load(text))
    for brand, generic in vocabulary.brands.items():
        assert words(brand) == [brand]
        assert fold(generic) == generic
        assert generic not in vocabulary.brands
        assert brand not in " ".join(vocabulary.brands.values()).split()


def test_no_brand_is_a_word_around_medicines(vocabulary: Vocabulary) -> None:
    sets = (vocabulary.any_medicine, vocabulary.plain, vocabulary.around, vocabulary.forms)
    assert not set(vocabulary.brands) & frozenset().union(*sets)


def test_words_are_kept_folded(vocabulary: Vocabulary) -> None:
    for kept in (vocabulary.any_medicine, vocabulary.others, vocabulary.around):
        assert all(words(word) == [word] for word in kept)
