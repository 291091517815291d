"""Saying what is due: each prompt once, in its conversation, whatever is going on there.

Each conversation stands alone, and so does each prompt in it: what cannot be said, or is waited
for, keeps nobody else waiting.
"""

import asyncio
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import attention, situation
from api.conversations.kinds import Act
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.questions import expects_of
from api.conversations.record import Message, say
from api.conversations.wording import letter_of
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.core.logging import describe, get_logger
from api.core.several import for_each
from api.escalations.kinds import Reason
from api.escalations.service import Escalate, open_escalation
from api.messaging import expectations
from api.messaging.gate import Purpose, Trigger
from api.messaging.kinds import Channel, ExpectationKind
from api.people import service as people
from api.reminders import communication_requests, prompts
from api.reminders.claims import claim_due
from api.reminders.prompts import Due, DuePrompt, Prompt
from integrations.ports.errors import PortError

# Fewer than the pool has connections: answers are given meanwhile.
AT_ONCE = 4
PAGE = 500
# These pass: the next round is the retry, until it is too late to be of use.
PASSING = (PortError, SQLAlchemyError, OSError)
_SETTLED_BY = {
    ExpectationKind.DOSE: {ExpectationKind.DOSE_LATER},
    ExpectationKind.VISIT: {ExpectationKind.VISIT_CONFIRMED},
}


async def claim(line: Line) -> int:
    """Take a batch of what is due; how many there were. Of what cannot be read a person is told."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        claimed = await claim_due(session, now=now)
        for each in claimed.unreadable:
            wanted = _failure(each.conversation, f"plan.{each.plan}", each.patient)
            await _call_person(line, session, wanted, now)
    return claimed.count


async def show_ended(line: Line) -> None:
    """Let the record follow the plans that came to their end: nobody waits for that."""
    now = await line.clock.now()
    while True:
        async with line.database.transaction() as session:
            if not await communication_requests.show_ended(session, line.keyring, now=now):
                return


async def say_due(line: Line, stop: asyncio.Event | None = None) -> None:
    """Say all that is due, the longest due first; once `stop` is set no further conversation's.

    A prompt and the text that says it are written together, so a crash leaves it due or said.
    """
    reached: Due | None = None
    while True:
        async with line.database.transaction() as session:
            page = await prompts.due(session, reached, limit=PAGE)
        await for_each(
            page, lambda each: _say_in(line, each.conversation), at_once=AT_ONCE, stop=stop
        )
        if len(page) < PAGE or (stop is not None and stop.is_set()):
            return
        reached = page[-1]


async def _say_in(line: Line, conversation: ConversationId) -> None:
    """Say what is due in one conversation, in its order."""
    await line.courtesy.give_way()
    now = await line.clock.now()
    try:
        async with line.database.transaction() as session:
            for due in await prompts.due_in(session, conversation):
                await _say_or_set_aside(line, session, conversation, due, now=now)
    except PASSING as failure:
        get_logger().warning("prompts_put_off", conversation=conversation, **describe(failure))
    except Exception as failure:  # noqa: BLE001 -- whatever it is, it is this conversation's alone
        get_logger().error("prompts_put_off", conversation=conversation, **describe(failure))


async def _say_or_set_aside(
    line: Line,
    session: AsyncSession,
    conversation: ConversationId,
    due: DuePrompt,
    *,
    now: datetime,
) -> None:
    try:
        async with session.begin_nested():
            prompt = await prompts.to_say(session, line.reminders, due.id, now=now)
            if prompt is not None:
                outbound_id = await _say(line, session, prompt, now)
                await prompts.mark_said(session, due.id, outbound_id, now=now)
    except PASSING:
        raise
    except Exception as failure:  # noqa: BLE001 -- whatever it is, it is this prompt's alone
        get_logger().error("prompt_failed", prompt=due.id, **describe(failure))
        await prompts.mark_failed(session, due.id, now=now)
        wanted = _failure(conversation, f"prompt.{due.id}", due.patient)
        await _call_person(line, session, wanted, now)


async def _say(line: Line, session: AsyncSession, prompt: Prompt, now: datetime) -> str:
    row = await opened(line, session, prompt.conversation, prompt.patient)
    rendered = line.catalogue.render(
        (prompt.words,), Language(row.language), channel=Channel(row.channel), clinic=line.clinic
    )
    letter = replace(
        letter_of(row, rendered.text, [prompt.words.response], Purpose.REMINDER),
        patient=prompt.patient,
        trigger=Trigger(prompt.about, prompt.useful_until, prompt.hours),
    )
    outbound_id = await say(line, session, row, Message(letter, rendered), now=now)
    await _expect(session, prompt, outbound_id, now)
    return outbound_id


async def _expect(session: AsyncSession, prompt: Prompt, outbound_id: str, now: datetime) -> None:
    """Wait for its answer; what was asked of the same thing before is settled by it."""
    others = await prompts.others_in(session, prompt.conversation, prompt.id)
    for expectation in expects_of(prompt.words, now):
        await expectations.expect(
            session,
            prompt.conversation,
            expectation,
            outbound_id=outbound_id,
            now=now,
            beside=others,
        )
        earlier = _SETTLED_BY[expectation.kind]
        await expectations.close(session, prompt.conversation, earlier, now=now, but=others)


async def opened(
    line: Line, session: AsyncSession, conversation: ConversationId, patient: PatientId
) -> ConversationRow:
    """The conversation's row, locked; somebody who never wrote has none yet."""
    if await session.get(ConversationRow, conversation) is None:
        language = await _language(line, patient)
        now = await line.clock.now()
        await situation.open_row(session, conversation, Channel.SMS, language, now=now)
    return await session.get_one(
        ConversationRow, conversation, with_for_update=True, populate_existing=True
    )


async def _language(line: Line, patient: PatientId) -> Language:
    """What somebody who never wrote is spoken to in: what their record says they prefer."""
    async with line.database.nesting:
        known = await people.person(line.gateway, patient)
    return (known.language if known else None) or line.clinic.facts.default_language


async def _call_person(line: Line, session: AsyncSession, wanted: Escalate, now: datetime) -> None:
    await open_escalation(session, line.keyring, wanted, now=now)
    row = await session.get(ConversationRow, wanted.conversation, with_for_update=True)
    if row is not None:
        attention.enter(row, Act.ESCALATE)
        await attention.refresh(session, row, now=now)


def _failure(conversation: ConversationId, turn: str, patient: PatientId) -> Escalate:
    return Escalate(conversation, turn, Reason.SYSTEM_FAILURE, patient)
