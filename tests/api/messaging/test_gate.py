"""The send-time gate, rule by rule."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from api.messaging.gate import (
    QUIET_BEGINS,
    QUIET_ENDS,
    Facts,
    Hold,
    Hours,
    Purpose,
    Refusal,
    Refuse,
    Send,
    judge,
    next_opening,
)

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2027, 3, 3, 17, 0, tzinfo=UTC)
NIGHT = datetime(2027, 3, 4, 4, 40, tzinfo=UTC)
WILLING = Facts(
    purpose=Purpose.NOTICE,
    opted_in=True,
    opted_out=False,
    alive=True,
    zone=NEW_YORK,
    patient_wrote_at=None,
)


def test_a_notice_goes_by_day() -> None:
    assert judge(WILLING, NOON) == Send()


def test_a_notice_at_night_waits_for_nine_in_the_patients_zone() -> None:
    assert judge(WILLING, NIGHT) == Hold(datetime(2027, 3, 4, 14, 0, tzinfo=UTC))
    in_los_angeles = replace(WILLING, zone=ZoneInfo("America/Los_Angeles"))
    assert judge(in_los_angeles, NIGHT) == Hold(datetime(2027, 3, 4, 17, 0, tzinfo=UTC))


def test_a_reply_goes_at_night_too() -> None:
    assert judge(replace(WILLING, purpose=Purpose.REPLY), NIGHT) == Send()


def test_a_notice_within_a_conversation_goes_at_night() -> None:
    just_wrote = replace(WILLING, patient_wrote_at=NIGHT - timedelta(minutes=14))
    wrote_long_ago = replace(WILLING, patient_wrote_at=NIGHT - timedelta(minutes=16))
    assert judge(just_wrote, NIGHT) == Send()
    assert isinstance(judge(wrote_long_ago, NIGHT), Hold)


def test_a_persons_answer_needs_no_opt_in_and_may_come_at_night() -> None:
    asked = replace(WILLING, purpose=Purpose.COORDINATOR, opted_in=False)
    assert judge(asked, NOON) == Send()
    hours_ago = replace(asked, patient_wrote_at=NIGHT - timedelta(hours=3))
    assert judge(hours_ago, NIGHT) == Send()
    assert isinstance(judge(asked, NIGHT), Hold)


@pytest.mark.parametrize("purpose", [Purpose.REPLY, Purpose.NOTICE])
def test_nobody_is_texted_without_an_opt_in(purpose: Purpose) -> None:
    facts = replace(WILLING, purpose=purpose, opted_in=False)
    assert judge(facts, NOON) == Refuse(Refusal.NOT_OPTED_IN)


@pytest.mark.parametrize("purpose", set(Purpose) - {Purpose.CONSENT})
def test_nothing_goes_to_an_opted_out_number_but_the_confirmation(purpose: Purpose) -> None:
    facts = replace(WILLING, purpose=purpose, opted_in=False, opted_out=True)
    assert judge(facts, NOON) == Refuse(Refusal.OPTED_OUT)
    assert judge(replace(facts, purpose=Purpose.CONSENT), NIGHT) == Send()


def test_emergency_words_go_at_night_and_before_any_opt_in() -> None:
    facts = replace(WILLING, purpose=Purpose.SAFETY, opted_in=False)
    assert judge(facts, NIGHT) == Send()


@pytest.mark.parametrize("purpose", list(Purpose))
def test_nothing_goes_to_the_dead(purpose: Purpose) -> None:
    facts = replace(WILLING, purpose=purpose, alive=False)
    assert judge(facts, NOON) == Refuse(Refusal.DECEASED)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.sampled_from(["America/New_York", "America/Los_Angeles", "Asia/Kathmandu", "UTC"]),
)
def test_the_next_opening_is_never_quiet_and_never_past(now: datetime, zone: str) -> None:
    opening = next_opening(now, ZoneInfo(zone))
    assert opening >= now
    assert QUIET_ENDS <= opening.astimezone(ZoneInfo(zone)).time() < QUIET_BEGINS


EIGHT = datetime(2027, 3, 3, 13, 0, tzinfo=UTC)
DOSE = replace(
    WILLING,
    purpose=Purpose.REMINDER,
    hours=Hours.AGREED,
    useful_until=EIGHT + timedelta(minutes=90),
)


def test_dose_at_an_agreed_hour_comes_at_eight_in_the_morning_and_at_night() -> None:
    assert judge(DOSE, EIGHT) == Send()
    night = EIGHT + timedelta(hours=12)
    assert judge(replace(DOSE, useful_until=night), night) == Send()
    assert isinstance(judge(replace(DOSE, useful_until=None), night + timedelta(hours=1)), Hold)


def test_hour_that_the_patient_asked_for_is_never_quiet() -> None:
    early = EIGHT - timedelta(hours=3)
    assert judge(replace(DOSE, hours=Hours.ASKED), early) == Send()
    assert judge(DOSE, early) == Hold(EIGHT)


def test_reminder_that_would_be_of_no_use_after_the_quiet_hours_is_refused() -> None:
    dawn = EIGHT - timedelta(hours=3)
    early = replace(DOSE, useful_until=dawn + timedelta(minutes=90))
    assert judge(early, dawn) == Refuse(Refusal.QUIET_HOURS)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(DOSE, alive=False), Refusal.DECEASED),
        (replace(DOSE, opted_out=True), Refusal.OPTED_OUT),
        (replace(DOSE, opted_in=False), Refusal.NOT_OPTED_IN),
        (replace(DOSE, number_is_theirs=False), Refusal.PHONE_CHANGED),
        (replace(DOSE, frozen=True), Refusal.FROZEN),
        (replace(DOSE, untrue=Refusal.ANSWERED), Refusal.ANSWERED),
        (replace(DOSE, untrue=Refusal.VISIT_MOVED), Refusal.VISIT_MOVED),
        (replace(DOSE, useful_until=EIGHT - timedelta(minutes=1)), Refusal.TOO_LATE),
    ],
)
def test_reminder_is_refused_with_its_reason(facts: Facts, reason: Refusal) -> None:
    assert judge(facts, EIGHT) == Refuse(reason)


def test_answer_is_not_held_to_what_holds_for_reminders() -> None:
    answer = replace(WILLING, purpose=Purpose.REPLY, number_is_theirs=False, frozen=True)
    assert judge(answer, NIGHT) == Send()


def test_code_that_was_asked_for_goes_at_night_to_whoever_never_opted_in() -> None:
    code = replace(WILLING, purpose=Purpose.CODE, opted_in=False)
    assert judge(code, NIGHT) == Send()


def test_code_goes_to_no_number_that_opted_out_and_not_when_it_is_too_old() -> None:
    code = replace(WILLING, purpose=Purpose.CODE, useful_until=NOON)
    assert judge(replace(code, opted_out=True), NOON) == Refuse(Refusal.OPTED_OUT)
    assert judge(code, NOON) == Send()
    assert judge(code, NOON + timedelta(seconds=1)) == Refuse(Refusal.TOO_LATE)
    assert judge(replace(code, alive=False), NOON) == Refuse(Refusal.DECEASED)
