"""What is done to a conversation from outside its turns: web messages, greetings, people."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.conversations import situation, transcript
from api.conversations.kinds import Owner, Speaker
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.outcome import IDENTITY_KINDS, expects_of, say as reply_named
from api.conversations.record import Message, say
from api.conversations.transcript import Said
from api.core.errors import CareError
from api.core.ids import ConversationId, MessageId, PatientId
from api.core.language import Language
from api.escalations import service as escalations
from api.messaging import expectations, inbox, outbox
from api.messaging.gate import Purpose
from api.messaging.inbox import Arrival
from api.messaging.kinds import Channel, InboundState
from api.messaging.outbox import Letter
from api.messaging.words import Rendered
from api.scheduling import service as scheduling
from integrations.ports.dialogue import EngineReply


class UnknownConversation(CareError):
    """There is no such conversation."""

    code = "unknown_conversation"
    status = 404
    sentence = "There is no such conversation."


@dataclass(frozen=True)
class Shown:
    """A conversation as staff see it."""

    id: ConversationId
    channel: Channel
    owner: Owner
    language: Language
    patient: PatientId | None
    transcript: tuple[Said, ...]


async def receive_web(line: Line, conversation: ConversationId, id_: str, text: str) -> int:
    """Store a web visitor's message once and return its position in the transcript.

    The conversation's row lock makes a repeat that comes at the same time wait for the first.
    """
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await _locked(session, conversation)
        arrival = Arrival(conversation, Channel.WEB, f"{conversation}/{id_}", text)
        stored = await inbox.store_once(session, line.keyring, arrival, now=now)
        if stored is None:
            first = await inbox.id_of(session, arrival)
            return await transcript.position_of(session, first) or row.last_position
        await _write_line(line, session, row, stored, text, now)
        return row.last_position


async def greet(
    line: Line,
    session: AsyncSession,
    conversation: ConversationId,
    language: Language,
    *,
    now: datetime,
) -> None:
    """Open a web conversation with the first words: who speaks, and that it is no nurse."""
    await situation.open_row(session, conversation, Channel.WEB, language, now=now)
    row = await _locked(session, conversation)
    words = _Words((reply_named("greet"),), Purpose.REPLY)
    await _say(line, session, row, words, now=now)


async def push(
    line: Line, conversation: ConversationId, replies: tuple[EngineReply, ...], *, turn: str
) -> None:
    """Say, once, what no message of the patient's asked for; silent while a person owns it."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await _locked(session, conversation)
        if row.owner == Owner.BOT and not await outbox.was_said(session, conversation, turn):
            words = _Words(replies, Purpose.NOTICE, turn)
            await _say(line, session, row, words, now=now)


async def reply_as_person(
    line: Line, conversation: ConversationId, text: str, *, name: str
) -> None:
    """A person's words to the patient; they take the conversation over by themselves."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await _locked(session, conversation)
        row.owner = Owner.HUMAN
        # What waited for an identity or the engine is this person's now.
        for state in (InboundState.PARKED, InboundState.WAITING):
            await inbox.give_up(session, conversation, state)
        await expectations.close(session, conversation, IDENTITY_KINDS, now=now)
        letter = _letter(row, text, ["coordinator"], Purpose.COORDINATOR)
        message = Message(letter, Rendered(text), Speaker.COORDINATOR, name)
        await say(line, session, row, message, now=now)
        await audit.record_event(
            session,
            tag="conversation:person:reply",
            agent=f"staff/{name}",
            patient=_patient(row),
            now=now,
        )


async def give_back(line: Line, conversation: ConversationId, *, name: str) -> None:
    """The assistant answers again, in a fresh episode, at the question that was open."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await _locked(session, conversation)
        if row.owner == Owner.BOT:
            return
        row.owner, row.misses, row.holding_since = Owner.BOT, 0, None
        row.episode, row.episode_turns = row.episode + 1, 0
        await escalations.resolve_all(session, line.keyring, conversation, now=now)
        question = await scheduling.open_question(session, line.desk, conversation)
        replies = (reply_named("given_back"),) + ((question,) if question else ())
        await _say(line, session, row, _Words(replies, Purpose.COORDINATOR), now=now)
        await audit.record_event(
            session,
            tag="conversation:person:give_back",
            agent=f"staff/{name}",
            patient=_patient(row),
            now=now,
        )


async def listed(session: AsyncSession) -> list[ConversationRow]:
    """Every conversation, the newest first; their state only, no words."""
    found = await session.scalars(
        select(ConversationRow).order_by(ConversationRow.created_at.desc()).limit(1000)
    )
    return list(found)


async def show(line: Line, conversation: ConversationId, *, name: str) -> Shown:
    """A conversation with its whole transcript; the look itself is audited."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await _locked(session, conversation)
        said = await transcript.whole(session, line.keyring, conversation)
        await audit.record_event(
            session,
            tag="conversation:transcript:read",
            agent=f"staff/{name}",
            patient=_patient(row),
            now=now,
        )
        return Shown(
            id=conversation,
            channel=Channel(row.channel),
            owner=Owner(row.owner),
            language=Language(row.language),
            patient=_patient(row),
            transcript=tuple(said),
        )


@dataclass(frozen=True)
class _Words:
    """What to say, and for which purpose and turn."""

    replies: tuple[EngineReply, ...]
    purpose: Purpose
    turn: str | None = None


async def _say(
    line: Line, session: AsyncSession, row: ConversationRow, words: _Words, *, now: datetime
) -> None:
    channel = Channel(row.channel)
    rendered = line.catalogue.render(
        words.replies, Language(row.language), channel=channel, clinic=line.clinic
    )
    names = [each.response for each in words.replies]
    letter = replace(_letter(row, rendered.text, names, words.purpose), turn=words.turn)
    outbound_id = await say(line, session, row, Message(letter, rendered), now=now)
    for reply in words.replies:
        for expectation in expects_of(reply, now):
            await expectations.expect(
                session, letter.conversation, expectation, outbound_id=outbound_id, now=now
            )


def _letter(row: ConversationRow, text: str, responses: list[str], purpose: Purpose) -> Letter:
    return Letter(
        conversation=ConversationId(row.id),
        channel=Channel(row.channel),
        text=text,
        responses=responses,
        purpose=purpose,
        patient=_patient(row),
    )


def _patient(row: ConversationRow) -> PatientId | None:
    return PatientId(row.patient_id) if row.patient_id else None


async def _locked(session: AsyncSession, conversation: ConversationId) -> ConversationRow:
    row = await session.get(ConversationRow, conversation, with_for_update=True)
    if row is None:
        raise UnknownConversation
    return row


async def _write_line(
    line: Line,
    session: AsyncSession,
    row: ConversationRow,
    message: MessageId,
    text: str,
    now: datetime,
) -> None:
    said = transcript.Line(Speaker.PATIENT, Rendered(text), inbound_id=message)
    await transcript.append(session, line.keyring, row, said, now=now)
