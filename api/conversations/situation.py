"""Taking a message: the lease of a conversation, and all that is known when its turn comes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.consent.service import Standing
from api.conversations import attention, transcript
from api.conversations.decisions import Situation
from api.conversations.kinds import Act, Owner, Speaker
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.outcome import Turn
from api.conversations.router import SAME_WORDS, decide
from api.conversations.topics import Topic, topic_of
from api.conversations.verification import proof_of, verified_patient
from api.core.ids import ConversationId, MessageId, new_id
from api.core.language import Language
from api.core.presence import is_alive
from api.escalations.kinds import Reason
from api.escalations.service import Escalate, open_escalation
from api.intake import service as intake
from api.messaging import expectations, inbox
from api.messaging.expectations import Expectation
from api.messaging.inbox import Inbound
from api.messaging.kinds import Channel, ExpectationKind, InboundState
from api.messaging.threads import address_of, channel_of, lookup_of, owner_of
from api.messaging.words import Rendered
from api.people import service as people
from api.reminders import prompts, requests
from api.scheduling import service as scheduling
from integrations.ports.errors import PortError

LOOP_WINDOW = timedelta(minutes=10)
LOOK_AHEAD = 20
MOST_TRIES = 5


@dataclass(frozen=True)
class Busy:
    """A living worker is at this conversation."""


@dataclass(frozen=True)
class Nothing:
    """No message waits, or the one that does still rests."""


@dataclass(frozen=True)
class Unknown:
    """The conversation has no state yet."""


async def ensure(line: Line, conversation: ConversationId) -> bool:
    """Make the conversation's row where it is missing; False when there is no such thread.

    Its first language is the one on record for everybody on the number, else the clinic's.
    """
    async with line.database.transaction() as session:
        if await session.get(ConversationRow, conversation) is not None:
            return True
        channel = await channel_of(session, conversation)
        if channel is None:
            return False
        number = await address_of(session, line.keyring, conversation)
    language = await _first_language(line, number)
    async with line.database.transaction() as session:
        await open_row(session, conversation, channel, language, now=await line.clock.now())
    return True


async def open_row(
    session: AsyncSession,
    conversation: ConversationId,
    channel: Channel,
    language: Language,
    *,
    now: datetime,
) -> None:
    """Write a conversation's first state, unless it has one."""
    values = {
        "id": conversation,
        "channel": channel,
        "owner": Owner.BOT,
        "language": language,
        "created_at": now,
    }
    await session.execute(insert(ConversationRow).values(values).on_conflict_do_nothing())


async def take(line: Line, conversation: ConversationId) -> Turn | Busy | Nothing | Unknown:
    """Lease the conversation and read its oldest message with everything around it."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await session.get(ConversationRow, conversation, with_for_update=True)
        if row is None:
            return Unknown()
        if await _is_leased(line, session, row):
            return Busy()
        waiting = await inbox.pending(session, line.keyring, conversation, limit=1)
        if not waiting or inbox.rests(waiting[0]):
            row.lease_token = row.lease_holder = None
            return Nothing()
        turn = await _turn(line, session, row, waiting[0], now)
        token = new_id()
        row.lease_token, row.lease_message = token, waiting[0].id
        row.lease_holder = line.presence.number
        await write_patient_line(line, session, row, waiting[0])
        line.at_work.add(row.id)
        return _with_token(turn, token)


async def look_ahead(line: Line, conversation: ConversationId) -> list[Turn]:
    """The messages behind the one that is being handled, as turns without a lease."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await session.get_one(ConversationRow, conversation)
        waiting = await inbox.pending(session, line.keyring, conversation, limit=LOOK_AHEAD)
        return [
            await _turn(line, session, row, each, now)
            for each in waiting
            if each.id != row.lease_message
        ]


async def set_aside(line: Line, conversation: ConversationId) -> None:
    """A message that cannot even be read rests; after the last try it is dead; a person is told."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        message = await inbox.oldest_id(session, conversation)
        if message is None or await inbox.put_off(session, message) < MOST_TRIES:
            return
        await inbox.settle(session, message, InboundState.DEAD, expected=False)
        wanted = Escalate(conversation, f"unreadable.{message}", Reason.SYSTEM_FAILURE)
        await open_escalation(session, line.keyring, wanted, now=now)
        row = await session.get(ConversationRow, conversation, with_for_update=True)
        if row is not None:
            attention.enter(row, Act.ESCALATE)
            await attention.refresh(session, row, now=now)


async def put_back(line: Line, turn: Turn, *, new_episode: bool) -> None:
    """Release the lease after a failed try; the message rests and is tried again.

    After the engine answered nothing, a new episode: what its tracker holds of the failed turn
    must not colour the next try. A half-made booking is taken up from our own table.
    """
    async with line.database.transaction() as session:
        row = await session.get_one(ConversationRow, turn.conversation, with_for_update=True)
        if row.lease_token != turn.token:
            return
        await inbox.put_off(session, turn.inbound.id)
        row.lease_token = row.lease_holder = None
        if new_episode:
            row.episode, row.episode_turns = row.episode + 1, 0


async def write_patient_line(
    line: Line, session: AsyncSession, row: ConversationRow, inbound: Inbound
) -> None:
    """Put what the patient wrote into the transcript, once; a replay is there already."""
    if await transcript.position_of(session, inbound.id) is not None:
        return
    said = (inbound.id, inbound.text)
    await append_patient_line(line, session, row, said, at=inbound.received_at)


async def append_patient_line(
    line: Line,
    session: AsyncSession,
    row: ConversationRow,
    said: tuple[MessageId, str],
    *,
    at: datetime,
) -> None:
    """Put a patient's words into the transcript; people who have them in their queue hear it."""
    message, text = said
    words = transcript.Line(Speaker.PATIENT, Rendered(text), inbound_id=message)
    await transcript.append(session, line.keyring, row, words, now=at)
    attention.patient_wrote(row, at=at)
    if row.queue_rank is not None:
        await attention.tell(session, row)


