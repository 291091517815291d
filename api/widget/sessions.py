"""Chat sessions: opened, come back to, confirmed by birth date, idled out, ended.

Tokens and sessions end by real time; a session idles out by the care clock. Only hashes are kept.

What a browser comes back with is kept by the clinic's site, where every script of it can read and
replace it. So by itself it opens a chat only from where that chat was opened: elsewhere it is worth
as little as after a long silence.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ARRAY, LargeBinary, any_, cast, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.conversations import service as conversations, visitors
from api.conversations.line import Line
from api.conversations.returning import came_back
from api.core.clock import real_now
from api.core.errors import CareError
from api.core.events import announce
from api.core.ids import ConversationId, PatientId, new_id
from api.core.language import Language
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open, topic_of
from api.people import service as people
from api.people.service import Person
from api.widget.models import ChatSessionRow, ChatTokenRow

SESSION_LASTS = timedelta(hours=12)
# A shared computer shows nobody an earlier person's chat.
# Source: 45 CFR 164.312(a)(2)(iii), automatic logoff.
IDLE_AFTER = timedelta(minutes=15)
TRIES = 3


class UnknownClinic(CareError):
    """There is no such clinic here."""

    code = "unknown_clinic"
    status = 404
    sentence = "There is no such clinic here."


class SessionOver(CareError):
    """No such session, or it has ended."""

    code = "session_over"
    status = 401
    sentence = "This chat has ended. Please begin again."


class SessionIdle(CareError):
    """The session has been still for too long; it can be come back to."""

    code = "session_idle"
    status = 401
    sentence = "This chat was still for some time. Please open it again."


class ConfirmFirst(CareError):
    """The token opens nothing before the birth date is given."""

    code = "confirm_first"
    status = 403
    sentence = "Please give the date of birth first."


class NotConfirmed(CareError):
    """The birth date is not the one on record."""

    code = "not_confirmed"
    status = 403
    sentence = "That does not match. Please try again."


class Standing(StrEnum):
    """How a session is opened."""

    NEW = "new"
    RESUMED = "resumed"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Wanted:
    """What a page asks for. `resume`: what it was given to come back with, if anything.

    `network`: where it asks from.
    """

    clinic: str
    language: Language
    resume: str = ""
    network: str = ""


@dataclass(frozen=True)
class Opened:
    """A session as its page gets it. Both tokens are shown once; only their hashes are kept."""

    session: str
    token: str
    expires_at: datetime
    resume: str
    standing: Standing


@dataclass(frozen=True)
class Visit:
    """Whose token it is."""

    session: str
    conversation: ConversationId
    token_hash: bytes


async def open_session(line: Line, wanted: Wanted) -> Opened:
    """Open a chat: the one to come back to, or a new one with a conversation that greets first.

    Raises:
        UnknownClinic: there is none of that name.
    """
    if wanted.clinic != line.clinic.facts.id:
        raise UnknownClinic
    async with line.database.transaction() as session:
        now = await line.clock.now()
        row = await _to_come_back_to(session, wanted)
        network = line.keyring.lookup(wanted.network)
        standing = Standing.NEW if row is None else await _standing_of(session, row, network, now)
        if row is None or standing is Standing.NEW:
            return await _open_new(line, session, wanted, now)
        if standing is Standing.RESUMED:
            row.active_at = now
        token = _issue(session, row, is_confirmed=standing is Standing.RESUMED)
        return Opened(row.id, token, row.expires_at, wanted.resume, standing)


async def visit_of(line: Line, token: str) -> Visit:
    """Whose token this is.

    Raises:
        SessionOver: nobody's any more.
        SessionIdle: of a session that was still for too long.
        ConfirmFirst: it opens nothing yet.
    """
    now = await line.clock.now()
    async with line.database.transaction() as session:
        opened, row = await _living(session, hash_of(token))
        if not opened.is_confirmed:
            raise ConfirmFirst
        if is_idle(row, now):
            raise SessionIdle
        return Visit(row.id, ConversationId(row.conversation_id), opened.token_hash)


async def open_among(
    session: AsyncSession, token_hashes: Sequence[bytes], *, now: datetime
) -> set[bytes]:
    """Those of these tokens that still open their session, asked for all of them at once."""
    found = await session.scalars(
        select(ChatTokenRow.token_hash)
        .join(ChatSessionRow, ChatSessionRow.id == ChatTokenRow.session_id)
        .where(
            ChatTokenRow.token_hash == any_(cast(token_hashes, ARRAY(LargeBinary))),
            ChatTokenRow.expires_at > real_now(),
            ChatTokenRow.is_confirmed,
            ChatSessionRow.ended_at.is_(None),
            ChatSessionRow.active_at > now - IDLE_AFTER,
        )
    )
    return set(found)


async def stay(line: Line, visit: Visit) -> None:
    """Somebody is still there: the session stays open as long as after a message."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        statement = update(ChatSessionRow).where(ChatSessionRow.id == visit.session)
        await session.execute(statement.values(active_at=now))


