"""Who works here and what for."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

StaffId = NewType("StaffId", str)


class Role(StrEnum):
    """What somebody is here for."""

    COORDINATOR = "coordinator"
    NURSE = "nurse"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Permission(StrEnum):
    """What a role may be allowed to do."""

    READ_INBOX = "read_inbox"
    READ_CONVERSATION = "read_conversation"
    ANSWER = "answer"
    ACKNOWLEDGE = "acknowledge"
    REASSIGN = "reassign"
    READ_RECORD = "read_record"
    READ_CLINICAL = "read_clinical"
    ADD_TO_RECORD = "add_to_record"
    READ_AUDIT = "read_audit"


@dataclass(frozen=True)
class Member:
    """Somebody of the staff; the name is what patients see."""

    id: StaffId
    email: str
    name: str
    role: Role

    @property
    def agent(self) -> str:
        """Who acts, for the audit."""
        return f"staff/{self.id}"
