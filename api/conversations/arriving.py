"""A patient who opened a one-time link: known from the start in the chat, and at their form."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import communications
from api.conversations.errors import LinkOver
from api.conversations.form_links import Link
from api.conversations.hand import locked, seen
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.transcript import name_place
from api.conversations.verification import forgotten
from api.conversations.wording import Wording, say_named
from api.core.ids import ConversationId
from api.core.language import Language
from api.gateway.access import Assurance
from api.intake import moving
from api.intake.desk import Filler
from api.intake.moving import Move
from api.messaging.gate import Purpose
from api.messaging.kinds import Channel
from api.messaging.threads import owner_of
from api.people.service import Person


async def ready(line: Line, link: Link, language: Language) -> Move:
    """The form of a link, as it will be asked in the chat.

    Raises:
        LinkOver: the form was sent, or is over. PortError: the record is away.
    """
    turn = f"link.{link.form}"
    filler = Filler(link.conversation, link.patient, turn, language, Channel.WEB)
    move = await moving.prepare(line.forms, filler, link.form)
    if move is None:
        raise LinkOver
    return move


async def arrive(
    line: Line,
    session: AsyncSession,
    conversation: ConversationId,
    came: tuple[Link, Person, Move],
    *,
    now: datetime,
) -> None:
    """Let the chat be the patient's, and ask there what the link was sent for.

    A link to the number on file and the birth date prove what a one-time code proves; on a shared
    phone for as short a time as everything does there.

    Raises:
        LinkOver: somebody was at the form meanwhile.
    """
    link, person, move = came
    row = await locked(session, conversation)
    await _identify(line, row, person, is_shared=await _is_shared(session, link))
    row.verified_at = now
    await communications.show_header(session, line.keyring, row, now=now)
    turn = f"link.{conversation}"
    if not await moving.move(session, move, to=conversation, turn=turn, now=now):
        raise LinkOver
    wording = Wording((move.question,), Purpose.REPLY)
    await say_named(line, session, row, wording, now=now)


async def _identify(line: Line, row: ConversationRow, person: Person, *, is_shared: bool) -> None:
    conversation = ConversationId(row.id)
    for column, value in forgotten().items():
        setattr(row, column, value)
    row.patient_id, row.level = person.id, Assurance.CODE.value
    row.phone_is_shared = is_shared
    if person.name is not None:
        owner, place = owner_of(conversation), name_place(conversation)
        row.name_sealed = await line.keyring.seal(person.name, owner=owner, place=place)


async def _is_shared(session: AsyncSession, link: Link) -> bool:
    return (await seen(session, link.conversation)).phone_is_shared
