"""What goes out: written with the state it belongs to, sent once, in order, through the gate.

A row is leased, posted and marked. When it is not known whether the provider took it, the
provider is asked first; it is never sent again blindly.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import Clock, real_now
from api.core.crypto import Keyring, Place
from api.core.db import Database
from api.core.events import announce
from api.core.ids import ConversationId, PatientId, new_id
from api.core.jobs import Job, wake
from api.core.logging import describe, get_logger
from api.core.presence import Presence
from api.messaging import expectations
from api.messaging.gate import Facts, Hold, Hours, Purpose, Refusal, Refuse, Send, Trigger, judge
from api.messaging.kinds import Channel, OutboundState
from api.messaging.lanes import ANSWERS, UNASKED, UNSETTLED, lease_is_void
from api.messaging.models import OutboundRow
from api.messaging.pace import Pace
from api.messaging.reports import advance
from api.messaging.threads import address_of, owner_of, topic_of
from integrations.ports.errors import PortError, Rejected, UnknownOutcome, Unreachable
from integrations.ports.sms import REFUSED_OPTED_OUT, SmsChannel

LEASE = timedelta(seconds=45)
BACK_OFF_STEPS_S = (1, 2, 5, 15, 30, 60)
# A reply nobody waits for any more does harm; a person is told instead.
GIVE_UP_AFTER = timedelta(hours=6)
# What cannot be judged now (the record is away) lets what is behind it pass, and is judged again.
JUDGED_AGAIN_AFTER = timedelta(seconds=30)
# A failure of our own that comes so often will not pass.
MOST_FAILURES = 5
FactsOf = Callable[[OutboundRow], Awaitable[Facts]]
OptedOut = Callable[[AsyncSession, OutboundRow], Awaitable[None]]


@dataclass(frozen=True)
class Lost:
    """A message of ours that will not reach the patient."""

    id: str
    conversation: ConversationId
    patient: PatientId | None


GivenUp = Callable[[AsyncSession, Lost], Awaitable[None]]
Lock = Callable[[AsyncSession, ConversationId], Awaitable[None]]


@dataclass(frozen=True)
class Outbox:
    """What delivering needs; built once in `bootstrap`.

    Attributes:
        facts_of: looks the receiver up for the gate.
        opted_out: tells the ledger that the carrier blocks the number.
        given_up: tells a person that a message did not reach the patient.
        lock: locks a conversation. Whoever may touch it and its messages locks it first, as a STOP
            does, so that no two of them can wait for each other.
        pace: the sender's rate.
        presence: the sign of life of the process that delivers.
    """

    database: Database
    keyring: Keyring
    clock: Clock
    sms: SmsChannel
    facts_of: FactsOf
    opted_out: OptedOut
    given_up: GivenUp
    lock: Lock
    status_url: str
    pace: Pace = field(default_factory=Pace)
    presence: Presence | None = None


@dataclass(frozen=True)
class Letter:
    """A message to write."""

    conversation: ConversationId
    channel: Channel
    text: str
    responses: Sequence[str]
    purpose: Purpose
    turn: str | None = None
    patient: PatientId | None = None
    trigger: Trigger | None = None


async def put(session: AsyncSession, keyring: Keyring, letter: Letter, *, now: datetime) -> str:
    """Write a message to send; it goes once this commits. Returns its id.

    On the web the transcript that the visitor reads is the delivery, so the row is born
    delivered; on SMS the conversation's outbox is woken, for an answer: what nobody asked for is
    taken up by whoever keeps the sender's rate.
    """
    id_ = new_id()
    is_web = letter.channel is Channel.WEB
    trigger = letter.trigger
    sealed = await keyring.seal(letter.text, owner=owner_of(letter.conversation), place=_place(id_))
    session.add(
        OutboundRow(
            id=id_,
            thread_id=letter.conversation,
            channel=letter.channel,
            turn_id=letter.turn,
            patient_id=letter.patient,
            responses=list(letter.responses),
            purpose=letter.purpose,
            text_sealed=sealed,
            created_at=now,
            state=OutboundState.DELIVERED if is_web else OutboundState.READY,
            about=(trigger.about or None) if trigger else None,
            useful_until=trigger.useful_until if trigger else None,
            hours=trigger.hours if trigger else Hours.DEFAULT,
        )
    )
    if not is_web and letter.purpose in ANSWERS:
        await wake(session, Job.DELIVER_OUTBOX, letter.conversation)
    return id_


async def deliver(
    outbox: Outbox, conversation: ConversationId, purposes: Collection[Purpose] = ANSWERS
) -> None:
    """Send what this conversation has of these to send, oldest first, until nothing can go now."""
    while True:
        row = await _lease_next(outbox, conversation, purposes)
        if row is None or not await _send_leased(outbox, row):
            return


async def _lease_next(
    outbox: Outbox, conversation: ConversationId, purposes: Collection[Purpose]
) -> OutboundRow | None:
    """Lease the next message, unless an older one is still on its way: order is kept."""
    now = await outbox.clock.now()
    async with outbox.database.transaction() as session:
        row = await session.scalar(
            select(OutboundRow)
            .where(
                OutboundRow.thread_id == conversation,
                OutboundRow.purpose.in_(purposes),
                OutboundRow.state.in_(UNSETTLED),
                or_(OutboundRow.not_before.is_(None), OutboundRow.not_before <= now),
            )
            .order_by(OutboundRow.seq)
            .limit(1)
            .with_for_update()
        )
        if row is None or not await _may_try(session, row):
            return None
        row.state = OutboundState.SENDING
        row.lease_until = real_now() + LEASE
        row.lease_holder = outbox.presence.number if outbox.presence else None
        row.posted_at = None
        return row


async def _may_try(session: AsyncSession, row: OutboundRow) -> bool:
    """A message that is on its way, unknown, or backing off holds the ones behind it."""
    if row.state == OutboundState.UNKNOWN:
        return False
    if row.state == OutboundState.SENDING:
        # Leased and never posted: its worker died before the provider heard of it.
        is_void = select(OutboundRow.id).where(OutboundRow.id == row.id, lease_is_void())
        return row.posted_at is None and await session.scalar(is_void) is not None
    return row.retry_at is None or row.retry_at <= real_now()


async def _send_leased(outbox: Outbox, leased: OutboundRow) -> bool:
    """Judge and send one leased message; whether the next one may be tried at once.

    What the gate decides by is looked up before the transaction: it asks the record, which takes
    a connection of its own.
    """
    try:
        facts = await outbox.facts_of(leased)
    except Exception as failure:  # noqa: BLE001 -- whatever it is, it is this message's alone
        get_logger().warning("not_judged", outbox=leased.id, **describe(failure))
        await _not_judged(outbox, leased, passes=isinstance(failure, PortError | SQLAlchemyError))
        return True
    if isinstance(judge(facts, await outbox.clock.now()), Send):
        await _keep_pace(outbox, facts.purpose)
    return await _send_judged(outbox, leased, facts)


async def _keep_pace(outbox: Outbox, purpose: Purpose) -> None:
    if purpose in UNASKED:
        await outbox.pace.turn()
    else:
        outbox.pace.at_once()


async def _not_judged(outbox: Outbox, leased: OutboundRow, *, passes: bool) -> None:
    """Hold what could not be judged; of what never can be, or not for hours, a person is told."""
    now = await outbox.clock.now()
    async with outbox.database.transaction() as session:
        await outbox.lock(session, ConversationId(leased.thread_id))
        row = await session.get_one(OutboundRow, leased.id, with_for_update=True)
        if row.lease_until != leased.lease_until or row.posted_at is not None:
            return
        row.tries += 0 if passes else 1
        if row.useful_until is not None and now > row.useful_until:
            await _refuse(session, row, Refusal.TOO_LATE, now)
        elif row.tries >= MOST_FAILURES or now - row.created_at > GIVE_UP_AFTER:
            await _finish(session, row, OutboundState.FAILED, "not_judged")
            await outbox.given_up(session, _lost(row))
        else:
            row.not_before = now + JUDGED_AGAIN_AFTER
            await _finish(session, row, OutboundState.HELD, None)


async def _send_judged(outbox: Outbox, leased: OutboundRow, facts: Facts) -> bool:
    async with outbox.database.transaction() as session:
        row = await session.get_one(OutboundRow, leased.id, with_for_update=True)
        if row.lease_until != leased.lease_until or row.posted_at is not None:
            return False  # our lease ran out, and somebody else has it
        now = await outbox.clock.now()
        match judge(facts, now):
            case Refuse(reason):
                await _refuse(session, row, reason, now)
                return True
            case Hold(until):
                row.not_before = until
                await _finish(session, row, OutboundState.HELD, None)
                return True
            case Send():
                # Before the call: from here on it may have been sent, whatever happens to us.
                row.posted_at = real_now()
        conversation = ConversationId(row.thread_id)
        text = await _text_of(outbox.keyring, row)
        to = await address_of(session, outbox.keyring, conversation)
    return await _post(outbox, row, to=to, text=text)


async def _post(outbox: Outbox, posted: OutboundRow, *, to: str, text: str) -> bool:
    callback = f"{outbox.status_url}?outbox={posted.id}"
    try:
        provider_id = await outbox.sms.send(to=to, text=text, status_callback=callback)
    except Unreachable:
        await back_off(outbox, posted)
        return False
    except UnknownOutcome:
        await _mark_unknown(outbox, posted)
        return False
    except Rejected as refusal:
        await _reject(outbox, posted, refusal.code)
        return True
    await mark_sent(outbox, posted.id, provider_id)
    return True


async def mark_sent(outbox: Outbox, id_: str, provider_id: str) -> None:
    """The provider has it, under that id."""
    async with outbox.database.transaction() as session:
        row = await session.get_one(OutboundRow, id_, with_for_update=True)
        row.provider_id = provider_id
        advance(row, OutboundState.SENT)
        await announce(session, topic_of(ConversationId(row.thread_id)))
        row.lease_until = None


async def _mark_unknown(outbox: Outbox, posted: OutboundRow) -> None:
    """Not known whether it was taken, unless a report on it has come in meanwhile."""
    async with outbox.database.transaction() as session:
        row = await session.get_one(OutboundRow, posted.id, with_for_update=True)
        if row.provider_id is None and row.posted_at == posted.posted_at:
            await _finish(session, row, OutboundState.UNKNOWN, None)


async def _reject(outbox: Outbox, posted: OutboundRow, code: str) -> None:
    """Refused for good. 21610: the carrier blocks the number; our ledger learns it."""
    async with outbox.database.transaction() as session:
        await outbox.lock(session, ConversationId(posted.thread_id))
        row = await session.get_one(OutboundRow, posted.id, with_for_update=True)
        if code == REFUSED_OPTED_OUT:
            await outbox.opted_out(session, row)
            await _finish(session, row, OutboundState.REFUSED, Refusal.OPTED_OUT)
        else:
            await _finish(session, row, OutboundState.FAILED, f"provider_{code}"[:32])
            await outbox.given_up(session, _lost(row))
    get_logger().warning("sms_refused", outbox=posted.id, provider_code=code)


async def back_off(outbox: Outbox, posted: OutboundRow) -> None:
    """Try again later, unless it was reported on, or posted again, since this attempt."""
    async with outbox.database.transaction() as session:
        await outbox.lock(session, ConversationId(posted.thread_id))
        row = await session.get_one(OutboundRow, posted.id, with_for_update=True)
        if row.provider_id is not None or row.posted_at != posted.posted_at:
            return
        row.tries += 1
        row.state, row.lease_until, row.posted_at = OutboundState.READY, None, None
        step = BACK_OFF_STEPS_S[min(row.tries, len(BACK_OFF_STEPS_S)) - 1]
        row.retry_at = real_now() + timedelta(seconds=step)
        if await outbox.clock.now() - row.created_at > GIVE_UP_AFTER:
            await _finish(session, row, OutboundState.FAILED, "provider_unreachable")
            await outbox.given_up(session, _lost(row))


def _lost(row: OutboundRow) -> Lost:
    patient = PatientId(row.patient_id) if row.patient_id else None
    return Lost(row.id, ConversationId(row.thread_id), patient)


async def _refuse(session: AsyncSession, row: OutboundRow, reason: Refusal, now: datetime) -> None:
    """It does not go, so what it asks was never asked: no later word answers it."""
    await _finish(session, row, OutboundState.REFUSED, reason)
    await expectations.never_asked(session, ConversationId(row.thread_id), row.id, now=now)


async def _finish(
    session: AsyncSession, row: OutboundRow, state: OutboundState, reason: str | None
) -> None:
    row.state, row.reason, row.lease_until = state, reason, None
    await announce(session, topic_of(ConversationId(row.thread_id)))


async def _text_of(keyring: Keyring, row: OutboundRow) -> str:
    owner = owner_of(ConversationId(row.thread_id))
    return await keyring.unseal(row.text_sealed, owner=owner, place=_place(row.id))


def _place(id_: str) -> Place:
    return Place("outbound", "text", id_)


async def was_said(session: AsyncSession, conversation: ConversationId, turn: str) -> bool:
    """Whether a message of this turn was written already."""
    found = await session.scalar(
        select(OutboundRow.id).where(
            OutboundRow.thread_id == conversation, OutboundRow.turn_id == turn
        )
    )
    return found is not None


@dataclass(frozen=True)
class Delivery:
    """How far a message of ours got. `reason`: why not; `until`: held till that instant."""

    state: OutboundState
    reason: str | None
    until: datetime | None


async def deliveries(session: AsyncSession, ids: Sequence[str]) -> dict[str, Delivery]:
    """How far these messages got, by their ids."""
    rows = await session.scalars(select(OutboundRow).where(OutboundRow.id.in_(ids)))
    return {row.id: Delivery(OutboundState(row.state), row.reason, row.not_before) for row in rows}


async def text_of(session: AsyncSession, keyring: Keyring, id_: str) -> str:
    """The words of a message of ours."""
    return await _text_of(keyring, await session.get_one(OutboundRow, id_))


async def refuse_unsent(session: AsyncSession, conversation: ConversationId) -> None:
    """After an opt-out nothing that was queued goes out any more."""
    await session.execute(
        update(OutboundRow)
        .where(
            OutboundRow.thread_id == conversation,
            OutboundRow.state.in_([OutboundState.READY, OutboundState.HELD]),
            OutboundRow.purpose != Purpose.CONSENT,
        )
        .values(state=OutboundState.REFUSED, reason=Refusal.OPTED_OUT)
    )
