"""Sessions of staff: opaque tokens that idle into a lock, end by themselves and can be ended."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.errors import CareError
from api.staff.desk import (
    ABSOLUTE,
    IDLE,
    LOCKED_FOR,
    Desk,
    hash_of,
    member_of_row,
    write_audit,
)
from api.staff.kinds import Member
from api.staff.models import MemberRow, SessionRow

TOKEN_BYTES: Final = 32
# One write in this time is enough to know who is at work.
NOTED_EVERY: Final = timedelta(seconds=15)
# Ended ones are kept this long, to tell somebody who comes late from somebody who guesses.
KEPT_FOR: Final = timedelta(days=7)


class SessionOver(CareError):
    """There is no such session, or no more."""

    code = "session_over"
    status = 401
    sentence = "Please sign in."


class Cause(StrEnum):
    """Why a session is not one."""

    UNKNOWN = "unknown"
    ENDED = "ended"
    DISABLED = "disabled"
    IDLE = "idle"
    ABSOLUTE = "absolute"


@dataclass(frozen=True)
class StaffSession:
    """Somebody who is signed in, as of now.

    Attributes:
        member: who, with the role of this moment.
        csrf: what a form or a request of their own pages carries.
        is_locked: nothing but the lock page may be shown.
        idle_until: when it locks, unless something is done.
        ends_at: when it is over, whatever is done.
    """

    member: Member
    csrf: str = field(repr=False)
    is_locked: bool
    idle_until: datetime
    ends_at: datetime


async def open_session(session: AsyncSession, desk: Desk, member: str) -> str:
    """The token of a new session; it is nowhere but with its bearer."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), desk.now()
    await session.execute(delete(SessionRow).where(SessionRow.ends_at < now - KEPT_FOR))
    session.add(
        SessionRow(
            token_hash=hash_of(token),
            member_id=member,
            opened_at=now,
            active_at=now,
            ends_at=now + ABSOLUTE,
            wrong_unlocks=0,
        )
    )
    return token


async def session_of(
    desk: Desk, token: str, *, origin: str, keeps_awake: bool = True
) -> StaffSession:
    """Who is signed in with a token; the role and whether they may sign in are read anew.

    Args:
        desk: where staff sign in.
        token: what the browser sent.
        origin: the address it came from, for the audit.
        keeps_awake: whether a person did something. Requests that a page makes by itself do not
            count, or nobody would ever be idle.

    Raises:
        SessionOver: nobody is; recorded with its cause.
    """
    async with desk.database.transaction() as session:
        found = await _find(session, token)
        cause = _why_over(found, desk.now())
        if found is not None and cause is None:
            if keeps_awake:
                await _note_activity(session, desk, found, origin=origin)
            return _as_session(token, found, desk.now(), keeps_awake=keeps_awake)
        await _refuse(session, desk, found, cause or Cause.UNKNOWN, origin=origin)
    raise SessionOver


async def peek(desk: Desk, token: str) -> StaffSession:
    """The same without leaving a trace, for a stream that looks whether it may go on.

    Raises:
        SessionOver: nobody is signed in with this token.
    """
    async with desk.database.transaction() as session:
        found = await _find(session, token)
    if found is None or _why_over(found, desk.now()) is not None:
        raise SessionOver
    return _as_session(token, found, desk.now(), keeps_awake=False)


async def lock(desk: Desk, token: str, *, origin: str) -> None:
    """Lock at once, as its person asked."""
    async with desk.database.transaction() as session:
        found = await _find(session, token)
        if found is not None:
            await _lock(session, desk, found, cause="asked", origin=origin)


async def sign_out(desk: Desk, token: str, *, origin: str) -> None:
    """End a session; nothing happens where there is none."""
    async with desk.database.transaction() as session:
        found = await _find(session, token)
        if found is not None and await _end(session, found, desk.now()):
            tag = "staff:session:sign-out"
            await write_audit(session, desk, tag, member=found.MemberRow.id, origin=origin)