async def end(line: Line, visit: Visit) -> None:
    """Clear the chat from every page: no token of it opens anything any more."""
    async with line.database.transaction() as session:
        row = await session.get_one(ChatSessionRow, visit.session, with_for_update=True)
        await _end(session, row)


async def confirm(line: Line, token: str, born: date, *, network: str = "") -> None:
    """Open a session again, from here on, to whoever knows the patient's birth date.

    Pages that were open before must come back by themselves: somebody else may sit there.

    Raises:
        NotConfirmed: it is not the birth date on record.
        SessionOver: nobody's token, or that was the last try.
    """
    now = await line.clock.now()
    async with line.database.transaction() as session:
        opened, row = await _living(session, hash_of(token))
        if opened.is_confirmed:
            return
        patient = await visitors.patient_of(session, ConversationId(row.conversation_id))
    whose = await _born_then(line, patient, born)
    async with line.database.transaction() as session:
        refusal = await _judge(line, session, opened.token_hash, whose, now=now)
        if refusal is None:
            row = await session.get_one(ChatSessionRow, row.id)
            row.opened_from = line.keyring.lookup(network)
    if refusal is not None:
        raise refusal


async def conversation_of_session(session: AsyncSession, session_id: str) -> ConversationId | None:
    """The conversation of a chat session, for staff who know only the session's id."""
    row = await session.get(ChatSessionRow, session_id)
    return ConversationId(row.conversation_id) if row else None


def is_idle(row: ChatSessionRow, now: datetime) -> bool:
    """Whether a session has been still for too long."""
    return now - row.active_at >= IDLE_AFTER


