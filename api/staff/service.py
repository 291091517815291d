"""Who works here, and what others need of staff: the door, sessions, permissions."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.staff.accounts import add_user, disable, listed, reset_mfa, set_password
from api.staff.desk import Desk, member_of_row, write_audit
from api.staff.door import Credentials, SignedIn, SignInRefused, sign_in, unlock
from api.staff.kinds import Member
from api.staff.models import MemberRow
from api.staff.rules import may
from api.staff.sessions import SessionOver, StaffSession, lock, peek, session_of, sign_out

__all__ = [
    "Credentials",
    "Desk",
    "SessionOver",
    "SignInRefused",
    "SignedIn",
    "StaffSession",
    "add_user",
    "disable",
    "listed",
    "lock",
    "may",
    "member_of",
    "member_with_email",
    "members",
    "peek",
    "reset_mfa",
    "session_of",
    "set_password",
    "sign_in",
    "sign_out",
    "unlock",
    "write_audit",
]


async def members(session: AsyncSession) -> list[Member]:
    """Everybody who may sign in, by name."""
    active = select(MemberRow).where(MemberRow.disabled_at.is_(None)).order_by(MemberRow.name)
    return [member_of_row(row) for row in await session.scalars(active)]


async def member_of(session: AsyncSession, id_: str) -> Member | None:
    """Who has this id, if they may sign in."""
    row = await session.get(MemberRow, id_)
    return member_of_row(row) if row is not None and row.disabled_at is None else None


async def member_with_email(session: AsyncSession, email: str) -> Member | None:
    """Who has this address, if they may sign in."""
    row = await session.scalar(select(MemberRow).where(MemberRow.email == email.casefold()))
    return member_of_row(row) if row is not None and row.disabled_at is None else None
