"""Short replies to reminders, as people really write them; what is not clear goes to the engine."""

import pytest

from api.reminders.kinds import DoseAnswer, SkipReason, VisitAnswer
from api.reminders.replies import (
    names_dose,
    reads_dose,
    reads_skip_reason,
    reads_visit,
    says_all,
    says_only_all,
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("T", DoseAnswer.TAKEN),
        ("t.", DoseAnswer.TAKEN),
        ("Took it, thanks", DoseAnswer.TAKEN),
        ("Ya la tomé 👍", DoseAnswer.TAKEN),
        ("👍", DoseAnswer.TAKEN),
        ("S", DoseAnswer.SKIPPED),
        ("I didn't take it", DoseAnswer.SKIPPED),
        ("L", DoseAnswer.LATER),
        ("not yet", DoseAnswer.LATER),
        ("i'll take it later", DoseAnswer.LATER),
        ("todavía no", DoseAnswer.LATER),
        ("the pills make me dizzy", None),
        ("what is this for?", None),
        ("2", None),
        ("C", None),
        ("", None),
    ],
)
def test_dose(said: str, meant: DoseAnswer | None) -> None:
    assert reads_dose(said) is meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("1", SkipReason.FORGOT),
        ("2", SkipReason.RAN_OUT),
        ("3)", SkipReason.SIDE_EFFECT),
        ("4", SkipReason.OTHER),
        ("5", None),
        ("se me olvidó", SkipReason.FORGOT),
        ("I ran out", SkipReason.RAN_OUT),
        ("they taste funny", None),
    ],
)
def test_skip_reason(said: str, meant: SkipReason | None) -> None:
    assert reads_skip_reason(said) is meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("C", VisitAnswer.CONFIRM),
        ("yep ill be there", VisitAnswer.CONFIRM),
        ("Sí", VisitAnswer.CONFIRM),
        ("Ahí estaré", VisitAnswer.CONFIRM),
        ("R", VisitAnswer.CHANGE),
        ("otro día porfa", VisitAnswer.CHANGE),
        ("N", VisitAnswer.CANNOT_COME),
        ("cant make it", VisitAnswer.CANNOT_COME),
        ("No puedo ir", VisitAnswer.CANNOT_COME),
        ("T", None),
        ("where do I park", None),
    ],
)
def test_visit(said: str, meant: VisitAnswer | None) -> None:
    assert reads_visit(said) is meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("I took both", DoseAnswer.TAKEN),
        ("took them all", DoseAnswer.TAKEN),
        ("i took all my pills", DoseAnswer.TAKEN),
        ("both taken", DoseAnswer.TAKEN),
        ("T both", DoseAnswer.TAKEN),
        ("Tomé las dos", DoseAnswer.TAKEN),
        ("ya me las tomé todas, gracias", DoseAnswer.TAKEN),
        ("tomé ambas medicinas", DoseAnswer.TAKEN),
        ("S for both", DoseAnswer.SKIPPED),
        ("I didn't take either", DoseAnswer.SKIPPED),
        ("took neither", DoseAnswer.SKIPPED),
        ("i took none of them", DoseAnswer.SKIPPED),
        ("no tomé ninguna", DoseAnswer.SKIPPED),
        ("later for both", DoseAnswer.LATER),
        ("both", None),
        ("none", None),
        ("took any", None),
        ("all good", None),
    ],
)
def test_every_dose_at_once(said: str, meant: DoseAnswer | None) -> None:
    assert names_dose(said) is meant
    assert meant is None or says_all(said)


@pytest.mark.parametrize("said", ["T", "took it", "took them", "S", "la tomé", "I took my pills"])
def test_word_for_one_dose_is_not_for_all(said: str) -> None:
    assert not says_all(said)


@pytest.mark.parametrize(
    ("said", "only"),
    [("both", True), ("All of them", True), ("las dos", True), ("took both", False), ("1", False)],
)
def test_every_one_of_those_asked_about(said: str, *, only: bool) -> None:
    assert says_only_all(said) is only
