"""Who is told when: whatever happens, a safety alert reaches everybody within a quarter hour."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from api.escalations.kinds import Priority, Reason, Step
from api.escalations.rules import (
    OTHER_STEPS,
    SAFETY_STEPS,
    due_at,
    is_safety,
    next_step,
    next_step_at,
    priority_of,
)

NOON = datetime(2027, 3, 3, 17, 0, tzinfo=UTC)
SAFETY = st.sampled_from([Priority.STAT, Priority.ASAP])
OTHER = st.sampled_from([Priority.URGENT, Priority.ROUTINE])


def climbed(priority: Priority, openings: list[bool]) -> list[tuple[Step, timedelta]]:
    """The steps that are taken where nobody answers, and when after the opening."""
    taken: list[tuple[Step, timedelta]] = []
    due: datetime | None = NOON
    for is_open in openings:
        step = next_step(priority, taken[-1][0] if taken else None, is_open=is_open)
        if step is None or due is None:
            break
        taken.append((step, due - NOON))
        due = next_step_at(step, due=due, must_be_taken_by=due_at(priority, NOON))
    return taken


@given(SAFETY, st.lists(st.booleans(), min_size=4, max_size=4))
def test_a_safety_alert_reaches_everybody_within_fifteen_minutes(
    priority: Priority, openings: list[bool]
) -> None:
    last, after = climbed(priority, openings)[-1]
    assert last is Step.EVERYBODY
    assert after <= timedelta(minutes=15)


@given(SAFETY, st.lists(st.booleans(), min_size=4, max_size=4))
def test_every_step_comes_five_minutes_after_the_one_before_and_only_upwards(
    priority: Priority, openings: list[bool]
) -> None:
    taken = climbed(priority, openings)
    assert [after for _, after in taken] == [timedelta(minutes=5 * n) for n in range(len(taken))]
    places = [SAFETY_STEPS.index(step) for step, _ in taken]
    assert places == sorted(set(places))
    assert Step.ON_CALL in {step for step, _ in taken}


@given(SAFETY, st.lists(st.booleans(), min_size=4, max_size=4))
def test_who_is_at_work_only_in_hours_is_told_only_in_hours(
    priority: Priority, openings: list[bool]
) -> None:
    for (step, _), is_open in zip(climbed(priority, openings), openings, strict=False):
        assert is_open or step in {Step.ON_CALL, Step.EVERYBODY}


@given(OTHER, st.lists(st.booleans(), min_size=3, max_size=3))
def test_anything_else_goes_to_the_coordinators_and_when_overdue_to_the_supervisor(
    priority: Priority, openings: list[bool]
) -> None:
    late = due_at(priority, NOON) - NOON
    wanted = [(OTHER_STEPS[0], timedelta()), (OTHER_STEPS[1], late)]
    assert climbed(priority, openings) == wanted


def test_in_hours_all_four_are_told_in_turn() -> None:
    assert [step for step, _ in climbed(Priority.STAT, [True] * 5)] == list(SAFETY_STEPS)


def test_out_of_hours_it_starts_with_who_is_on_call() -> None:
    assert [step for step, _ in climbed(Priority.STAT, [False] * 5)] == [
        Step.ON_CALL,
        Step.EVERYBODY,
    ]


def test_a_clinic_that_closes_meanwhile_leaves_its_backup_out() -> None:
    assert [step for step, _ in climbed(Priority.ASAP, [True, False, False])] == [
        Step.PRIMARY,
        Step.ON_CALL,
        Step.EVERYBODY,
    ]


@given(st.sampled_from(Reason))
def test_only_what_may_harm_the_patient_climbs_the_ladder(reason: Reason) -> None:
    harm = {Reason.CRISIS, Reason.EMERGENCY, Reason.URGENT_SYMPTOM}
    assert is_safety(priority_of(reason)) == (reason in harm)
