"""Whose mailbox a step reaches, also in a clinic that lacks a role."""

import pytest

from api.escalations.kinds import Step
from api.escalations.recipients import addresses
from api.messaging.clinic import Ladder
from api.staff.kinds import Member, Role, StaffId

SETTING = Ladder(
    primary="one@clinic.example", backup="two@clinic.example", on_call="x@clinic.example"
)
NURSES = ("one@clinic.example", "two@clinic.example", "x@clinic.example")


def a_member(role: Role, email: str) -> Member:
    return Member(StaffId(email), email, "Somebody", role)


STAFF = [a_member(role, f"{role}@clinic.example") for role in Role]


def test_the_first_three_are_the_clinics_own_choice() -> None:
    steps = (Step.PRIMARY, Step.BACKUP, Step.ON_CALL)
    assert tuple(addresses(step, SETTING, STAFF)[0] for step in steps) == NURSES
    assert all(len(addresses(step, SETTING, STAFF)) == 1 for step in steps)


def test_everybody_is_the_care_team_and_each_of_them_once() -> None:
    staff = [*STAFF, a_member(Role.NURSE, "one@clinic.example")]
    assert set(addresses(Step.EVERYBODY, SETTING, staff)) == {
        *NURSES,
        "coordinator@clinic.example",
        "nurse@clinic.example",
        "supervisor@clinic.example",
    }
    assert len(addresses(Step.EVERYBODY, SETTING, staff)) == 6


def test_other_matters_go_to_coordinators_and_later_to_supervisors() -> None:
    assert addresses(Step.COORDINATORS, SETTING, STAFF) == ("coordinator@clinic.example",)
    assert addresses(Step.SUPERVISORS, SETTING, STAFF) == ("supervisor@clinic.example",)


@pytest.mark.parametrize("step", list(Step))
def test_somebody_is_always_told(step: Step) -> None:
    assert addresses(step, SETTING, []) != ()
