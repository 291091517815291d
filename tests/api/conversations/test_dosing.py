"""Which of several open doses an answer is for."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from api.conversations.decisions import (
    DoseReply,
    SkipReply,
    Unclear,
    WhichDose,
)
from api.conversations.dosing import reference
from api.conversations.expected import expected_reply
from api.conversations.topics import Topic
from api.messaging.kinds import ExpectationKind
from api.reminders.kinds import DoseAnswer, SkipReason
from tests.api.conversations.test_expected import (
    EARLIER,
    LATER,
    LEO,
    PUT_OFF,
    SKIPPED,
    SLOTS,
    TAKEN,
    WHICH,
    asked,
    situation,
)

EIGHT = asked(ExpectationKind.DOSE, "id-of-the-eight", at=EARLIER - timedelta(minutes=30))
NINE = asked(ExpectationKind.DOSE, "id-of-the-nine", at=EARLIER)
HERS = {"id-of-the-eight": "ann", "id-of-the-nine": "ann"}


@pytest.mark.parametrize(
    ("text", "what"),
    [("T", TAKEN), ("S", SKIPPED), ("yes", TAKEN), ("ran out", SkipReason.RAN_OUT), ("L", PUT_OFF)],
)
def test_one_word_for_two_doses_of_somebody_is_asked_about(text: str, what: DoseAnswer) -> None:
    which = WhichDose(("id-of-the-eight", "id-of-the-nine"), what)
    assert expected_reply(situation(text, EIGHT, NINE, whose=HERS)) == which


@pytest.mark.parametrize(
    ("text", "what"),
    [("I took both", TAKEN), ("took them all", TAKEN), ("Tomé las dos", TAKEN),
     ("no tomé ninguna", SKIPPED), ("skipped both", SKIPPED), ("later for both", PUT_OFF)],
)  # fmt: skip
@pytest.mark.parametrize("wrote", [None, EARLIER - timedelta(minutes=1)])
def test_both_are_both_doses(text: str, what: DoseAnswer, wrote: datetime | None) -> None:
    read = expected_reply(situation(text, EIGHT, NINE, whose=HERS, wrote=wrote))
    assert isinstance(read, DoseReply)
    assert (read.what, {read.prompt, *read.also}) == (what, set(HERS))


YESTERDAY = asked(ExpectationKind.DOSE, "id-of-yesterday", at=EARLIER - timedelta(hours=9))
ALL_HERS = {**HERS, "id-of-yesterday": "ann"}


def test_yesterdays_dose_is_not_meant_by_todays_letter() -> None:
    read = expected_reply(situation("T", YESTERDAY, NINE, whose=ALL_HERS))
    assert read == DoseReply("id-of-the-nine", TAKEN)
    read = expected_reply(situation("took both", YESTERDAY, NINE, whose=ALL_HERS))
    assert read == DoseReply("id-of-yesterday", TAKEN, ("id-of-the-nine",))
    read = expected_reply(situation("took them all", YESTERDAY, EIGHT, NINE, whose=ALL_HERS))
    assert read == DoseReply("id-of-the-eight", TAKEN, ("id-of-the-nine",))


def test_both_of_three_is_asked_about_and_all_of_three_is_all() -> None:
    noon = asked(ExpectationKind.DOSE, "id-of-the-noon", at=EARLIER + timedelta(minutes=10))
    open_, whose = (EIGHT, NINE, noon), {**HERS, "id-of-the-noon": "ann"}
    ids = ("id-of-the-eight", "id-of-the-nine", "id-of-the-noon")
    assert expected_reply(situation("both", *open_, whose=whose)) is None
    assert expected_reply(situation("took both", *open_, whose=whose)) == WhichDose(ids, TAKEN)
    read = expected_reply(situation("took them all", *open_, whose=whose))
    assert read == DoseReply(ids[0], TAKEN, ids[1:])


def test_one_word_is_for_the_dose_asked_since_they_last_wrote() -> None:
    wrote = EARLIER - timedelta(minutes=1)
    read = expected_reply(situation("S", EIGHT, NINE, whose=HERS, wrote=wrote))
    assert read == DoseReply("id-of-the-nine", SKIPPED)


@pytest.mark.parametrize(
    ("text", "prompts"),
    [("1", ("id-of-the-eight",)), ("the second one", ("id-of-the-nine",)),
     ("3", ("id-of-the-eight", "id-of-the-nine")), ("both", ("id-of-the-eight", "id-of-the-nine"))],
)  # fmt: skip
@pytest.mark.parametrize("what", [SKIPPED, SkipReason.FORGOT])
def test_number_says_which_dose_was_meant(
    text: str, prompts: tuple[str, ...], what: DoseAnswer | SkipReason
) -> None:
    ref = reference(WhichDose(("id-of-the-eight", "id-of-the-nine"), what))
    which = asked(ExpectationKind.WHICH_DOSE, ref, at=LATER, choices=3)
    read = expected_reply(situation(text, EIGHT, NINE, SLOTS, which, whose=HERS))
    first, *also = prompts
    kind = DoseReply if what is SKIPPED else SkipReply
    assert read == kind(first, what, tuple(also))  # type: ignore[arg-type]


def test_dose_that_was_answered_meanwhile_is_chosen_no_more() -> None:
    ref = reference(WhichDose(("id-of-the-eight", "id-of-the-nine"), TAKEN))
    which = asked(ExpectationKind.WHICH_DOSE, ref, at=LATER, choices=3)
    assert expected_reply(situation("1", NINE, which)) is None
    assert expected_reply(situation("3", NINE, which)) == DoseReply("id-of-the-nine", TAKEN)


def test_longest_answer_and_four_doses_fit_a_reference() -> None:
    ids = tuple(str(UUID(int=number)) for number in range(4))
    assert max(len(reference(WhichDose(ids, each))) for each in SkipReason) <= 64


def test_both_of_one_person_are_not_anothers() -> None:
    whose = {**HERS, "leo": "leo"}
    leo = replace(LEO, opened_at=EARLIER + timedelta(minutes=5))
    open_ = (EIGHT, NINE, leo)
    asks = expected_reply(situation("took both", *open_, whose=whose))
    assert asks == Unclear((Topic.MEDICINE,), ("id-of-the-eight", "id-of-the-nine", "leo"))
    which = asked(WHICH, "message", at=LATER, choices=3)
    read = expected_reply(situation("B", *open_, which, unclear="took both", whose=whose))
    assert read == DoseReply("id-of-the-eight", TAKEN, ("id-of-the-nine",))
