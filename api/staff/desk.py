"""What signing in needs, as one value; its audit rows."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.service import Action, Entry, Result, Who, record
from api.core.clock import real_now
from api.core.crypto import Keyring, Place
from api.core.db import Database
from api.staff.kinds import Member, Role, StaffId
from api.staff.models import MemberRow
from api.staff.passwords import Passwords

# Source: 45 CFR 164.312(a)(2)(iii), automatic logoff; it leaves the time to us.
IDLE: Final = timedelta(minutes=15)
"""Without a request of its person for this long a session is locked."""
LOCKED_FOR: Final = timedelta(minutes=45)
"""Locked for this long it is over."""
ABSOLUTE: Final = timedelta(hours=12)
"""Over after this long, whatever happens: a shift and its handing over."""

KEY_OWNER: Final = "staff"
NOBODY: Final = "unknown"


@dataclass(frozen=True)
class Desk:
    """Where staff sign in. `now`: the system's time, not the sandbox's."""

    database: Database
    keyring: Keyring
    passwords: Passwords
    now: Callable[[], datetime] = real_now


def member_of_row(row: MemberRow) -> Member:
    """Somebody of the staff, as others may know them."""
    return Member(StaffId(row.id), row.email, row.name, Role(row.role))


def secret_place(member: str) -> Place:
    """Where the sealed secret of somebody's one-time codes lives."""
    return Place("staff_member", "totp_secret", member)


def hash_of(token: str) -> bytes:
    """What a session is found by. The token has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


async def write_audit(
    session: AsyncSession,
    desk: Desk,
    tag: str,
    *,
    member: str | None,
    origin: str,
    refused: str | None = None,
) -> None:
    """Record an act of somebody at the door; `refused`: the cause, where it was not granted."""
    entry = Entry(
        tag=f"{tag}:{refused}" if refused else tag,
        action=Action.EXECUTE,
        subtype=tag.rsplit(":", 1)[-1],
        result=Result.DENIED if refused else Result.DONE,
    )
    who = Who("staff", member or NOBODY, origin=origin or None)
    await record(session, desk.keyring, [entry], who=who, now=desk.now())
