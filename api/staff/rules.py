"""Which role may do what. Whatever is not in the table is refused."""

from collections.abc import Mapping
from typing import Final

from api.staff.kinds import Permission, Role

COORDINATES: Final = frozenset(
    {
        Permission.READ_INBOX,
        Permission.READ_CONVERSATION,
        Permission.ANSWER,
        Permission.ACKNOWLEDGE,
        Permission.READ_RECORD,
    }
)
NURSES: Final = COORDINATES | {Permission.READ_CLINICAL, Permission.ADD_TO_RECORD}
# Least privilege and minimum necessary. Source: 45 CFR 164.308(a)(3)-(4), 164.502(b). Whoever
# keeps the accounts sees no patient, and whoever reads the audit changes nothing.
GRANTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.COORDINATOR: COORDINATES,
    Role.NURSE: NURSES,
    Role.SUPERVISOR: NURSES | {Permission.REASSIGN},
    Role.AUDITOR: frozenset({Permission.READ_AUDIT}),
    Role.ADMIN: frozenset(),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a role has a permission."""
    return permission in GRANTS[role]
