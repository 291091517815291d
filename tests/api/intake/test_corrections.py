"""What a patient changed after a form was sent: by question, since when, and what is gone."""

from api.intake.answered import Answered
from api.intake.corrections import Sent, changed_since, corrections
from tests.support.fhir import at


def sent(minutes: int, *said: tuple[str, str]) -> Sent:
    answers = (Answered(number, key, f"{key}?", text) for number, (key, text) in enumerate(said, 1))
    return Sent(at(minutes), tuple(answers))


VERSIONS = (
    sent(0, ("allergies", "none"), ("smoking", "Yes"), ("how-many", "20"), ("reason", "knee")),
    sent(5, ("allergies", "penicillin"), ("smoking", "Yes"), ("how-many", "20"), ("reason", "hip")),
    sent(9, ("allergies", "penicillin"), ("smoking", "No"), ("since", ""), ("reason", "knee")),
)


def test_only_what_is_said_otherwise_in_the_end_is_a_correction_each_with_its_time() -> None:
    found = [(each.key, each.was, each.now, each.at) for each in corrections(VERSIONS)]
    assert found == [
        ("allergies", "none", "penicillin", at(5)),
        ("smoking", "Yes", "No", at(9)),
        ("how-many", "20", "", at(9)),
    ]
    assert [each.after is None for each in corrections(VERSIONS)] == [False, False, True]


def test_what_was_never_corrected_has_no_corrections() -> None:
    assert corrections(()) == ()
    assert corrections(VERSIONS[:1]) == ()
    assert changed_since((), "reason", at(1)) is None


def test_staff_who_acted_between_two_versions_acted_on_the_one_before() -> None:
    changed = changed_since(VERSIONS, "allergies", at(4))
    assert changed is not None
    assert (changed.was, changed.now) == ("none", "penicillin")
    assert changed_since(VERSIONS, "allergies", at(5)) is None
    changed = changed_since(VERSIONS, "reason", at(6))
    assert changed is not None
    assert (changed.was, changed.now) == ("hip", "knee")
    assert changed_since(VERSIONS, "reason", at(1)) is None
    assert changed_since(VERSIONS, "no-such", at(1)) is None
