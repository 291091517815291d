"""Saying, outside a turn, what the catalogue has a name for."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.questions import expects_of
from api.conversations.record import Message, say
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.messaging import expectations
from api.messaging.gate import Purpose
from api.messaging.kinds import Channel
from api.messaging.outbox import Letter
from integrations.ports.dialogue import EngineReply


@dataclass(frozen=True)
class Wording:
    """What to say, and for which purpose and turn."""

    replies: tuple[EngineReply, ...]
    purpose: Purpose
    turn: str | None = None


async def say_named(
    line: Line, session: AsyncSession, row: ConversationRow, wording: Wording, *, now: datetime
) -> None:
    """Say it, and register the questions that it asks."""
    rendered = line.catalogue.render(
        wording.replies,
        Language(row.language),
        channel=Channel(row.channel),
        clinic=line.clinic,
        at=now,
    )
    names = [each.response for each in wording.replies]
    letter = letter_of(row, rendered.text, names, wording.purpose)
    letter = replace(letter, turn=wording.turn)
    outbound_id = await say(line, session, row, Message(letter, rendered), now=now)
    for reply in wording.replies:
        for expectation in expects_of(reply, now):
            await expectations.expect(
                session, letter.conversation, expectation, outbound_id=outbound_id, now=now
            )


def letter_of(row: ConversationRow, text: str, responses: list[str], purpose: Purpose) -> Letter:
    """A message to whoever is at the other end of a conversation."""
    return Letter(
        conversation=ConversationId(row.id),
        channel=Channel(row.channel),
        text=text,
        responses=responses,
        purpose=purpose,
        patient=PatientId(row.patient_id) if row.patient_id else None,
    )
