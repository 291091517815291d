"""Short replies to reminders, as people really write them; what is not clear goes to the engine."""

import pytest

from api.reminders.kinds import DoseAnswer, SkipReason, VisitAnswer
from api.reminders.replies import reads_dose, reads_skip_reason, reads_visit


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
