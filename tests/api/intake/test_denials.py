"""An answer is "none" only where it tells nothing else."""

import pytest

from api.intake.denials import says_none


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "None.",
        "nothing",
        "no allergies",
        "I'm not allergic to anything",
        "none that I know of",
        "I don't take any medicines",
        "no known allergies, thank you",
        "NA",
        "n/a",
        "a nada",
        "ninguna",
        "No tomo medicinas",
        "no soy alérgico a nada",
        "ninguna que yo sepa",
        "nunca he tenido operaciones",
    ],
)
def test_nothing_is_nothing(text: str) -> None:
    assert says_none(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes",
        "penicillin",
        "no penicillin please",
        "I don't know",
        "no sé",
        "nothing but peanuts",
        "no, only aspirin",
        "allergies",
        "ninguna, solo metformina",
        "not sure",
        "no idea",
        "I have allergies",
    ],
)
def test_what_may_be_something_is_not_nothing(text: str) -> None:
    assert not says_none(text)
