"""Reading and narrowing SMART v2 scopes."""

import pytest

from api.gateway.errors import InvalidScope
from api.gateway.scopes import narrowed, parse_scopes


@pytest.mark.parametrize(
    ("text", "covered", "not_covered"),
    [
        ("system/*.rs", "Patient.r Slot.s", "Patient.c Slot.u"),
        ("patient/Appointment.rs", "Appointment.r", "Patient.r Appointment.u"),
        ("user/Task.s", "Task.s", "Task.r"),
        ("system/Patient.read", "Patient.r Patient.s", "Patient.c"),
        ("system/Patient.write", "Patient.c Patient.u Patient.d", "Patient.r"),
        ("system/*.*", "Patient.c Patient.s", ""),
    ],
)
def test_scope_covers_its_letters_and_type_only(text: str, covered: str, not_covered: str) -> None:
    (scope,) = parse_scopes(text)
    for wanted, asked in [(True, covered), (False, not_covered)]:
        for one in asked.split():
            type_, letter = one.split(".")
            assert scope.covers(type_, letter) is wanted, one


@pytest.mark.parametrize(
    "text",
    ["system/*.sr", "system/*.dc", "system/*", "system/*.", "patient/x.r", "admin/*.r", "r", "*"],
)
def test_what_is_no_scope_is_refused(text: str) -> None:
    with pytest.raises(InvalidScope):
        parse_scopes(text)


def test_launch_scopes_are_passed_over() -> None:
    assert len(parse_scopes("openid fhirUser launch/patient offline_access system/*.r")) == 1


def test_scope_with_search_parameters_keeps_them() -> None:
    (scope,) = parse_scopes("system/Task.rs?status=requested")
    assert scope.query == (("status", "requested"),)
    assert str(scope) == "system/Task.rs?status=requested"


@pytest.mark.parametrize(
    ("asked", "allowed", "granted"),
    [
        ("system/*.cruds", "system/*.rs", "system/*.rs"),
        ("system/Patient.rs", "system/*.rs", "system/Patient.rs"),
        ("system/*.rs", "system/Patient.r system/Slot.rs", "system/Patient.r system/Slot.rs"),
        ("system/Task.r", "system/Task.r?status=a", "system/Task.r?status=a"),
    ],
)
def test_no_more_is_granted_than_allowed(asked: str, allowed: str, granted: str) -> None:
    scopes = narrowed(parse_scopes(asked), parse_scopes(allowed))
    assert " ".join(str(scope) for scope in scopes) == granted


@pytest.mark.parametrize("asked", ["system/*.c", "user/*.rs", "patient/*.rs"])
def test_nothing_in_common_is_refused(asked: str) -> None:
    with pytest.raises(InvalidScope):
        narrowed(parse_scopes(asked), parse_scopes("system/*.rs"))