async def end_all(session: AsyncSession, member: str, *, now: datetime) -> None:
    """End every session of somebody, from their next request on."""
    open_ones = update(SessionRow).where(
        SessionRow.member_id == member, SessionRow.ended_at.is_(None)
    )
    await session.execute(open_ones.values(ended_at=now))


type _Found = Row[SessionRow, MemberRow]


async def _find(session: AsyncSession, token: str) -> _Found | None:
    wanted = (
        select(SessionRow, MemberRow)
        .join(MemberRow, MemberRow.id == SessionRow.member_id)
        .where(SessionRow.token_hash == hash_of(token))
    )
    return (await session.execute(wanted)).one_or_none()


def _why_over(found: _Found | None, now: datetime) -> Cause | None:
    if found is None:
        return Cause.UNKNOWN
    row: SessionRow = found.SessionRow
    if found.MemberRow.disabled_at is not None:
        return Cause.DISABLED
    if row.ended_at is not None:
        return Cause.ENDED
    if now >= row.ends_at:
        return Cause.ABSOLUTE
    return Cause.IDLE if now >= _locked_since(row) + LOCKED_FOR else None


def _locked_since(row: SessionRow) -> datetime:
    idle_at = row.active_at + IDLE
    return idle_at if row.locked_at is None else min(row.locked_at, idle_at)


def _as_session(token: str, found: _Found, now: datetime, *, keeps_awake: bool) -> StaffSession:
    row: SessionRow = found.SessionRow
    is_locked = row.locked_at is not None or now >= row.active_at + IDLE
    is_awake = keeps_awake and not is_locked
    return StaffSession(
        member=member_of_row(found.MemberRow),
        csrf=hashlib.sha256(b"careline csrf|" + token.encode()).hexdigest(),
        is_locked=is_locked,
        idle_until=(now if is_awake else row.active_at) + IDLE,
        ends_at=row.ends_at,
    )


async def _note_activity(session: AsyncSession, desk: Desk, found: _Found, *, origin: str) -> None:
    row, now = found.SessionRow, desk.now()
    if row.locked_at is not None:
        return
    if now >= row.active_at + IDLE:
        await _lock(session, desk, found, cause="idle", origin=origin)
    elif now >= row.active_at + NOTED_EVERY:
        mine = update(SessionRow).where(
            SessionRow.token_hash == row.token_hash, SessionRow.locked_at.is_(None)
        )
        await session.execute(mine.values(active_at=now))


async def _lock(
    session: AsyncSession, desk: Desk, found: _Found, *, cause: str, origin: str
) -> None:
    """Two requests may see it at once; one of them locks and records."""
    row: SessionRow = found.SessionRow
    mine = update(SessionRow).where(
        SessionRow.token_hash == row.token_hash,
        SessionRow.locked_at.is_(None),
        SessionRow.ended_at.is_(None),
    )
    locked = await session.execute(
        mine.values(locked_at=min(desk.now(), row.active_at + IDLE)).returning(SessionRow.member_id)
    )
    if locked.first() is not None:
        tag = f"staff:session:lock:{cause}"
        await write_audit(session, desk, tag, member=found.MemberRow.id, origin=origin)


async def _refuse(
    session: AsyncSession, desk: Desk, found: _Found | None, cause: Cause, *, origin: str
) -> None:
    member = None
    if found is not None:
        member = found.MemberRow.id
        await _end(session, found, desk.now())
    tag = "staff:session:use"
    await write_audit(session, desk, tag, member=member, origin=origin, refused=cause)


async def _end(session: AsyncSession, found: _Found, now: datetime) -> bool:
    """Whether this ended it; another may have been first."""
    mine = update(SessionRow).where(
        SessionRow.token_hash == found.SessionRow.token_hash, SessionRow.ended_at.is_(None)
    )
    ended = await session.execute(mine.values(ended_at=now).returning(SessionRow.member_id))
    return ended.first() is not None
