"""Accounts of staff: adding, disabling, a new password, a new second factor."""

import re
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import CareError
from api.core.ids import new_id
from api.staff import codes
from api.staff.desk import KEY_OWNER, Desk, member_of_row, secret_place, write_audit
from api.staff.kinds import Member, Role
from api.staff.models import MemberRow
from api.staff.passwords import check_strength
from api.staff.sessions import end_all

EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MAX_CHARS: Final = 120
# What this person says and does is kept under the name: the tables of care take so much of it.
MAX_NAME_CHARS: Final = 80


class UnknownUser(CareError):
    """Nobody has this address."""

    code = "unknown_user"
    status = 404
    sentence = "Nobody of the staff has this e-mail address."


class UserExists(CareError):
    """Somebody has this address already."""

    code = "user_exists"
    status = 409
    sentence = "Somebody has this e-mail address already."


class NoEmail(CareError):
    """An address nobody can be written to, or a name that says nothing."""

    code = "no_email"
    status = 422
    sentence = "Give an e-mail address and the name that patients see."


@dataclass(frozen=True)
class Wanted:
    """An account to add."""

    email: str
    name: str
    role: Role
    password: str = field(repr=False)


@dataclass(frozen=True)
class Enrolled:
    """An account and the second factor's secret, to be shown once."""

    member: Member
    provisioning_uri: str = field(repr=False)


@dataclass(frozen=True)
class Listed:
    """An account, in use or not."""

    member: Member
    is_disabled: bool


async def add_user(session: AsyncSession, desk: Desk, wanted: Wanted, *, by: str) -> Enrolled:
    """Give somebody an account; who was disabled comes back under the same id.

    Raises:
        UserExists: somebody has the address. NoEmail: it is none, or the name is missing.
        WeakPassword: the password is too easy to guess.
    """
    email, name = wanted.email.strip().casefold(), wanted.name.strip()
    if (
        not (EMAIL.fullmatch(email) and name)
        or len(email) > MAX_CHARS
        or len(name) > MAX_NAME_CHARS
    ):
        raise NoEmail
    check_strength(wanted.password, email=email)
    row = await session.scalar(select(MemberRow).where(MemberRow.email == email))
    if row is not None and row.disabled_at is None:
        raise UserExists
    if row is None:
        row = MemberRow(id=new_id(), email=email, last_step=0)
        session.add(row)
    row.name, row.role, row.added_at, row.disabled_at = name, wanted.role, desk.now(), None
    row.password_hash = await desk.passwords.hash(wanted.password)
    uri = await _new_factor(desk, row)
    await session.flush()
    await write_audit(session, desk, "staff:account:add", member=row.id, origin=by)
    return Enrolled(member_of_row(row), uri)


async def disable(session: AsyncSession, desk: Desk, email: str, *, by: str) -> Member:
    """Take the account away; sessions of it are over with their next request.

    Raises:
        UnknownUser: nobody has this address.
    """
    row = await _row(session, email)
    row.disabled_at = row.disabled_at or desk.now()
    await end_all(session, row.id, now=desk.now())
    await write_audit(session, desk, "staff:account:disable", member=row.id, origin=by)
    return member_of_row(row)


async def reset_mfa(session: AsyncSession, desk: Desk, email: str, *, by: str) -> Enrolled:
    """A new secret for one-time codes; the old one and every session are over.

    Raises:
        UnknownUser: nobody has this address.
    """
    row = await _row(session, email)
    uri = await _new_factor(desk, row)
    await end_all(session, row.id, now=desk.now())
    await write_audit(session, desk, "staff:account:reset-mfa", member=row.id, origin=by)
    return Enrolled(member_of_row(row), uri)


async def set_password(
    session: AsyncSession, desk: Desk, email: str, *, password: str, by: str
) -> Member:
    """A new password; every session is over.

    Raises:
        UnknownUser: nobody has this address. WeakPassword: it is too easy to guess.
    """
    row = await _row(session, email)
    check_strength(password, email=row.email)
    row.password_hash = await desk.passwords.hash(password)
    await end_all(session, row.id, now=desk.now())
    await write_audit(session, desk, "staff:account:set-password", member=row.id, origin=by)
    return member_of_row(row)


async def listed(session: AsyncSession) -> list[Listed]:
    """Every account, by address."""
    rows = await session.scalars(select(MemberRow).order_by(MemberRow.email))
    return [Listed(member_of_row(row), row.disabled_at is not None) for row in rows]


async def _row(session: AsyncSession, email: str) -> MemberRow:
    wanted = select(MemberRow).where(MemberRow.email == email.strip().casefold())
    row = await session.scalar(wanted.with_for_update())
    if row is None:
        raise UnknownUser
    return row


async def _new_factor(desk: Desk, row: MemberRow) -> str:
    """Codes of the old secret say nothing about the new one's, so steps count anew."""
    secret = codes.new_secret()
    row.totp_secret = await desk.keyring.seal(secret, owner=KEY_OWNER, place=secret_place(row.id))
    row.last_step = 0
    return codes.provisioning_uri(secret, row.email)
