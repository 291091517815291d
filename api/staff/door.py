"""The door: password, one-time code and the session that comes of them; unlocking one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Update, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.addresses import is_this_machine, network_of
from api.core.errors import CareError
from api.core.logging import get_logger
from api.staff import codes, tries
from api.staff.desk import KEY_OWNER, Desk, hash_of, member_of_row, secret_place, write_audit
from api.staff.kinds import Member
from api.staff.models import MemberRow, SessionRow
from api.staff.sessions import SessionOver, open_session, peek
from api.staff.tries import ACCOUNT, ADDRESS, CODE, Patience

SIGN_IN: Final = "staff:door:sign-in"
UNLOCK: Final = "staff:session:unlock"
ALARM: Final = "staff:door:alarm"
MOST_WRONG_UNLOCKS: Final = 5


class SignInRefused(CareError):
    """Not signed in. The same words for every cause: others would tell who has an account."""

    code = "sign_in_refused"
    status = 401
    sentence = (
        "That did not work. Check your e-mail, password and code; each code works once."
        " After three wrong tries, wait a little before the next one."
    )


@dataclass(frozen=True)
class Credentials:
    """What somebody typed."""

    email: str
    password: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True)
class SignedIn:
    """A new session, and whose."""

    token: str = field(repr=False)
    member: Member


@dataclass(frozen=True)
class _Try:
    """One try of one account from one address; `row` is None where there is no such account."""

    tag: str
    email: str
    origin: str
    row: MemberRow | None


async def sign_in(desk: Desk, typed: Credentials, *, origin: str) -> SignedIn:
    """Open a session for whoever knows the password and has the second factor.

    Args:
        desk: where staff sign in.
        typed: e-mail, password and one-time code.
        origin: the address it came from; wrong tries are counted by it too.

    Raises:
        SignInRefused: the same answer after the same work for every cause; recorded with it.
    """
    one = await _begin(desk, SIGN_IN, typed.email, origin)
    await _count(desk, one, _address(desk, one) | {_account(desk, one): ACCOUNT})
    row, known = one.row, one.row.password_hash if one.row else None
    if not await desk.passwords.matches(known, typed.password) or row is None:
        raise await _refused(desk, one, "password" if row else "unknown")
    if row.disabled_at is not None:
        raise await _refused(desk, one, "disabled")
    # From here on whoever it is knows the password; the code has a count of its own.
    await _count(desk, one, {_code(desk, one): CODE})
    step = await _step(desk, row, typed.code)
    async with desk.database.transaction() as session:
        if step is not None and await _take_step(session, row, step):
            await _right(session, desk, one, proven=(_account(desk, one), _code(desk, one)))
            token = await open_session(session, desk, row.id)
            await write_audit(session, desk, SIGN_IN, member=row.id, origin=origin)
            await _keep_hash_current(session, desk, row, typed.password)
            return SignedIn(token, member_of_row(row))
    raise await _refused(desk, one, "code" if step is None else "code-replayed")


async def unlock(desk: Desk, token: str, password: str, *, origin: str) -> None:
    """Go on in a locked session; after a few wrong passwords it is over.

    Raises:
        SessionOver: nobody is signed in with this token, or no more.
        SignInRefused: wrong password, or too many tries.
    """
    member = (await peek(desk, token)).member
    one = await _begin(desk, UNLOCK, member.email, origin)
    await _count(desk, one, _address(desk, one) | {_account(desk, one): ACCOUNT})
    known = one.row.password_hash if one.row else None
    if not await desk.passwords.matches(known, password):
        await _wrong_unlock(desk, token)
        raise await _refused(desk, one, "password")
    async with desk.database.transaction() as session:
        woken = _open_row(token).values(locked_at=None, active_at=desk.now(), wrong_unlocks=0)
        if (await session.execute(woken.returning(SessionRow.member_id))).first() is None:
            raise SessionOver
        await _right(session, desk, one, proven=(_account(desk, one),))
        await write_audit(session, desk, UNLOCK, member=member.id, origin=origin)


async def _begin(desk: Desk, tag: str, typed: str, origin: str) -> _Try:
    # The database takes neither NUL nor half a character.
    email = "".join(each for each in typed.strip().casefold() if each.isprintable())
    async with desk.database.transaction() as session:
        row = await session.scalar(select(MemberRow).where(MemberRow.email == email))
    return _Try(tag, email, origin, row)


def _account(desk: Desk, one: _Try) -> bytes:
    return _key(desk, "account", one.email)


def _code(desk: Desk, one: _Try) -> bytes:
    return _key(desk, "code", one.email)


def _address(desk: Desk, one: _Try) -> dict[bytes, Patience]:
    if not one.origin or is_this_machine(one.origin):
        return {}
    return {_key(desk, "address", network_of(one.origin)): ADDRESS}


def _key(desk: Desk, kind: str, of: str) -> bytes:
    return desk.keyring.lookup(f"staff tries|{kind}|{of}")


async def _count(desk: Desk, one: _Try, keys: Mapping[bytes, Patience]) -> None:
    """Count a try before it is judged; refuse it while an earlier one has its wait."""
    is_counted = True
    async with desk.database.transaction() as session:
        await tries.sweep(session, now=desk.now())
        for key, patience in keys.items():
            wrong = await tries.count(session, key, patience, now=desk.now())
            is_counted = wrong is not None
            if not is_counted:
                break
            if wrong == patience.alarm:
                await _raise_alarm(session, desk, one)
    if not is_counted:
        raise await _refused(desk, one, "wait")


async def _raise_alarm(session: AsyncSession, desk: Desk, one: _Try) -> None:
    """Somebody may be guessing: a row that a review finds, and a line that monitoring sees."""
    member = one.row.id if one.row else None
    await write_audit(session, desk, ALARM, member=member, origin=one.origin, refused="guessing")
    get_logger().warning("sign_in_alarm", actor=f"staff/{member or 'unknown'}")


async def _right(session: AsyncSession, desk: Desk, one: _Try, *, proven: Sequence[bytes]) -> None:
    """What was proven has no wrong tries any more; at an address others may go on having them."""
    for key in _address(desk, one):
        await tries.take_back(session, key, now=desk.now())
    await tries.forget(session, proven)


async def _refused(desk: Desk, one: _Try, cause: str) -> SignInRefused:
    member = one.row.id if one.row else None
    async with desk.database.transaction() as session:
        await write_audit(session, desk, one.tag, member=member, origin=one.origin, refused=cause)
    return SignInRefused()


async def _step(desk: Desk, row: MemberRow, code: str) -> int | None:
    secret = await desk.keyring.unseal(row.totp_secret, owner=KEY_OWNER, place=secret_place(row.id))
    return codes.step_of_code(secret, code, now=desk.now())


async def _take_step(session: AsyncSession, row: MemberRow, step: int) -> bool:
    """Take a code once: of two at the same moment only one finds the older step.

    What was judged must still hold: the account may have been changed meanwhile.
    """
    mine = update(MemberRow).where(
        MemberRow.id == row.id,
        MemberRow.last_step < step,
        MemberRow.disabled_at.is_(None),
        MemberRow.password_hash == row.password_hash,
        MemberRow.totp_secret == row.totp_secret,
    )
    taken = await session.execute(mine.values(last_step=step).returning(MemberRow.id))
    return taken.first() is not None


async def _keep_hash_current(
    session: AsyncSession, desk: Desk, row: MemberRow, password: str
) -> None:
    """A hash of older parameters is replaced while the password is at hand."""
    if not desk.passwords.is_outdated(row.password_hash):
        return
    fresh = await desk.passwords.hash(password)
    mine = update(MemberRow).where(
        MemberRow.id == row.id, MemberRow.password_hash == row.password_hash
    )
    await session.execute(mine.values(password_hash=fresh))


def _open_row(token: str) -> Update:
    return update(SessionRow).where(
        SessionRow.token_hash == hash_of(token), SessionRow.ended_at.is_(None)
    )


async def _wrong_unlock(desk: Desk, token: str) -> None:
    async with desk.database.transaction() as session:
        counted = _open_row(token).values(wrong_unlocks=SessionRow.wrong_unlocks + 1)
        wrong = await session.scalar(counted.returning(SessionRow.wrong_unlocks))
        if wrong is not None and wrong >= MOST_WRONG_UNLOCKS:
            await session.execute(_open_row(token).values(ended_at=desk.now()))
