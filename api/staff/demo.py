"""The sandbox's invented staff: putting them there, and the code that their app would show."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import real_now
from api.core.crypto import Keyring
from api.core.ids import new_id
from api.staff import codes
from api.staff.desk import KEY_OWNER, Desk, secret_place
from api.staff.kinds import Role
from api.staff.models import MemberRow
from api.staff.passwords import hasher


@dataclass(frozen=True)
class Invented:
    """Somebody of the demo clinic."""

    email: str
    name: str
    role: Role


async def put(
    session: AsyncSession,
    keyring: Keyring,
    people: Sequence[Invented],
    *,
    password: str,
    secret: str,
) -> None:
    """Give invented people accounts with a password and a second factor that are published.

    No rule on passwords applies here; nothing else may call this.
    """
    for person in people:
        id_ = new_id()
        sealed = await keyring.seal(secret, owner=KEY_OWNER, place=secret_place(id_))
        session.add(
            MemberRow(
                id=id_,
                email=person.email,
                name=person.name,
                role=person.role,
                password_hash=_published(password),
                totp_secret=sealed,
                last_step=0,
                added_at=real_now(),
            )
        )
    await session.flush()


async def is_empty(session: AsyncSession) -> bool:
    """Whether nobody has an account."""
    return await session.scalar(select(MemberRow.id).limit(1)) is None


async def code_to_type(session: AsyncSession, desk: Desk, member: str, *, secret: str) -> str:
    """The code of now, or the next one where that was used; whoever asks knows the secret."""
    present = codes.step_of(desk.now())
    row = await session.get(MemberRow, member)
    is_used = row is not None and row.last_step >= present
    return codes.code_at(secret, present + 1 if is_used else present)


@cache
def _published(password: str) -> str:
    """One hash for all of them: it hides nothing, and making seven would slow every reset."""
    return hasher().hash(password)
