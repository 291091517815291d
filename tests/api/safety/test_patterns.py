"""The notation of the lexicon's patterns."""

import pytest

from api.safety.patterns import Matcher, PatternError, Reading, parse


def found(pattern: str, text: str) -> bool:
    said: list[str] = []
    sentences: list[int] = []
    for number, sentence in enumerate(text.split(". ")):
        said += sentence.split()
        sentences += [number] * len(sentence.split())
    reading = Reading(tuple(said), tuple(sentences), tuple(sentences))
    lists = {"pain": ["pain", "killing me"]}
    return bool(Matcher([parse(pattern, lists)]).find(reading))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("chest pain", "my chest pain"),
        ("chest|heart pain", "heart pain"),
        ("chest .. pain", "chest has some pain"),
        ("chest ... pain", "chest a b c d e pain"),
        ("go_to_sleep|rest now", "go to sleep now"),
        ("back ~ @pain", "pain in the back"),
        ("back ~ @pain", "back is killing me"),
        ("cant .. down ~ food", "cant keep food down"),
        ("fell & vomiting", "he fell. a b c. vomiting"),
        ("sugar #<54", "sugar 40"),
        ("sugar #54-65", "sugar 60"),
        ("fever #>103", "fever 103.5"),
        ("took # pills", "took 3 pills"),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, text: str) -> None:
    assert found(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("chest pain", "chest and pain"),
        ("chest .. pain", "chest a b c pain"),
        ("chest .. pain", "chest. pain"),
        ("back ~ @pain", "back. pain"),
        ("back ~ back", "back"),
        ("sugar #<54", "sugar 54"),
        ("fever #>103", "fever 103"),
        ("fell & vomiting", "fell " + "a " * 40 + "vomiting"),
    ],
)
def test_a_pattern_finds_nothing_else(pattern: str, text: str) -> None:
    assert not found(pattern, text)


@pytest.mark.parametrize("pattern", ["", ".. pain", "pain ..", "a ~", "@none", "Chest", "#x", "a|"])
def test_what_is_not_in_the_notation_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        parse(pattern, {})
