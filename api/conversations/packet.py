"""What whoever takes a conversation over must know at once.

Why, in whose words, in the midst of what, and what may be said to whom.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations import transcript
from api.conversations.attention import PRIORITIES
from api.conversations.filling import under_way
from api.conversations.hand import seen
from api.conversations.kinds import Speaker
from api.conversations.line import Line
from api.conversations.models import ConversationRow, MessageRow
from api.conversations.verification import verified_patient
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.escalations import service as escalations
from api.escalations.kinds import Open, Reason
from api.messaging import expectations
from api.messaging.kinds import Channel, ExpectationKind
from api.messaging.threads import address_of, lookup_of
from api.staff.kinds import Member

SHOWN_DIGITS = 4
_OWN_MESSAGE = "outbound."
_OF_FORM = "form."
# Between a question and its answer there may be reminders, and answers to something else.
_LOOK_BACK = 10


class Verification(StrEnum):
    """How sure it is who writes."""

    NONE = "none"
    LAPSED = "lapsed"
    PHONE_AND_BIRTH_DATE = "phone_and_birth_date"
    TYPED_NUMBER_AND_BIRTH_DATE = "typed_number_and_birth_date"


@dataclass(frozen=True)
class Cause:
    """One reason why people are needed, the most urgent first.

    Attributes:
        words: exactly what was written that led to it; None where nothing was.
        asked: the question of a form that it answered, as it was put; None where it was none.
        rule: the safety rule that fired; never a diagnosis.
    """

    reason: Reason
    rule: str | None
    opened_at: datetime
    due_at: datetime
    words: str | None
    asked: str | None = None


@dataclass(frozen=True)
class Packet:
    """What is known when people take over.

    Attributes:
        doing: the open question of a booking, as the assistant last asked it.
        waits_for: which other questions of ours are open.
        consent: where the number stands; None on the web, where nothing is texted.
        phone: all but the last digits hidden; None on the web.
    """

    causes: tuple[Cause, ...]
    doing: str | None
    waits_for: tuple[ExpectationKind, ...]
    language: Language
    channel: Channel
    consent: ConsentState | None
    verification: Verification
    patient: PatientId | None
    name: str | None
    phone: str | None


async def packet(
    line: Line, conversation: ConversationId, *, by: Member, is_new_look: bool = True
) -> Packet:
    """What led here and where things stand; the look is audited, unless it only refreshes one.

    Raises:
        UnknownConversation: there is none.
    """
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await seen(session, conversation)
        if is_new_look:
            await audit.record_event(
                session,
                tag="conversation:packet:read",
                agent=by.agent,
                patient=row.patient_id,
                now=now,
                action=audit.Action.READ,
            )
        found = await escalations.open_in(session, conversation)
        is_sms = row.channel == Channel.SMS
        return Packet(
            causes=await _causes(line, session, conversation, found),
            doing=await _doing(line, session, row, now),
            waits_for=await _waits_for(session, conversation, now),
            language=Language(row.language),
            channel=Channel(row.channel),
            consent=await _consent(session, conversation) if is_sms else None,
            verification=verification_of(row, now),
            patient=PatientId(row.patient_id) if row.patient_id else None,
            name=await transcript.name_of(line.keyring, row),
            phone=masked(await address_of(session, line.keyring, conversation)) if is_sms else None,
        )


def masked(number: str) -> str:
    """A phone number of which only the last digits are shown: "(•••) •••-0101"."""
    return f"(•••) •••-{number[-SHOWN_DIGITS:]}"


def verification_of(row: ConversationRow, now: datetime) -> Verification:
    """How sure it is who writes, at that instant."""
    if row.patient_id is None:
        return Verification.NONE
    if verified_patient(row, now) is None:
        return Verification.LAPSED
    if row.channel == Channel.SMS:
        return Verification.PHONE_AND_BIRTH_DATE
    return Verification.TYPED_NUMBER_AND_BIRTH_DATE


async def _causes(
    line: Line, session: AsyncSession, conversation: ConversationId, found: Sequence[Open]
) -> tuple[Cause, ...]:
    ordered = sorted(found, key=lambda each: (PRIORITIES.index(each.priority), each.due_at))
    return tuple([await _cause(line, session, conversation, each) for each in ordered])


async def _cause(
    line: Line, session: AsyncSession, conversation: ConversationId, found: Open
) -> Cause:
    row = await _message(session, conversation, found.turn)
    is_answer = row is not None and (found.rule or "").startswith(_OF_FORM)
    return Cause(
        reason=found.reason,
        rule=found.rule,
        opened_at=found.opened_at,
        due_at=found.due_at,
        words=(await transcript.opened(line.keyring, row)).rendered.text if row else None,
        asked=await _asked_before(line, session, row) if row and is_answer else None,
    )


async def _message(
    session: AsyncSession, conversation: ConversationId, turn: str
) -> MessageRow | None:
    """A turn is named after the message that it answers; what never arrived, after itself."""
    message = turn.removeprefix(_OWN_MESSAGE).split(".")[0]
    found: MessageRow | None = await session.scalar(
        select(MessageRow).where(
            MessageRow.conversation_id == conversation,
            or_(MessageRow.inbound_id == message, MessageRow.outbound_id == message),
        )
    )
    return found


async def _asked_before(line: Line, session: AsyncSession, answer: MessageRow) -> str | None:
    """The form's question that stood last before an answer: a "2" says nothing without it."""
    said = await session.scalars(
        select(MessageRow)
        .where(
            MessageRow.conversation_id == answer.conversation_id,
            MessageRow.position < answer.position,
            MessageRow.speaker == Speaker.ASSISTANT,
        )
        .order_by(MessageRow.position.desc())
        .limit(_LOOK_BACK)
    )
    for row in said:
        rendered = (await transcript.opened(line.keyring, row)).rendered
        if rendered.form is not None:
            return rendered.text
    return None


async def _doing(
    line: Line, session: AsyncSession, row: ConversationRow, now: datetime
) -> str | None:
    """The open question in few words: as on the web, where what can be chosen stands apart."""
    question = await under_way(line, session, row, is_for_team=True)
    if question is None:
        return None
    rendered = line.catalogue.render(
        (question,),
        Language(row.language),
        channel=Channel.WEB,
        clinic=line.clinic,
        at=now,
    )
    offered = ", ".join(choice.label for choice in rendered.choices)
    return f"{rendered.text} {offered}".rstrip()


async def _waits_for(
    session: AsyncSession, conversation: ConversationId, now: datetime
) -> tuple[ExpectationKind, ...]:
    found = await expectations.open_at(session, conversation, now)
    # Of what was sent nothing is asked; they may change it for two weeks.
    return tuple(each.kind for each in found if each.kind is not ExpectationKind.FORM_SENT)


async def _consent(session: AsyncSession, conversation: ConversationId) -> ConsentState:
    return (await consent.standing_of(session, await lookup_of(session, conversation))).state