def hash_of(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def _to_come_back_to(session: AsyncSession, wanted: Wanted) -> ChatSessionRow | None:
    if not wanted.resume:
        return None
    return await session.scalar(
        select(ChatSessionRow)
        .where(
            ChatSessionRow.resume_hash == hash_of(wanted.resume),
            ChatSessionRow.clinic == wanted.clinic,
            ChatSessionRow.ended_at.is_(None),
            ChatSessionRow.expires_at > real_now(),
        )
        .with_for_update()
    )


async def _standing_of(
    session: AsyncSession, row: ChatSessionRow, network: bytes, now: datetime
) -> Standing:
    if row.opened_from in {None, network} and not is_idle(row, now):
        return Standing.RESUMED
    patient = await visitors.patient_of(session, ConversationId(row.conversation_id))
    return Standing.NEW if patient is None else Standing.CONFIRM


async def _open_new(line: Line, session: AsyncSession, wanted: Wanted, now: datetime) -> Opened:
    return (await open_new(line, session, wanted, now=now))[0]


async def open_new(
    line: Line, session: AsyncSession, wanted: Wanted, *, words: str = "welcome", now: datetime
) -> tuple[Opened, ConversationId]:
    """Open a chat of its own, that begins with these words, and say which conversation it is."""
    session_id, resume, opened_at = new_id(), secrets.token_urlsafe(32), real_now()
    conversation = await find_or_open(session, line.keyring, Channel.WEB, session_id, now=now)
    await conversations.greet(line, session, conversation, wanted.language, words=words, now=now)
    row = ChatSessionRow(
        id=session_id,
        conversation_id=conversation,
        clinic=wanted.clinic,
        resume_hash=hash_of(resume),
        opened_from=line.keyring.lookup(wanted.network),
        opened_at=opened_at,
        expires_at=opened_at + SESSION_LASTS,
        active_at=now,
    )
    session.add(row)
    await session.flush()
    token = _issue(session, row, is_confirmed=True)
    opened = Opened(session_id, token, row.expires_at, resume, Standing.NEW)
    return opened, conversation


def _issue(session: AsyncSession, row: ChatSessionRow, *, is_confirmed: bool) -> str:
    token = secrets.token_urlsafe(32)
    session.add(
        ChatTokenRow(
            token_hash=hash_of(token),
            session_id=row.id,
            is_confirmed=is_confirmed,
            opened_at=real_now(),
            expires_at=row.expires_at,
        )
    )
    return token


async def _living(
    session: AsyncSession, token_hash: bytes, *, lock: bool = False
) -> tuple[ChatTokenRow, ChatSessionRow]:
    """A token and its session, if neither has ended."""
    statement = (
        select(ChatTokenRow, ChatSessionRow)
        .join(ChatSessionRow, ChatSessionRow.id == ChatTokenRow.session_id)
        .where(
            ChatTokenRow.token_hash == token_hash,
            ChatTokenRow.expires_at > real_now(),
            ChatSessionRow.ended_at.is_(None),
        )
    )
    statement = statement.with_for_update(of=ChatSessionRow) if lock else statement
    found = (await session.execute(statement)).first()
    if found is None:
        raise SessionOver
    return found[0], found[1]


async def _born_then(line: Line, patient: PatientId | None, born: date) -> Person | None:
    """The patient, where that is the birth date on record."""
    record = await people.person(line.gateway, patient) if patient is not None else None
    is_right = record is not None and record.alive and record.birth_date == born
    return record if is_right else None


async def _judge(
    line: Line, session: AsyncSession, token_hash: bytes, whose: Person | None, *, now: datetime
) -> CareError | None:
    """Count a wrong answer, or open the session; under its lock, so that no try is free.

    `whose`: the patient, where the answer was right.
    """
    opened, row = await _living(session, token_hash, lock=True)
    # As it is now: whoever had the lock before may have opened it, with this very token.
    now_is = select(ChatTokenRow.is_confirmed).where(ChatTokenRow.token_hash == token_hash)
    if await session.scalar(now_is):
        return None
    conversation = ConversationId(row.conversation_id)
    await audit.record_event(
        session,
        tag=f"chat:session:{'confirm' if whose else 'refuse'}",
        agent=f"conversation/{conversation}",
        patient=await visitors.patient_of(session, conversation),
        now=now,
    )
    if whose is not None:
        row.active_at, row.wrong_tries, opened.is_confirmed = now, 0, True
        mobile = min(whose.numbers, default=None)
        await _drop_tokens(session, row, but=token_hash)
        await came_back(line, session, conversation, mobile=mobile, now=now)
        return None
    row.wrong_tries += 1
    if row.wrong_tries < TRIES:
        return NotConfirmed()
    await _end(session, row)
    return SessionOver()


async def _end(session: AsyncSession, row: ChatSessionRow) -> None:
    row.ended_at, row.resume_hash = real_now(), None
    await _drop_tokens(session, row)


async def _drop_tokens(session: AsyncSession, row: ChatSessionRow, *, but: bytes = b"") -> None:
    """Revoke tokens, and tell the streams that they opened to look again."""
    await session.execute(
        delete(ChatTokenRow).where(
            ChatTokenRow.session_id == row.id, ChatTokenRow.token_hash != but
        )
    )
    await announce(session, topic_of(ConversationId(row.conversation_id)))
