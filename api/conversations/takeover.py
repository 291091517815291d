"""What people do to a conversation: take it, answer, put it off, finish it, give it back.

Each act locks the conversation, so of two at once one comes second and sees the first. The
assistant is silent from the moment that one of them has it (record.py fences what was under way).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations import attention, transcript
from api.conversations.errors import (
    MayNotReassign,
    OptedOut,
    PatientWroteMeanwhile,
    ReasonNeeded,
)
from api.conversations.filling import under_way
from api.conversations.hand import (
    Hand,
    done,
    enter,
    refuse_if_held,
    resolved_last_at,
    taken_in_hand,
    write_note,
)
from api.conversations.kinds import Act, Owner, Speaker, State
from api.conversations.line import Line
from api.conversations.models import NoteRow
from api.conversations.outcome import WHO_KINDS, say as reply_named
from api.conversations.record import Message, say
from api.conversations.watchers import Watcher, look, mark_read
from api.conversations.wording import Wording, letter_of, say_named
from api.core.ids import ConversationId
from api.core.language import Language
from api.escalations import service as escalations
from api.escalations.kinds import Outcome
from api.messaging import expectations, inbox
from api.messaging.gate import Purpose
from api.messaging.kinds import Channel, InboundState
from api.messaging.threads import lookup_of
from api.messaging.words import Rendered
from api.staff.kinds import Member, Permission
from api.staff.service import may
from integrations.ports.dialogue import EngineReply

__all__ = [
    "Watcher",
    "Words",
    "acknowledge",
    "assign",
    "claim",
    "give_back",
    "look",
    "mark_read",
    "note",
    "release",
    "reopen",
    "reply",
    "resolve",
    "snooze",
]


@dataclass(frozen=True)
class Words:
    """A person's reply.

    Attributes:
        id: the writer's own; the same id again is the same reply.
        seen: up to which position they have read.
        force: send it although the patient wrote more meanwhile.
    """

    id: str
    text: str
    seen: int
    force: bool = False


async def claim(line: Line, conversation: ConversationId, *, by: Member) -> None:
    """Take the conversation; of several who try at once, one has it.

    Raises:
        HeldByColleague: somebody else does.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        refuse_if_held(hand)
        await _take(hand, Act.CLAIM, by)
        await done(hand, Act.CLAIM)


async def acknowledge(line: Line, conversation: ConversationId, *, by: Member) -> None:
    """Say that one has seen what was escalated: nobody else is told. It stays to be taken."""
    async with taken_in_hand(line, conversation, by) as hand:
        await escalations.acknowledge(hand.session, line.keyring, conversation, by, now=hand.now)
        await done(hand, Act.ACKNOWLEDGE)


async def release(line: Line, conversation: ConversationId, *, by: Member) -> None:
    """Let the conversation go to whoever of the team takes it next; the assistant stays silent.

    Raises:
        HeldByColleague: it is not theirs to let go. NotNow: nobody of the team has it.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        refuse_if_held(hand)
        enter(hand, Act.RELEASE)
        hand.row.assignee_id = hand.row.assignee_name = None
        await escalations.assign(hand.session, line.keyring, conversation, None, by, now=hand.now)
        await done(hand, Act.RELEASE)


async def assign(line: Line, conversation: ConversationId, *, to: Member, by: Member) -> None:
    """Give the conversation to somebody of the team.

    Raises:
        MayNotReassign: a colleague has it, and it takes a supervisor to move it.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        is_others = hand.row.assignee_id not in {None, by.id}
        if is_others and not may(by.role, Permission.REASSIGN):
            raise MayNotReassign
        await _take(hand, Act.ASSIGN, to)
        await done(hand, Act.ASSIGN, to.id)


async def reply(line: Line, conversation: ConversationId, words: Words, *, by: Member) -> int:
    """Say a person's words to the patient, once, and have the conversation by that.

    Returns:
        The reply's position in the transcript.

    Raises:
        HeldByColleague, OptedOut: it is not sent.
        PatientWroteMeanwhile: neither, unless `force`.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        known = await transcript.position_of_reply(hand.session, conversation, words.id)
        if known is not None:
            return known
        refuse_if_held(hand)
        if hand.row.patient_position > words.seen and not words.force:
            raise PatientWroteMeanwhile(hand.row.patient_position)
        await _refuse_if_opted_out(hand)
        await _take(hand, Act.REPLY, by)
        await _say(hand, words)
        hand.row.waiting_since = None
        hand.row.read_position = position = hand.row.last_position
        await done(hand, Act.REPLY)
        return position


async def note(
    line: Line, conversation: ConversationId, *, text: str, id_: str, by: Member
) -> None:
    """Write something for the team only, once; everybody of it may."""
    async with taken_in_hand(line, conversation, by) as hand:
        written = select(NoteRow.id).where(
            NoteRow.conversation_id == conversation, NoteRow.client_id == id_
        )
        if await hand.session.scalar(written) is None:
            await write_note(hand, text, client_id=id_)
            await done(hand, Act.NOTE)


async def resolve(
    line: Line,
    conversation: ConversationId,
    *,
    outcome: Outcome,
    note: str | None = None,
    by: Member,
) -> None:
    """Be done with it: what was escalated is settled; the assistant answers what comes next.

    Raises:
        HeldByColleague: it is not theirs to finish.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        refuse_if_held(hand)
        if hand.row.owner == Owner.HUMAN:
            attention.fresh_episode(hand.row)
        enter(hand, Act.RESOLVE)
        hand.row.waiting_since = None
        if note:
            await write_note(hand, note)
        await escalations.resolve_all(
            hand.session, line.keyring, conversation, now=hand.now, by=by, outcome=outcome
        )
        await done(hand, Act.RESOLVE, outcome)


