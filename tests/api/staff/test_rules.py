"""Which role may do what, word for word."""

import pytest

from api.staff.kinds import Permission, Role
from api.staff.rules import GRANTS, may

MAY = {
    Role.COORDINATOR: {
        Permission.READ_INBOX,
        Permission.READ_CONVERSATION,
        Permission.ANSWER,
        Permission.ACKNOWLEDGE,
        Permission.READ_RECORD,
    },
    Role.NURSE: {
        Permission.READ_INBOX,
        Permission.READ_CONVERSATION,
        Permission.ANSWER,
        Permission.ACKNOWLEDGE,
        Permission.READ_RECORD,
        Permission.READ_CLINICAL,
        Permission.ADD_TO_RECORD,
    },
    Role.SUPERVISOR: set(Permission) - {Permission.READ_AUDIT},
    Role.AUDITOR: {Permission.READ_AUDIT},
    Role.ADMIN: set(),
}


@pytest.mark.parametrize("role", Role)
def test_role_may_do_its_own_and_nothing_else(role: Role) -> None:
    assert {permission for permission in Permission if may(role, permission)} == MAY[role]


def test_every_role_is_in_the_table() -> None:
    assert set(GRANTS) == set(Role)