async def _is_leased(line: Line, session: AsyncSession, row: ConversationRow) -> bool:
    """A lease of our own that we are not at is one that could not be given back."""
    if row.lease_holder == line.presence.number:
        return row.id in line.at_work
    return row.lease_holder is not None and await is_alive(session, row.lease_holder)


async def _turn(
    line: Line, session: AsyncSession, row: ConversationRow, inbound: Inbound, now: datetime
) -> Turn:
    standing = await _standing(session, row)
    form = await intake.open_form_in(session, ConversationId(row.id))
    seen = await _situation(line, session, row, _Read(inbound, standing), now)
    return Turn(
        inbound=inbound,
        situation=seen,
        decision=decide(seen, line.lexicon),
        patient=verified_patient(row, now),
        identity_tries=row.identity_tries,
        phone_is_shared=row.phone_is_shared,
        identifier=await _identifier(line, row),
        consent_mark=standing.mark,
        sender=f"{row.id}:{row.episode}",
        episode=row.episode,
        episode_turns=row.episode_turns,
        misses=row.misses,
        holding_since=row.holding_since,
        booking_open=await scheduling.is_open(session, ConversationId(row.id)),
        form=form,
        form_went_on=form is not None and await inbox.came_after(session, inbound, form.last_turn),
        # An outage may have begun after the engine had heard it.
        again=inbound.tries > 0 or row.lease_message == inbound.id or bool(row.holding_since),
        token=None,
        now=now,
        proof=proof_of(row, now),
    )


@dataclass(frozen=True)
class _Read:
    """A message and where its number stood when it was read."""

    inbound: Inbound
    standing: Standing


async def _situation(
    line: Line, session: AsyncSession, row: ConversationRow, read: _Read, now: datetime
) -> Situation:
    conversation = ConversationId(row.id)
    asked = await expectations.open_at(session, conversation, now)
    return Situation(
        text=read.inbound.text,
        channel=Channel(row.channel),
        owner=Owner(row.owner),
        language=Language(row.language),
        consent=read.standing.state,
        expectations=asked,
        unexpected=await inbox.unexpected_since(session, conversation, now - LOOP_WINDOW),
        repeats=await inbox.repeats(session, read.inbound, among=SAME_WORDS, within=LOOP_WINDOW),
        today=now.astimezone(line.clinic.zone).date(),
        wrote_before=await _wrote_before(session, read.inbound, asked),
        unclear=(unclear := await _unclear(line, session, asked)),
        of_medicine=await _of_medicine(
            line, session, conversation, asked, {read.inbound.text, unclear}
        ),
        came_at=read.inbound.received_at,
        whose=await _whose(session, asked),
    )


async def _wrote_before(
    session: AsyncSession, inbound: Inbound, asked: tuple[Expectation, ...]
) -> datetime | None:
    """Only where two questions are open can a reply fit both; a yes to a dose must come at once."""
    is_told = len(asked) > 1 or any(each.kind is ExpectationKind.DOSE for each in asked)
    return await inbox.came_before(session, inbound) if is_told else None


async def _whose(session: AsyncSession, asked: tuple[Expectation, ...]) -> dict[str, str]:
    """Whose each dose is, where several are open: of one person, or of some on one phone."""
    open_ = {each.ref for each in asked if topic_of(each.kind) is Topic.MEDICINE and each.ref}
    return await prompts.patients_of(session, open_) if len(open_) > 1 else {}


async def _of_medicine(
    line: Line,
    session: AsyncSession,
    conversation: ConversationId,
    asked: tuple[Expectation, ...],
    texts: set[str],
) -> frozenset[str]:
    """Of some texts those that answer our question about a medicine, while one is open."""
    if not any(each.kind is ExpectationKind.MEDICINE for each in asked):
        return frozenset()
    found = [
        each
        for each in texts
        if await requests.is_answer(session, line.reminders, conversation, each)
    ]
    return frozenset(found)


async def _unclear(line: Line, session: AsyncSession, asked: tuple[Expectation, ...]) -> str:
    """The reply of which we asked what it was for."""
    about = next((each.ref for each in asked if each.kind is ExpectationKind.WHICH), None)
    return await inbox.text_of(session, line.keyring, about) if about else ""


async def _standing(session: AsyncSession, row: ConversationRow) -> Standing:
    """The web needs no opt-in: whoever opens the chat asks for its answers."""
    if row.channel == Channel.WEB:
        return Standing(ConsentState.OPTED_IN, 0)
    return await consent.standing_of(session, await lookup_of(session, ConversationId(row.id)))


async def _identifier(line: Line, row: ConversationRow) -> str | None:
    if row.identifier_sealed is None:
        return None
    return await line.keyring.unseal(
        row.identifier_sealed,
        owner=owner_of(ConversationId(row.id)),
        place=transcript.identifier_place(ConversationId(row.id)),
    )


async def _first_language(line: Line, number: str) -> Language:
    try:
        on_number = await people.persons_on_number(line.gateway, number)
    except PortError:
        # The record is away; the patient is answered all the same.
        return line.clinic.facts.default_language
    spoken = {person.language for person in on_number if person.language is not None}
    return spoken.pop() if len(spoken) == 1 else line.clinic.facts.default_language


def _with_token(turn: Turn, token: str) -> Turn:
    return replace(turn, token=token)
