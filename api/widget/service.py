"""Chat sessions: opening one, knowing whose a token is, taking and giving messages."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import service as conversations, transcript
from api.conversations.line import Line
from api.conversations.transcript import Said
from api.core.clock import real_now
from api.core.errors import CareError
from api.core.events import Announcements
from api.core.ids import ConversationId, new_id
from api.core.language import Language
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.widget.models import ChatSessionRow

SESSION_LASTS = timedelta(hours=12)


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


@dataclass(frozen=True)
class Chat:
    """What the chat needs; built once in `bootstrap`."""

    line: Line
    announcements: Announcements


@dataclass(frozen=True)
class Opened:
    """A fresh session. The token is shown once; only its hash is kept."""

    session: str
    token: str
    expires_at: datetime


async def open_session(chat: Chat, clinic: str, language: Language) -> Opened:
    """Open a chat, with a conversation of its own that greets first.

    Raises:
        UnknownClinic: there is none of that name.
    """
    line = chat.line
    if clinic != line.clinic.facts.id:
        raise UnknownClinic
    session_id, token, now = new_id(), secrets.token_urlsafe(32), real_now()
    async with line.database.transaction() as session:
        at = await line.clock.now()
        conversation = await find_or_open(session, line.keyring, Channel.WEB, session_id, now=at)
        await conversations.greet(line, session, conversation, language, now=at)
        session.add(
            ChatSessionRow(
                id=session_id,
                token_hash=_hash(token),
                conversation_id=conversation,
                clinic=clinic,
                opened_at=now,
                expires_at=now + SESSION_LASTS,
            )
        )
    return Opened(session_id, token, now + SESSION_LASTS)


async def conversation_of(chat: Chat, token: str) -> ConversationId:
    """Whose token this is.

    Raises:
        SessionOver: nobody's any more.
    """
    async with chat.line.database.transaction() as session:
        found = await session.scalar(
            select(ChatSessionRow.conversation_id).where(
                ChatSessionRow.token_hash == _hash(token), ChatSessionRow.expires_at > real_now()
            )
        )
    if found is None:
        raise SessionOver
    return ConversationId(found)


async def receive(chat: Chat, conversation: ConversationId, id_: str, text: str) -> int:
    """Store a visitor's message once; its position in the transcript, the same for a repeat."""
    return await conversations.receive_web(chat.line, conversation, id_, text)


async def messages_after(chat: Chat, conversation: ConversationId, position: int) -> Sequence[Said]:
    """The transcript after a position."""
    async with chat.line.database.transaction() as session:
        return await transcript.after(session, chat.line.keyring, conversation, position)


async def conversation_of_session(session: AsyncSession, session_id: str) -> ConversationId | None:
    """The conversation of a chat session, for staff who know only the session's id."""
    row = await session.get(ChatSessionRow, session_id)
    return ConversationId(row.conversation_id) if row else None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
