"""Which open question a message answers: one that fits alone, the later one, or we ask."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from api.consent.kinds import ConsentState
from api.conversations.decisions import (
    BookingAnswer,
    ChangeForm,
    DoseCheck,
    DoseReply,
    FormReply,
    ReleaseReply,
    Situation,
    SkipReply,
    Unclear,
    VisitReply,
)
from api.conversations.dosing import YES_LASTS
from api.conversations.expected import expected_reply
from api.conversations.kinds import Owner
from api.conversations.outcome import say
from api.conversations.questions import expects_of
from api.conversations.topics import Topic
from api.core.language import Language
from api.messaging.expectations import Expectation
from api.messaging.kinds import Channel, ExpectationKind
from api.messaging.replies import Word
from api.reminders.kinds import DoseAnswer, SkipReason, VisitAnswer

NOON = datetime(2027, 3, 8, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
WHICH = ExpectationKind.WHICH


def asked(
    kind: ExpectationKind, ref: str | None = None, *, at: datetime = EARLIER, choices: int = 0
) -> Expectation:
    return Expectation(kind, NOON + timedelta(hours=6), choices, ref, opened_at=at)


def situation(
    text: str,
    *open_: Expectation,
    wrote: datetime | None = None,
    unclear: str = "",
    came: datetime = NOON,
    whose: Mapping[str, str] | None = None,
) -> Situation:
    """Questions are given in the order in which they were asked."""
    latest_first = sorted(open_, key=lambda each: each.opened_at or NOON, reverse=True)
    return Situation(
        text=text,
        channel=Channel.SMS,
        owner=Owner.BOT,
        language=Language.EN,
        consent=ConsentState.OPTED_IN,
        expectations=tuple(latest_first),
        unexpected=0,
        repeats=0,
        today=date(2027, 3, 8),
        wrote_before=wrote,
        unclear=unclear,
        came_at=came,
        whose=whose or {},
    )


DOSE = asked(ExpectationKind.DOSE, "dose")
WHY = asked(ExpectationKind.DOSE_WHY, "why")
VISIT = asked(ExpectationKind.VISIT, "visit")
RELEASE = asked(ExpectationKind.VISIT_RELEASE, "release")
SLOTS = asked(ExpectationKind.SLOT_CHOICE, choices=3)
HOLD = asked(ExpectationKind.HOLD_CONFIRM)
TAKEN, SKIPPED, PUT_OFF = DoseAnswer.TAKEN, DoseAnswer.SKIPPED, DoseAnswer.LATER


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("T", DoseReply("dose", TAKEN)),
        (" t. ", DoseReply("dose", TAKEN)),
        ("s", DoseReply("dose", SKIPPED)),
        ("L!", DoseReply("dose", PUT_OFF)),
        ("ya la tomé", DoseReply("dose", TAKEN)),
        ("C", VisitReply("visit", VisitAnswer.CONFIRM)),
        ("yep ill be there", VisitReply("visit", VisitAnswer.CONFIRM)),
        ("sí ahí estaré", VisitReply("visit", VisitAnswer.CONFIRM)),
        ("r", VisitReply("visit", VisitAnswer.CHANGE)),
        ("cant make it", VisitReply("visit", VisitAnswer.CANNOT_COME)),
        ("no puedo ir", VisitReply("visit", VisitAnswer.CANNOT_COME)),
        ("N", VisitReply("visit", VisitAnswer.CANNOT_COME)),
        ("2", BookingAnswer(2, None)),
        ("MORE", BookingAnswer(None, Word.MORE)),
        ("4", None),
        ("what are your hours", None),
        ("ok", VisitReply("visit", VisitAnswer.CONFIRM)),
    ],
)
def test_letters_and_digits_find_their_own_question_whatever_else_is_open(
    text: str, answer: object
) -> None:
    assert expected_reply(situation(text, DOSE, VISIT, SLOTS)) == answer


@pytest.mark.parametrize("text", ["ok", "sure", "vale", "what", "2", "C", "no"])
def test_what_does_not_say_that_it_was_taken_is_no_answer_to_a_dose(text: str) -> None:
    assert expected_reply(situation(text, DOSE)) is None


@pytest.mark.parametrize("text", ["yes", "Sí", "👍", "yes i took it"])
def test_a_yes_to_a_dose_that_stands_alone_is_taken(text: str) -> None:
    assert expected_reply(situation(text, DOSE)) == DoseReply("dose", TAKEN)


@pytest.mark.parametrize("text", ["yes", "Sí", "👍"])
@pytest.mark.parametrize(
    ("wrote", "came"),
    [(None, EARLIER + YES_LASTS + timedelta(seconds=1)), (EARLIER + timedelta(minutes=1), NOON)],
    ids=["hours after", "after another message"],
)
def test_yes_that_may_be_meant_for_something_else_is_checked(
    text: str, wrote: datetime | None, came: datetime
) -> None:
    assert expected_reply(situation(text, DOSE, wrote=wrote, came=came)) == DoseCheck("dose")
    assert expected_reply(situation("took it", DOSE, wrote=wrote, came=came)) == DoseReply(
        "dose", TAKEN
    )


def test_yes_that_may_be_for_a_dose_or_a_visit_is_asked_about() -> None:
    visit = replace(VISIT, opened_at=EARLIER - timedelta(seconds=1))
    open_, wrote = (visit, DOSE), EARLIER + timedelta(minutes=1)
    read = expected_reply(situation("yes", *open_, wrote=wrote))
    assert isinstance(read, Unclear)
    assert set(read.topics) == {Topic.VISIT, Topic.MEDICINE}
    which = asked(WHICH, "message", at=EARLIER + timedelta(minutes=3))
    for letter, meant in (
        ("M", DoseReply("dose", TAKEN)),
        ("V", VisitReply("visit", VisitAnswer.CONFIRM)),
    ):
        said = situation(letter, *open_, which, wrote=wrote, unclear="yes")
        assert expected_reply(said) == meant


@pytest.mark.parametrize("text", ["yes", "no", "ok"])
def test_mere_yes_or_no_to_a_later_question_says_nothing_of_a_visit(text: str) -> None:
    born = asked(ExpectationKind.BIRTH_DATE, at=LATER)
    assert expected_reply(situation(text, VISIT, born)) is None
    assert expected_reply(situation("C", VISIT, born)) == VisitReply("visit", VisitAnswer.CONFIRM)


def test_late_yes_is_for_whatever_else_was_asked() -> None:
    hold = replace(HOLD, opened_at=EARLIER - timedelta(hours=1))
    late = EARLIER + YES_LASTS + timedelta(seconds=1)
    booked = BookingAnswer(None, Word.BOOK)
    assert expected_reply(situation("yes", DOSE, hold, came=late)) == booked
    # After a later question that takes no yes it is the engine's.
    slots = replace(SLOTS, opened_at=EARLIER + timedelta(minutes=1))
    assert expected_reply(situation("yes", DOSE, slots)) is None


@pytest.mark.parametrize(
    ("kind", "text"),
    [(ExpectationKind.DOSE_LATER, "ok"), (ExpectationKind.DOSE_LATER, "yes"),
     (ExpectationKind.VISIT_CONFIRMED, "no"), (ExpectationKind.VISIT_CONFIRMED, "yes")],
)  # fmt: skip
def test_where_nothing_is_asked_a_mere_yes_or_no_says_nothing(
    kind: ExpectationKind, text: str
) -> None:
    assert expected_reply(situation(text, asked(kind, "x"))) is None


def test_where_nothing_is_asked_the_letters_are_heard_all_the_same() -> None:
    put_off = asked(ExpectationKind.DOSE_LATER, "dose")
    confirmed = asked(ExpectationKind.VISIT_CONFIRMED, "visit")
    assert expected_reply(situation("T", put_off, confirmed)) == DoseReply("dose", TAKEN)
    cannot = VisitReply("visit", VisitAnswer.CANNOT_COME)
    assert expected_reply(situation("N", put_off, confirmed)) == cannot


def test_what_is_asked_goes_before_what_is_not() -> None:
    leos = asked(ExpectationKind.VISIT_CONFIRMED, "leo", at=LATER)
    read = expected_reply(situation("C", VISIT, leos, wrote=NOON))
    assert read == VisitReply("visit", VisitAnswer.CONFIRM)


@pytest.mark.parametrize(
    ("text", "why"),
    [("ran out", SkipReason.RAN_OUT), ("se me olvidó", SkipReason.FORGOT), ("other", None)],
)
def test_reason_said_at_once_skips_the_dose(text: str, why: SkipReason | None) -> None:
    assert expected_reply(situation(text, DOSE)) == (SkipReply("dose", why) if why else None)


def test_a_reply_that_fits_two_is_for_the_one_asked_since_they_last_wrote() -> None:
    slots = replace(SLOTS, opened_at=LATER)
    assert expected_reply(situation("1", WHY, slots, wrote=NOON)) == BookingAnswer(1, None)
    why = replace(WHY, opened_at=LATER)
    read = expected_reply(situation("1", why, SLOTS, wrote=NOON))
    assert read == SkipReply("why", SkipReason.FORGOT)


@pytest.mark.parametrize("wrote", [None, EARLIER - timedelta(hours=1), LATER])
def test_a_reply_that_fits_two_of_an_age_is_asked_about(wrote: datetime | None) -> None:
    read = expected_reply(situation("1", WHY, SLOTS, wrote=wrote))
    assert isinstance(read, Unclear)
    assert set(read.topics) == {Topic.MEDICINE, Topic.QUESTION}


def test_a_yes_that_fits_a_hold_and_a_visit_is_asked_about() -> None:
    read = expected_reply(situation("yes", HOLD, RELEASE))
    assert isinstance(read, Unclear)
    assert set(read.topics) == {Topic.VISIT, Topic.QUESTION}


@pytest.mark.parametrize(
    ("letter", "answer"),
    [
        ("M", SkipReply("why", SkipReason.RAN_OUT)),
        ("Q", BookingAnswer(2, None)),
        ("pregunta", BookingAnswer(2, None)),
        ("v", None),
    ],
)
def test_the_letter_says_what_the_earlier_reply_was_for(letter: str, answer: object) -> None:
    which = asked(WHICH, "message", at=LATER)
    assert expected_reply(situation(letter, WHY, SLOTS, which, unclear="2")) == answer


def test_something_else_is_answered_though_we_asked_which() -> None:
    which = asked(WHICH, "message", at=LATER)
    read = expected_reply(situation("MORE", WHY, SLOTS, which, unclear="2"))
    assert read == BookingAnswer(None, Word.MORE)


MARIA = asked(ExpectationKind.DOSE, "maria", at=EARLIER)
LEO = asked(ExpectationKind.DOSE, "leo", at=EARLIER + timedelta(seconds=1))


def test_doses_of_two_persons_are_told_apart_by_letters() -> None:
    assert expected_reply(situation("T", MARIA, LEO)) == Unclear(
        (Topic.MEDICINE,), ("maria", "leo")
    )
    which = asked(WHICH, "message", at=LATER, choices=2)
    for letter, prompt in (("A", "maria"), ("b", "leo")):
        read = expected_reply(situation(letter, MARIA, LEO, which, unclear="T"))
        assert read == DoseReply(prompt, TAKEN)
    assert expected_reply(situation("D", MARIA, LEO, which, unclear="T")) is None


def test_letters_never_mean_others_than_were_offered() -> None:
    which = asked(WHICH, "message", at=LATER, choices=2)
    read = expected_reply(situation("A", LEO, which, unclear="T"))
    assert read == Unclear((Topic.MEDICINE,), ("leo",), "message")
    new = asked(ExpectationKind.DOSE, "new", at=LATER + timedelta(minutes=1))
    read = expected_reply(situation("B", MARIA, LEO, new, which, unclear="T"))
    assert read == DoseReply("leo", TAKEN)


def test_of_two_persons_whoever_was_asked_last_is_meant() -> None:
    leo = replace(LEO, opened_at=LATER)
    assert expected_reply(situation("S", MARIA, leo, wrote=NOON)) == DoseReply("leo", SKIPPED)


def test_after_the_topic_the_person_is_asked_for() -> None:
    which = asked(WHICH, "message", at=LATER)
    whys = (WHY, asked(ExpectationKind.DOSE_WHY, "leos"))
    read = expected_reply(situation("M", *whys, SLOTS, which, unclear="2"))
    assert isinstance(read, Unclear)
    assert (set(read.prompts), read.about) == ({"why", "leos"}, "message")


def test_giving_a_time_away_takes_a_plain_yes_or_no() -> None:
    assert expected_reply(situation("y", RELEASE)) == ReleaseReply("release", yes=True)
    assert expected_reply(situation("no", RELEASE)) == ReleaseReply("release", yes=False)
    assert expected_reply(situation("maybe", RELEASE)) is None


def test_a_prompt_waits_as_long_as_it_says() -> None:
    for name in ("dose_prompt", "visit_prompt"):
        until = NOON + timedelta(hours=7)
        (expectation,) = expects_of(say(name, prompt="p", until=until.isoformat()), NOON)
        assert (expectation.expires_at, expectation.ref) == (until, "p")


@pytest.mark.parametrize(
    ("text", "open_", "meant"),
    [
        ("S", DOSE, DoseReply("dose", DoseAnswer.SKIPPED)),
        ("N", asked(ExpectationKind.VISIT, "v"), VisitReply("v", VisitAnswer.CANNOT_COME)),
    ],
)
def test_letter_of_a_reminder_is_never_for_the_offer_of_a_form(
    text: str, open_: Expectation, meant: object
) -> None:
    offer = asked(ExpectationKind.FORM_OFFER, at=NOON)
    assert expected_reply(situation(text, open_, offer, wrote=LATER)) == meant


SENT = asked(ExpectationKind.FORM_SENT)
ASKING = asked(ExpectationKind.FORM, "choices", at=LATER, choices=4)
REVIEWED = asked(ExpectationKind.FORM, "review", at=LATER, choices=9)
SENT_NOW = replace(SENT, opened_at=LATER)


@pytest.mark.parametrize(
    ("text", "open_", "wrote", "meant"),
    [
        ("CHANGE", (SENT,), None, ChangeForm()),
        ("change 3", (SENT, SLOTS), None, ChangeForm(number=3)),
        ("CHANGE", (SENT, ASKING), None, FormReply("CHANGE")),
        ("CHANGE", (VISIT, SENT, ASKING), NOON, VisitReply("visit", VisitAnswer.CHANGE)),
        ("CHANGE", (VISIT, SENT, REVIEWED), NOON, FormReply("CHANGE")),
        ("CHANGE", (VISIT, SENT_NOW), NOON, ChangeForm()),
        ("CHANGE", (VISIT, SENT), NOON, VisitReply("visit", VisitAnswer.CHANGE)),
        ("CHANGE", (VISIT,), NOON, VisitReply("visit", VisitAnswer.CHANGE)),
        ("CHANGE", (), NOON, None),
        ("3", (SENT,), NOON, None),
    ],
)
def test_change_is_of_the_form_that_was_just_sent_and_later_of_what_a_reminder_asks(
    text: str, open_: tuple[Expectation, ...], wrote: datetime | None, meant: object
) -> None:
    assert expected_reply(situation(text, *open_, wrote=wrote)) == meant


def test_form_is_chosen_by_its_number_among_those_that_were_offered() -> None:
    reply = say("form_which", forms=["one", "two"], options=["One", "Two"])
    (which,) = expects_of(reply, EARLIER)
    which = replace(which, opened_at=EARLIER, expires_at=LATER)
    assert expected_reply(situation("2", which)) == ChangeForm("two")
    assert expected_reply(situation("the first one please", which)) == ChangeForm("one")
    assert expected_reply(situation("3", which)) is None
