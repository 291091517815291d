"""Saying what forms that wait come to: they are offered, asked after, put away."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import attention
from api.conversations.kinds import Act, Owner
from api.conversations.line import Line
from api.conversations.outcome import FORM_KINDS
from api.conversations.prompting import opened
from api.conversations.questions import expects_of
from api.conversations.record import Message, say
from api.conversations.wording import letter_of
from api.core.language import Language
from api.core.logging import describe, get_logger
from api.escalations.kinds import Reason
from api.escalations.service import Escalate, open_escalation
from api.intake import waiting
from api.intake.forms import Unsupported
from api.intake.states import Waiting
from api.intake.waiting import Due, Waited
from api.messaging import expectations
from api.messaging.gate import Purpose, Trigger
from api.messaging.kinds import Channel
from integrations.ports.errors import PortError
from integrations.ports.fhir import NotFound


async def nudge_due(line: Line) -> None:
    """Take every step that is due; each form stands alone."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        due = await waiting.due(session, now)
    for each in due:
        try:
            await _take(line, each)
        except PortError as failure:
            # The record is away for all of them; the next round is the retry.
            get_logger().warning("forms_put_off", **describe(failure))
            return


async def _take(line: Line, due: Due) -> None:
    try:
        if due.step is Waiting.END:
            await waiting.end(line.forms, due.form)
        else:
            await _step(line, due)
    except (Unsupported, NotFound) as failure:
        get_logger().error("form_not_askable", form=due.form, **describe(failure))
        await _to_person(line, due.form)


async def _to_person(line: Line, form: str) -> None:
    """A form that cannot be asked in a conversation is the team's to see to."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        waited = await waiting.give_up(session, form)
        if waited is None:
            return
        row = await opened(line, session, waited.conversation, waited.patient)
        wanted = Escalate(waited.conversation, f"form.{form}", Reason.NOT_SERVED, waited.patient)
        await open_escalation(session, line.keyring, wanted, now=now)
        attention.enter(row, Act.ESCALATE)
        await attention.refresh(session, row, now=now)


async def _step(line: Line, due: Due) -> None:
    """A step and what is said with it are written together."""
    words = await waiting.words_of(line.forms, due)
    now = await line.clock.now()
    async with line.database.transaction() as session:
        waited = await waiting.step(session, due, words, now=now)
        if waited is None:
            return
        if due.step is Waiting.EXPIRE:
            await expectations.close(session, waited.conversation, FORM_KINDS, now=now)
        await _say(line, session, waited)


async def _say(line: Line, session: AsyncSession, waited: Waited) -> None:
    """Silent where a person has the conversation: what is said there is theirs."""
    row = await opened(line, session, waited.conversation, waited.patient)
    if row.owner != Owner.BOT:
        return
    now = await line.clock.now()
    rendered = line.catalogue.render(
        (waited.words,), Language(row.language), channel=Channel(row.channel), clinic=line.clinic
    )
    letter = replace(
        letter_of(row, rendered.text, [waited.words.response], Purpose.REMINDER),
        patient=waited.patient,
        trigger=Trigger(waited.about, waited.useful_until),
    )
    outbound_id = await say(line, session, row, Message(letter, rendered), now=now)
    for expectation in expects_of(waited.words, now):
        await expectations.expect(
            session, waited.conversation, expectation, outbound_id=outbound_id, now=now
        )