async def reopen(line: Line, conversation: ConversationId, *, by: Member) -> None:
    """Undo that it was resolved: whoever had it has it again, and what was settled is open.

    Raises:
        NotNow: it is not resolved.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        enter(hand, Act.REOPEN)
        ended_at = await resolved_last_at(hand.session, conversation)
        if ended_at is not None:
            await escalations.reopen_all(
                hand.session, line.keyring, conversation, by, resolved_at=ended_at, now=hand.now
            )
        await done(hand, Act.REOPEN)


async def snooze(
    line: Line,
    conversation: ConversationId,
    *,
    until: datetime | None,
    reason: str | None = None,
    by: Member,
) -> None:
    """Put it off until then, or, without a time, until the patient writes; who writes ends both.

    Raises:
        HeldByColleague: it is not theirs. NotNow: the assistant has it, or it is resolved.
        ReasonNeeded: a safety matter, and no word why.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        refuse_if_held(hand)
        rank = hand.row.queue_rank
        if rank is not None and rank <= attention.LAST_SAFETY_RANK and not reason:
            raise ReasonNeeded
        enter(hand, Act.SNOOZE)
        hand.row.snoozed_until = until
        if reason:
            await write_note(hand, reason)
        await escalations.set_aside(hand.session, line.keyring, conversation, by, now=hand.now)
        await done(hand, Act.SNOOZE, until.isoformat() if until else None)


async def give_back(line: Line, conversation: ConversationId, *, by: Member) -> None:
    """Let the assistant answer again, in a fresh episode, at the question that was open.

    Raises:
        HeldByColleague: it is not theirs to give.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        row, session = hand.row, hand.session
        if row.owner == Owner.BOT and row.state == State.BOT:
            return
        refuse_if_held(hand)
        enter(hand, Act.GIVE_BACK)
        attention.fresh_episode(row)
        row.waiting_since = None
        await escalations.resolve_all(session, line.keyring, conversation, now=hand.now, by=by)
        question = await under_way(line, session, row)
        replies = (reply_named("given_back"),) + ((question,) if question else ())
        wording = Wording(replies, Purpose.COORDINATOR)
        await say_named(line, session, row, wording, now=hand.now)
        await done(hand, Act.GIVE_BACK)


async def _take(hand: Hand, act: Act, holder: Member) -> None:
    """`holder` has it from now on; what waited for an identity or the engine is theirs too."""
    row = hand.row
    joins = row.assignee_id != holder.id
    if row.state == State.OPEN and not joins:
        return
    enter(hand, act)
    for state in (InboundState.PARKED, InboundState.WAITING):
        await inbox.give_up(hand.session, hand.conversation, state)
    await expectations.close(hand.session, hand.conversation, WHO_KINDS, now=hand.now)
    row.assignee_id, row.assignee_name = holder.id, holder.name
    keyring, now = hand.line.keyring, hand.now
    await escalations.acknowledge(hand.session, keyring, hand.conversation, hand.by, now=now)
    await escalations.assign(hand.session, keyring, hand.conversation, holder, hand.by, now=now)
    if joins and row.channel == Channel.WEB:
        await _announce_to_visitor(hand, holder)


async def _announce_to_visitor(hand: Hand, holder: Member) -> None:
    """A line in the chat: who it is that they talk to now."""
    joined = EngineReply("person_joined", {"name": holder.name})
    rendered = hand.line.catalogue.render(
        (joined,),
        Language(hand.row.language),
        channel=Channel.WEB,
        clinic=hand.line.clinic,
        at=hand.now,
    )
    said = transcript.Line(Speaker.SYSTEM, rendered)
    await transcript.append(hand.session, hand.line.keyring, hand.row, said, now=hand.now)


async def _say(hand: Hand, words: Words) -> None:
    letter = letter_of(hand.row, words.text, ["coordinator"], Purpose.COORDINATOR)
    message = Message(
        letter,
        Rendered(words.text),
        Speaker.COORDINATOR,
        name=hand.by.name,
        sender_id=hand.by.id,
        client_id=words.id,
    )
    await say(hand.line, hand.session, hand.row, message, now=hand.now)


async def _refuse_if_opted_out(hand: Hand) -> None:
    if hand.row.channel != Channel.SMS:
        return
    number = await lookup_of(hand.session, hand.conversation)
    standing = await consent.standing_of(hand.session, number)
    if standing.state is ConsentState.OPTED_OUT:
        raise OptedOut
