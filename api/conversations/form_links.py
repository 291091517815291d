"""One-time links: where a phone is shared, they open a form's private question on a page.

One for each form, and only the newest. Kept is a keyed hash. Whoever opens it gives the birth date
before anything is shown, so that a look at the phone, or at the link, is not enough.
"""

import secrets
import string
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations.errors import LinkOver, NotTheirs
from api.conversations.line import Line
from api.conversations.models import FormLinkRow
from api.conversations.outcome import Turn
from api.core.clock import real_now
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.intake import service as intake
from api.messaging.kinds import Channel
from api.messaging.threads import address_of, lookup_of
from api.people import guesses, service as people
from api.people.service import Person
from integrations.ports.dialogue import EngineReply

LASTS: Final = timedelta(minutes=30)
TRIES: Final = 3
# 62 to the power of 22 are 131 bits. Nothing but letters and digits: phones find where it ends.
_LETTERS: Final = string.ascii_letters + string.digits
_LENGTH: Final = 22
_MASK: Final = "***"
_OFF: Final = frozenset({ConsentState.OPTED_OUT, ConsentState.DECLINED})


@dataclass(frozen=True)
class Link:
    """A link that may still be opened: to which form, from which conversation, whose."""

    form: str
    conversation: ConversationId
    patient: PatientId


@dataclass(frozen=True)
class Said:
    """Replies as the phone gets them, and as the team reads them: without the link's secret."""

    replies: tuple[EngineReply, ...]
    shown: tuple[EngineReply, ...]


async def with_link(
    line: Line, session: AsyncSession, turn: Turn, replies: tuple[EngineReply, ...]
) -> Said:
    """Give the way to a private question with what says that it is one, where it is wanted.

    An earlier link to the same form is void.
    """
    wanted = next((each for each in replies if each.arguments.get("wants_link") is True), None)
    form = await intake.open_form_in(session, turn.conversation) if wanted is not None else None
    if wanted is None or form is None or turn.situation.channel is not Channel.SMS:
        return Said(replies, replies)
    token = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    row = FormLinkRow(
        form_id=form.id,
        conversation_id=turn.conversation,
        patient_id=form.patient,
        lookup=_lookup(line, line.clinic.facts.id, token),
        expires_at=real_now() + LASTS,
        tries_left=TRIES,
    )
    await session.merge(row)
    await _audit(session, turn.conversation, form.patient, "send", turn.now)

    def said(secret: str) -> tuple[EngineReply, ...]:
        link = {"link": address_of_link(line, turn.language, secret)}
        given = replace(wanted, response="form_link", arguments={**wanted.arguments, **link})
        return tuple(given if each is wanted else each for each in replies)

    return Said(said(token), said(_MASK))


def address_of_link(line: Line, language: Language, token: str) -> str:
    """Where the page is. The token is in the part that a browser sends to nobody.

    So no server, proxy or preview on the way sees it, and none of them can use it up.
    """
    clinic = line.clinic.facts
    spoken = "" if language is clinic.default_language else f"?lang={language}"
    return f"{line.base_url}/f/{clinic.id}{spoken}#{token}"


async def find(line: Line, clinic: str, token: str) -> Link:
    """The link that a token is of.

    Raises:
        LinkOver: it was used, has lapsed, is not the newest, or never was one; or the phone that it
            was sent to wants nothing of us any more.
    """
    async with line.database.transaction() as session:
        row = await _living(session, _lookup(line, clinic, token))
        link = Link(row.form_id, ConversationId(row.conversation_id), PatientId(row.patient_id))
        number = await lookup_of(session, link.conversation)
        if (await consent.standing_of(session, number)).state in _OFF:
            raise LinkOver
    return link


async def holder(line: Line, link: Link, born: date) -> Person | None:
    """The patient, if that is the birth date, and the phone is still theirs.

    Raises:
        PortError: the record is away.
    """
    async with line.database.transaction() as session:
        number = await address_of(session, line.keyring, link.conversation)
    person = await people.person(line.gateway, link.patient)
    if person is None or not person.alive or number not in person.numbers:
        return None
    return person if person.birth_date == born else None


async def judge(
    line: Line, session: AsyncSession, clinic: str, token: str, *, is_right: bool
) -> LinkOver | NotTheirs | None:
    """Use it up, or count a wrong answer: of the link, and of all that was said of this number.

    Under its lock, so that no try is free. What is returned is to be raised after the commit.

    Raises:
        LinkOver: somebody else used it meanwhile.
    """
    now = await line.clock.now()
    row = await _living(session, _lookup(line, clinic, token), lock=True)
    conversation, patient = ConversationId(row.conversation_id), PatientId(row.patient_id)
    who = f"who|{await address_of(session, line.keyring, conversation)}"
    lookup = line.keyring.lookup(who)
    if not is_right:
        row.tries_left -= 1
        await guesses.record_failure(session, lookup, now=now)
    is_blocked = await guesses.are_too_many(session, lookup, now=now)
    passes = is_right and not is_blocked
    await _audit(session, conversation, patient, "open" if passes else "refuse", now)
    if passes or is_blocked or row.tries_left < 1:
        await session.delete(row)
        return None if passes else LinkOver()
    return NotTheirs()


async def _living(session: AsyncSession, lookup: bytes, *, lock: bool = False) -> FormLinkRow:
    statement = select(FormLinkRow).where(
        FormLinkRow.lookup == lookup, FormLinkRow.expires_at > real_now()
    )
    row = await session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise LinkOver
    return row


def _lookup(line: Line, clinic: str, token: str) -> bytes:
    """What is kept of a token: it fits one clinic's page, and no other."""
    return line.keyring.lookup(f"form link|{clinic}|{token}")


async def _audit(
    session: AsyncSession,
    conversation: ConversationId,
    patient: PatientId,
    act: str,
    now: datetime,
) -> None:
    await audit.record_event(
        session,
        tag=f"form:link:{act}",
        agent=f"conversation/{conversation}",
        patient=patient,
        now=now,
    )
