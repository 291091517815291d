"""What is done to a conversation from outside its turns: web messages, greetings, notices."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import situation, transcript
from api.conversations.errors import UnknownConversation
from api.conversations.hand import locked
from api.conversations.kinds import Owner
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.outcome import say as reply_named
from api.conversations.wording import Wording, say_named
from api.core.ids import ConversationId
from api.core.language import Language
from api.messaging import inbox, outbox
from api.messaging.gate import Purpose
from api.messaging.inbox import Arrival
from api.messaging.kinds import Channel
from integrations.ports.dialogue import EngineReply

__all__ = ["UnknownConversation", "greet", "listed", "push", "receive_web"]


async def receive_web(line: Line, conversation: ConversationId, id_: str, text: str) -> int:
    """Store a web visitor's message once and return its position in the transcript.

    The conversation's row lock makes a repeat that comes at the same time wait for the first.
    """
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await locked(session, conversation)
        arrival = Arrival(conversation, Channel.WEB, f"{conversation}/{id_}", text)
        stored = await inbox.store_once(session, line.keyring, arrival, now=now)
        if stored is None:
            first = await inbox.id_of(session, arrival)
            return await transcript.position_of(session, first) or row.last_position
        await situation.append_patient_line(line, session, row, (stored, text), at=now)
        return row.last_position


async def greet(
    line: Line,
    session: AsyncSession,
    conversation: ConversationId,
    language: Language,
    *,
    words: str = "welcome",
    now: datetime,
) -> None:
    """Open a web conversation with the first words: who speaks, and that it is no nurse.

    `words`: the response with them.
    """
    await situation.open_row(session, conversation, Channel.WEB, language, now=now)
    row = await locked(session, conversation)
    wording = Wording((reply_named(words),), Purpose.REPLY)
    await say_named(line, session, row, wording, now=now)


async def push(
    line: Line, conversation: ConversationId, replies: tuple[EngineReply, ...], *, turn: str
) -> None:
    """Say, once, what no message of the patient's asked for; silent while a person owns it."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await locked(session, conversation)
        if row.owner == Owner.BOT and not await outbox.was_said(session, conversation, turn):
            words = Wording(replies, Purpose.NOTICE, turn)
            await say_named(line, session, row, words, now=now)


async def listed(session: AsyncSession) -> list[ConversationRow]:
    """Every conversation, the newest first; their state only, no words."""
    found = await session.scalars(
        select(ConversationRow).order_by(ConversationRow.created_at.desc()).limit(1000)
    )
    return list(found)
