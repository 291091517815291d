"""Whose mailbox each step of a ladder reaches."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from api.escalations.kinds import Step
from api.messaging.clinic import Ladder as LadderSetting
from api.staff.kinds import Member, Role

StaffOf = Callable[[AsyncSession], Awaitable[Sequence[Member]]]
"""Who may sign in now."""

# An auditor and an administrator see nothing clinical, so a call would be lost on them.
CARE_TEAM: Final = (Role.COORDINATOR, Role.NURSE, Role.SUPERVISOR)


def addresses(step: Step, setting: LadderSetting, staff: Sequence[Member]) -> tuple[str, ...]:
    """The addresses of a step, each once, in a fixed order; never none.

    Where nobody has the role that a step is for, the nurses of the ladder are told.
    """
    ladder = (setting.primary, setting.backup, setting.on_call)
    wanted: Mapping[Step, Sequence[str]] = {
        Step.PRIMARY: (setting.primary,),
        Step.BACKUP: (setting.backup,),
        Step.ON_CALL: (setting.on_call,),
        Step.EVERYBODY: (*ladder, *_with_roles(staff, *CARE_TEAM)),
        Step.COORDINATORS: _with_roles(staff, Role.COORDINATOR),
        Step.SUPERVISORS: _with_roles(staff, Role.SUPERVISOR),
    }
    return tuple(sorted(set(wanted[step]) or set(ladder)))


def _with_roles(staff: Sequence[Member], *roles: Role) -> tuple[str, ...]:
    return tuple(member.email for member in staff if member.role in roles)
