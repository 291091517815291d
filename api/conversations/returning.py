"""Whoever comes back to a web chat that was still: what was said before stays hidden at first.

The birth date says whose chat it is. Reading what was said in it needs what reading the record
needs: where a mobile is on file, the one-time code.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.consent import service as consent
from api.conversations import transcript, visitors
from api.conversations.codes import OFF, SHOWN_DIGITS
from api.conversations.hand import locked
from api.conversations.kinds import Owner, Speaker
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.outcome import say as reply_named
from api.conversations.wording import Wording, say_named
from api.core.ids import ConversationId
from api.core.language import Language
from api.messaging.gate import Purpose
from api.messaging.kinds import Channel
from integrations.ports.dialogue import EngineReply


async def came_back(
    line: Line,
    session: AsyncSession,
    conversation: ConversationId,
    *,
    mobile: str | None,
    now: datetime,
) -> None:
    """Let whoever gave the right birth date go on. `mobile`: the number on file, if there is one.

    With one, all that was said is hidden, and a code is offered that shows it again. Who answers
    a person, or gets no texts, goes on from here.
    """
    await visitors.identified_again(session, conversation, now=now)
    if mobile is None:
        return
    row = await locked(session, conversation)
    await session.refresh(row)
    row.hidden_to = row.last_position
    if row.owner == Owner.HUMAN:
        await _note(line, session, row, reply_named("earlier_hidden"), now=now)
        return
    standing = await consent.standing_of(session, line.keyring.lookup(mobile))
    if standing.state in OFF:
        reply = reply_named("earlier_hidden")
    else:
        reply = reply_named("earlier_offer", ends=mobile[-SHOWN_DIGITS:])
    await say_named(line, session, row, Wording((reply,), Purpose.REPLY), now=now)


async def _note(
    line: Line, session: AsyncSession, row: ConversationRow, reply: EngineReply, *, now: datetime
) -> None:
    """A line in the chat that nobody said: the assistant is silent while a person has it."""
    rendered = line.catalogue.render(
        (reply,), Language(row.language), channel=Channel.WEB, clinic=line.clinic, at=now
    )
    said = transcript.Line(Speaker.SYSTEM, rendered)
    await transcript.append(session, line.keyring, row, said, now=now)
