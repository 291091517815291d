"""Recording a turn in one commit, or not at all.

Reply, transcript, state, expectation, consent, escalation, audit, outbox row, "message done".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations import attention, communications, form_links, proof, transcript
from api.conversations.consents import as_consent
from api.conversations.hand import remember
from api.conversations.kinds import Act, Owner, Speaker
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.outcome import WHO_KINDS, CodeText, Outcome, Turn
from api.conversations.router import is_expected
from api.conversations.situation import open_row, write_patient_line
from api.conversations.transcript import identifier_place, name_place
from api.core.crypto import Place
from api.core.ids import ConversationId, MessageId, PatientId
from api.core.language import Language
from api.escalations.service import Escalate, open_escalation, resolve_all
from api.gateway.projection import project
from api.messaging import expectations, inbox, outbox
from api.messaging.expectations import Expectation
from api.messaging.gate import Purpose, Trigger
from api.messaging.kinds import Channel, ExpectationKind, InboundState
from api.messaging.outbox import Letter
from api.messaging.threads import find_or_open, lookup_of, owner_of
from api.messaging.words import Rendered
from integrations.ports.dialogue import EngineReply

# What a turn found out stays true, whoever answers meanwhile.
_SURVIVES = (
    "patient_id",
    "verified_at",
    "phone_is_shared",
    "identity_tries",
    "identifier",
    "name",
    "language",
    "level",
    "code_lookup",
    "code_expires_at",
    "code_tries_left",
    "codes_failed",
)


class LeaseLost(Exception):
    """Somebody else has handled this message: what we made of it is dropped."""


@dataclass(frozen=True)
class Message:
    """A message of ours: how it travels, what it shows, who says it."""

    letter: Letter
    rendered: Rendered
    speaker: Speaker = Speaker.ASSISTANT
    name: str | None = None
    sender_id: str | None = None
    client_id: str | None = None
    answers: MessageId | None = None


async def record(line: Line, turn: Turn, outcome: Outcome) -> None:
    """Write everything that a turn comes to.

    Raises:
        LeaseLost: the lease or the message is no longer ours; nothing was written.
    """
    async with line.database.transaction() as session:
        row = await session.get_one(ConversationRow, turn.conversation, with_for_update=True)
        outcome = await _claim(session, row, turn, outcome)
        outcome = await _unless_stopped(session, turn, outcome)
        if turn.token is None:  # with a lease it was written when the message was taken
            await write_patient_line(line, session, row, turn.inbound)
        before = row.patient_id
        await _change(line, row, await _still_holding(session, turn, outcome))
        if row.patient_id != before:
            await communications.show_header(session, line.keyring, row, now=turn.now)
        await _record_consent(line, session, turn, outcome)
        await _escalate(line, session, turn, outcome)
        closes = outcome.closes | WHO_KINDS if outcome.to_person else outcome.closes
        await expectations.close(session, turn.conversation, closes, now=turn.now)
        await expectations.close_about(session, turn.conversation, outcome.answers, now=turn.now)
        if outcome.resolves:
            await resolve_all(session, line.keyring, turn.conversation, now=turn.now)
        if outcome.replies:
            await _reply(line, session, row, turn, outcome)
        else:
            await communications.wake_shower(session, row)
        await _settle_parked(session, turn, outcome)
        if outcome.texts is not None:
            await _text_code(line, session, turn, outcome.texts)
        await _audit(session, turn, outcome.audits)
        if outcome.consent is ConsentState.OPTED_OUT:
            await outbox.refuse_unsent(session, turn.conversation)
        await _attend(session, row, turn, outcome)


async def _claim(
    session: AsyncSession, row: ConversationRow, turn: Turn, outcome: Outcome
) -> Outcome:
    """Fence: our lease, our message. A person who took over meanwhile silences the assistant."""
    if turn.token is not None and row.lease_token != turn.token:
        raise LeaseLost
    expected = is_expected(turn.decision) or outcome.advances
    if not await inbox.settle(session, turn.inbound.id, outcome.inbound, expected=expected):
        raise LeaseLost
    if turn.token is not None:
        row.lease_token = row.lease_holder = row.lease_message = None
    if outcome.overrides or not _was_taken_over(row, turn):
        return outcome
    kept = {name: outcome.changes[name] for name in _SURVIVES if name in outcome.changes}
    return replace(Outcome(), changes=kept, identified=outcome.identified, audits=outcome.audits)


def _was_taken_over(row: ConversationRow, turn: Turn) -> bool:
    """Whether a person has, or meanwhile has had, the conversation: the message was theirs then.

    Giving back begins a new episode, and nothing else does under a turn's lease.
    """
    if turn.situation.owner is not Owner.BOT:
        return False
    return row.owner == Owner.HUMAN or (turn.token is not None and row.episode != turn.episode)


async def _attend(
    session: AsyncSession, row: ConversationRow, turn: Turn, outcome: Outcome
) -> None:
    """Who is answered no longer waits; whom people must see is in their queue."""
    if outcome.replies and row.owner == Owner.BOT:
        row.waiting_since = None
    if outcome.to_person:
        remember(session, row, Act.HAND_OVER, by=None, now=turn.now)
    if outcome.escalates is not None or outcome.to_person or outcome.resolves:
        await attention.refresh(session, row, now=turn.now)


async def _unless_stopped(session: AsyncSession, turn: Turn, outcome: Outcome) -> Outcome:
    """A STOP that overtook this turn was said after it, and has the last word."""
    if turn.token is None or turn.situation.channel is not Channel.SMS:
        return outcome
    number = await lookup_of(session, turn.conversation)
    standing = await consent.standing_of(session, number)
    if standing.mark == turn.consent_mark or standing.state is not ConsentState.OPTED_OUT:
        return outcome
    return Outcome(
        inbound=InboundState.DONE,
        changes=outcome.changes,
        escalates=outcome.escalates,
        to_person=outcome.to_person,
    )


async def _still_holding(session: AsyncSession, turn: Turn, outcome: Outcome) -> Outcome:
    """What went the short way ends no waiting for the engine: its patience runs on.

    Else the one holding reply were sent again, and no person were ever called.
    """
    ends = "holding_since" in outcome.changes and outcome.changes["holding_since"] is None
    if not ends or outcome.to_person or not await inbox.is_waiting(session, turn.conversation):
        return outcome
    kept = {name: each for name, each in outcome.changes.items() if name != "holding_since"}
    return replace(outcome, changes=kept)


async def _change(line: Line, row: ConversationRow, outcome: Outcome) -> None:
    changes = dict(outcome.changes)
    if "identifier" in changes:
        typed = changes.pop("identifier")
        row.identifier_sealed = await _sealed(line, row, typed, identifier_place)
    if "name" in changes:
        row.name_sealed = await _sealed(line, row, changes.pop("name"), name_place)
    for column, value in changes.items():
        setattr(row, column, value)
    if outcome.to_person:
        attention.enter(row, Act.HAND_OVER)
    elif outcome.escalates is not None:
        attention.enter(row, Act.ESCALATE)


async def _sealed(
    line: Line, row: ConversationRow, text: object, place: Callable[[ConversationId], Place]
) -> bytes | None:
    if not isinstance(text, str):
        return None
    conversation = ConversationId(row.id)
    return await line.keyring.seal(text, owner=owner_of(conversation), place=place(conversation))


async def _escalate(line: Line, session: AsyncSession, turn: Turn, outcome: Outcome) -> None:
    if outcome.escalates is None:
        return
    reason, rule = outcome.escalates
    wanted = Escalate(
        conversation=turn.conversation,
        turn=turn.inbound.turn,
        reason=reason,
        patient=outcome.about or outcome.identified or turn.patient,
        rule=rule,
    )
    await open_escalation(session, line.keyring, wanted, now=turn.now)
    if outcome.to_person:
        # What waits for an identity or the engine is the person's now, in the transcript.
        await inbox.give_up(session, turn.conversation, InboundState.PARKED)
        await inbox.give_up(session, turn.conversation, InboundState.WAITING)
    await audit.record_event(
        session,
        tag=f"escalation:{reason}:open",
        agent=f"conversation/{turn.conversation}",
        patient=wanted.patient,
        now=turn.now,
    )


async def _reply(
    line: Line, session: AsyncSession, row: ConversationRow, turn: Turn, outcome: Outcome
) -> None:
    said = await form_links.with_link(line, session, turn, outcome.replies)
    letter = Letter(
        conversation=turn.conversation,
        channel=Channel(row.channel),
        text=_rendered(line, row, turn, said.replies).text,
        responses=[reply.response for reply in said.replies],
        purpose=outcome.purpose,
        turn=turn.inbound.turn,
        patient=PatientId(row.patient_id) if row.patient_id else None,
    )
    shown = _rendered(line, row, turn, said.shown)
    message = Message(letter, shown, answers=turn.inbound.id)
    outbound_id = await say(line, session, row, message, now=turn.now)
    for expectation in outcome.expects:
        await expectations.expect(
            session,
            turn.conversation,
            expectation,
            outbound_id=outbound_id,
            now=turn.now,
            beside=_beside(expectation, turn),
        )


def _beside(asked: Expectation, turn: Turn) -> frozenset[str]:
    """Doses that are open beside the one that is asked about again, or put off."""
    if asked.kind not in {ExpectationKind.DOSE, ExpectationKind.DOSE_LATER}:
        return frozenset()
    open_ = (each for each in turn.situation.expectations if each.kind is asked.kind)
    return frozenset(each.ref for each in open_ if each.ref and each.ref != asked.ref)


def _rendered(
    line: Line, row: ConversationRow, turn: Turn, replies: tuple[EngineReply, ...]
) -> Rendered:
    language, channel = Language(row.language), Channel(row.channel)
    return line.catalogue.render(
        replies, language, channel=channel, clinic=line.clinic, at=turn.now
    )


async def say(
    line: Line, session: AsyncSession, row: ConversationRow, message: Message, *, now: datetime
) -> str:
    """Write a message of ours: outbox row and transcript, together. Returns the outbox id."""
    outbound_id = await outbox.put(session, line.keyring, message.letter, now=now)
    said = transcript.Line(
        message.speaker,
        message.rendered,
        name=message.name,
        outbound_id=outbound_id,
        sender_id=message.sender_id,
        client_id=message.client_id,
        answers=message.answers,
    )
    await transcript.append(session, line.keyring, row, said, now=now)
    await communications.wake_shower(session, row)
    return outbound_id


async def _settle_parked(session: AsyncSession, turn: Turn, outcome: Outcome) -> None:
    """What waited for who it is goes on, or is answered no more."""
    if outcome.releases:
        await inbox.release(session, turn.conversation, InboundState.PARKED)
    if outcome.drops:
        await inbox.give_up(session, turn.conversation, InboundState.PARKED)


async def _text_code(line: Line, session: AsyncSession, turn: Turn, code: CodeText) -> None:
    """Text it where the number's own conversation is; only the phone, and the seal, has it.

    The transcript, which the team and the record read, shows that a code was sent.
    """
    keyring, now = line.keyring, turn.now
    thread = await find_or_open(session, keyring, Channel.SMS, code.number, now=now)
    await open_row(session, thread, Channel.SMS, turn.language, now=now)
    row = await session.get_one(ConversationRow, thread, with_for_update=True)
    letter = Letter(
        conversation=thread,
        channel=Channel.SMS,
        text=_code_words(line, turn, code.digits),
        responses=["code_text"],
        purpose=Purpose.CODE,
        turn=turn.inbound.turn,
        patient=code.patient,
        trigger=Trigger(about="", useful_until=now + proof.LASTS),
    )
    shown = Rendered(_code_words(line, turn, "*" * proof.DIGITS))
    await say(line, session, row, Message(letter, shown), now=now)
    await _audit(session, turn, ("identity:code:send",))


def _code_words(line: Line, turn: Turn, digits: str) -> str:
    reply = EngineReply("code_text", {"code": digits})
    words = line.catalogue.render(
        (reply,), turn.language, channel=Channel.SMS, clinic=line.clinic, at=turn.now
    )
    return words.text


async def _audit(session: AsyncSession, turn: Turn, tags: Iterable[str]) -> None:
    for tag in tags:
        await audit.record_event(
            session,
            tag=tag,
            agent=f"conversation/{turn.conversation}",
            patient=turn.patient,
            now=turn.now,
        )


async def _record_consent(line: Line, session: AsyncSession, turn: Turn, outcome: Outcome) -> None:
    """The act with the exact words, and its FHIR Consent once the person is known."""
    if turn.situation.channel is not Channel.SMS:
        return
    if outcome.consent is None and outcome.identified is None:
        return
    number = await lookup_of(session, turn.conversation)
    if outcome.consent is not None:
        act = await _act(line, session, turn, outcome.consent, number)
        await consent.record(session, line.keyring, act, now=turn.now)
        await audit.record_event(
            session,
            tag=f"consent:number:{outcome.consent}",
            agent=f"conversation/{turn.conversation}",
            patient=turn.patient,
            now=turn.now,
        )
    known = outcome.identified or turn.patient
    if known is None and outcome.consent is ConsentState.OPTED_OUT:
        known = await consent.bound_to(session, number)  # who it was when they were last known
    if known is not None and await consent.bind(session, number, known):
        bound = await consent.words_of(session, line.keyring, number)
        projection = as_consent(bound, now=turn.now) if bound is not None else None
        if projection is not None:
            await project(session, line.keyring, projection, now=turn.now)


async def _act(
    line: Line, session: AsyncSession, turn: Turn, state: ConsentState, number: bytes
) -> consent.Act:
    """Words shown: those of the question that this answers, as they were sent."""
    asked = [e for e in turn.situation.expectations if e.kind is ExpectationKind.OPT_IN]
    shown = ""
    if asked and asked[0].outbound_id is not None:
        shown = await outbox.text_of(session, line.keyring, asked[0].outbound_id)
    return consent.Act(
        conversation=turn.conversation,
        number_lookup=number,
        state=state,
        channel=Channel.SMS,
        language=turn.language,
        evidence=turn.inbound.id,
        shown=shown,
        said=turn.inbound.text,
        patient=None,
    )
