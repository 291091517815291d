"""Prompts that are due: what each says, and whether it is still true when it is sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, PatientId
from api.gateway.access import service_access
from api.gateway.interactions import Read
from api.gateway.service import perform
from api.messaging.gate import Hours, Refusal
from api.messaging.kinds import Channel
from api.messaging.threads import address_of, channel_of
from api.people import service as people
from api.reminders import plans
from api.reminders.claims import TOO_LATE
from api.reminders.desk import Desk
from api.reminders.doses import ANSWER_LASTS
from api.reminders.kinds import PromptState, ReminderKind, Stopped
from api.reminders.models import ItemRow, PlanRow, PreferenceRow, PromptRow
from api.reminders.plans import OVERTAKEN, Plan
from api.reminders.schedule import Fixed, read_schedule
from api.reminders.visits import IS_CONFIRMED
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import Gone, NotFound, Resource

ABOUT = "reminder"
_ASKED = (PromptState.SAID, PromptState.WAITING, PromptState.ANSWERED)
_ACCESS = service_access("reminders", "system/MedicationRequest.r system/Appointment.r")
_UNTRUE = {
    Stopped.MEDICINE_STOPPED: Refusal.MEDICINE_STOPPED,
    Stopped.BY_PATIENT: Refusal.MEDICINE_STOPPED,
    Stopped.VISIT_CANCELLED: Refusal.VISIT_CANCELLED,
    Stopped.DECEASED: Refusal.DECEASED,
    Stopped.NO_PHONE: Refusal.PHONE_CHANGED,
    OVERTAKEN: Refusal.OVERTAKEN,
}


@dataclass(frozen=True)
class Prompt:
    """A prompt to say. `about`: what the gate asks again when the text is sent."""

    id: str
    conversation: ConversationId
    patient: PatientId
    words: EngineReply
    about: str
    useful_until: datetime
    hours: Hours


@dataclass(frozen=True)
class Due:
    """A conversation in which prompts are due, and since when the first of them is."""

    conversation: ConversationId
    since: datetime


async def due(session: AsyncSession, after: Due | None, *, limit: int) -> list[Due]:
    """Conversations with prompts that are due, the longest due first, from one of them on."""
    since = func.min(PromptRow.due_at)
    statement = (
        select(PromptRow.conversation_id, since)
        .where(PromptRow.state == PromptState.DUE)
        .group_by(PromptRow.conversation_id)
        .order_by(since, PromptRow.conversation_id)
        .limit(limit)
    )
    if after is not None:
        reached = tuple_(since, PromptRow.conversation_id)
        statement = statement.having(reached > (after.since, after.conversation))
    found = await session.execute(statement)
    return [Due(ConversationId(conversation), at) for conversation, at in found]


@dataclass(frozen=True)
class DuePrompt:
    """A prompt that is due, and whose it is."""

    id: str
    patient: PatientId


async def due_in(session: AsyncSession, conversation: ConversationId) -> list[DuePrompt]:
    """The prompts that are due in a conversation, in their order; locked, others' are skipped."""
    found = await session.scalars(
        select(PromptRow)
        .where(PromptRow.conversation_id == conversation, PromptRow.state == PromptState.DUE)
        .order_by(PromptRow.due_at, PromptRow.id)
        .with_for_update(skip_locked=True)
    )
    return [DuePrompt(row.id, PatientId(row.patient_id)) for row in found]


async def to_say(
    session: AsyncSession, desk: Desk, prompt_id: str, *, now: datetime
) -> Prompt | None:
    """What a prompt says; None where it is too late for it to be of use."""
    row = await session.get_one(PromptRow, prompt_id)
    if now > row.useful_until:
        row.state, row.reason, row.changed_at = PromptState.EXPIRED, TOO_LATE, now
        return None
    told = await _told(session, desk, row.id)
    words = await _words(session, desk, row, told)
    who = await _who(session, desk, row)
    return Prompt(
        id=row.id,
        conversation=ConversationId(row.conversation_id),
        patient=PatientId(row.patient_id),
        words=replace(words, arguments={**words.arguments, "who": who}),
        about=f"{ABOUT}:{row.id}",
        useful_until=row.useful_until,
        hours=_hours(row, told, is_put_off=await _is_put_off(session, row)),
    )


async def others_in(
    session: AsyncSession, conversation: ConversationId, prompt_id: str
) -> frozenset[str]:
    """The prompts of a conversation that are somebody else's, or of another medicine or visit.

    What is asked of one leaves the other's question open.
    """
    row = await session.get_one(PromptRow, prompt_id)
    of_plans = select(ItemRow.plan_id).where(ItemRow.prompt_id == prompt_id)
    same = select(ItemRow.prompt_id).where(ItemRow.plan_id.in_(of_plans))
    others = select(PromptRow.id).where(
        PromptRow.conversation_id == conversation,
        PromptRow.kind == row.kind,
        PromptRow.state.in_(_ASKED),
        PromptRow.id.not_in(same),
    )
    if row.kind == ReminderKind.DOSE:  # of those from before nobody waits for an answer any more
        others = others.where(PromptRow.due_at > row.due_at - ANSWER_LASTS)
    return frozenset(await session.scalars(others))


async def patient_of(desk: Desk, prompt_id: str) -> PatientId:
    """Whom a prompt is about."""
    async with desk.database.transaction() as session:
        return PatientId((await session.get_one(PromptRow, prompt_id)).patient_id)


async def patients_of(session: AsyncSession, prompt_ids: Collection[str]) -> dict[str, str]:
    """Whom each of these prompts is about."""
    found = await session.execute(
        select(PromptRow.id, PromptRow.patient_id).where(PromptRow.id.in_(prompt_ids))
    )
    return {row.id: row.patient_id for row in found}


async def to_check(desk: Desk, prompt_id: str) -> EngineReply:
    """The question whether the doses of a prompt were taken, asked once more and in full."""
    async with desk.database.transaction() as session:
        row = await session.get_one(PromptRow, prompt_id)
        words = await _dose_words(session, row, await _told(session, desk, prompt_id))
        who = await _who(session, desk, row)
    return EngineReply("dose_check", {**words, "who": who})


async def doses_of(desk: Desk, prompt_ids: Sequence[str]) -> list[dict[str, object]]:
    """Of each of these dose prompts what tells it from the others: its time, and its medicines.

    They are named only for who agreed to that.
    """
    found = []
    async with desk.database.transaction() as session:
        for id_ in prompt_ids:
            row = await session.get_one(PromptRow, id_)
            words = await _dose_words(session, row, await _told(session, desk, id_))
            found.append({name: words[name] for name in ("at", "names", "count")})
    return found


async def options(desk: Desk, prompt_ids: Sequence[str]) -> list[dict[str, str]]:
    """Whose each of these prompts is, and when the visit or the dose: what tells them apart."""
    found = []
    for id_ in prompt_ids:
        async with desk.database.transaction() as session:
            row = await session.get_one(PromptRow, id_)
            schedules = [read_schedule(each.schedule) for each in await _plans(session, id_)]
        known = await people.person(desk.gateway, PatientId(row.patient_id))
        start = next((each.start for each in schedules if isinstance(each, Fixed)), None)
        at = start.isoformat() if start else ""
        name = known.given if known else ""
        dose = row.wall.isoformat() if row.kind == ReminderKind.DOSE else ""
        found.append({"name": name, "start": at, "zone": desk.zone.key, "dose": dose})
    return found


async def mark_said(
    session: AsyncSession, prompt_id: str, outbound_id: str, *, now: datetime
) -> None:
    """It was said, by this message."""
    row = await session.get_one(PromptRow, prompt_id)
    row.state, row.outbound_id, row.changed_at = PromptState.SAID, outbound_id, now


async def mark_failed(session: AsyncSession, prompt_id: str, *, now: datetime) -> None:
    """It cannot be put into words: it keeps nothing else waiting."""
    row = await session.get_one(PromptRow, prompt_id)
    row.state, row.reason, row.changed_at = PromptState.FAILED, "not_said", now


async def why_untrue(desk: Desk, prompt_id: str) -> Refusal | None:
    """Why a prompt must not be sent any more; of what it speaks the record has the last word."""
    async with desk.database.transaction() as session:
        row = await session.get(PromptRow, prompt_id)
        told = await _plans(session, prompt_id)
    if row is None or row.state in (PromptState.ANSWERED, PromptState.WAITING):
        return Refusal.ANSWERED  # also "later", said before it came: it comes then
    if row.state == PromptState.CLEARED:
        return _UNTRUE.get(str(row.reason), Refusal.OVERTAKEN)
    reasons = [await _changed(desk, each) for each in told]
    # The medicines of one hour share a text: it goes while one of them is still to be taken.
    return reasons[0] if reasons and None not in reasons else None


async def _changed(desk: Desk, plan: PlanRow) -> Refusal | None:
    type_, _, id_ = plan.source.partition("/")
    stopped = type_ == "MedicationRequest"
    gone = Refusal.MEDICINE_STOPPED if stopped else Refusal.VISIT_CANCELLED
    try:
        body = (await perform(desk.gateway, _ACCESS, Read(type_, id_))).body
    except (NotFound, Gone):
        return gone
    if body["status"] != ("active" if stopped else "booked"):
        return gone
    schedule = read_schedule(plan.schedule)
    is_moved = isinstance(schedule, Fixed) and schedule.start != _start(body)
    return Refusal.VISIT_MOVED if is_moved else None


def _start(visit: Resource) -> datetime:
    return datetime.fromisoformat(str(visit["start"]))


async def _plans(session: AsyncSession, prompt_id: str) -> Sequence[PlanRow]:
    of_prompt = select(ItemRow.plan_id).where(ItemRow.prompt_id == prompt_id)
    found = await session.scalars(
        select(PlanRow).where(PlanRow.id.in_(of_prompt)).order_by(PlanRow.id)
    )
    return found.all()


async def _told(session: AsyncSession, desk: Desk, prompt_id: str) -> list[Plan]:
    """The plans that a prompt is about, as they are told."""
    return [await plans.read_plan(desk.keyring, each) for each in await _plans(session, prompt_id)]


def _hours(row: PromptRow, told: Sequence[Plan], *, is_put_off: bool) -> Hours:
    """A dose comes at an agreed time; at one that they chose themselves, whichever it is.

    "Later" in the evening asks for an hour as well.
    """
    if row.kind != ReminderKind.DOSE:
        return Hours.DEFAULT
    is_asked = is_put_off or all(each.is_own for each in told)
    return Hours.ASKED if is_asked else Hours.AGREED


async def _is_put_off(session: AsyncSession, row: PromptRow) -> bool:
    items = select(func.min(ItemRow.due_at)).where(ItemRow.prompt_id == row.id)
    return row.due_at != await session.scalar(items)


async def _who(session: AsyncSession, desk: Desk, row: PromptRow) -> str:
    """Whom it is for, by name, where several read one phone; empty for who has one alone."""
    conversation = ConversationId(row.conversation_id)
    if await channel_of(session, conversation) is not Channel.SMS:
        return ""
    number = await address_of(session, desk.keyring, conversation)
    async with desk.database.nesting:
        readers = await people.persons_on_number(desk.gateway, number)
    theirs = [each for each in readers if each.id == row.patient_id]
    if len(readers) < 2 or not theirs:
        return ""
    namesakes = [each for each in readers if each.given == theirs[0].given]
    return theirs[0].given if len(namesakes) == 1 else str(theirs[0].name)


async def _is_confirmed(session: AsyncSession, row: PromptRow) -> bool:
    """Whether they said at an earlier reminder that they come to this visit."""
    of_plans = select(ItemRow.plan_id).where(ItemRow.prompt_id == row.id)
    of_visit = select(ItemRow.prompt_id).where(ItemRow.plan_id.in_(of_plans))
    found = await session.scalar(
        select(PromptRow.id)
        .where(PromptRow.id.in_(of_visit), PromptRow.reason.in_(IS_CONFIRMED))
        .limit(1)
    )
    return found is not None


async def _words(
    session: AsyncSession, desk: Desk, row: PromptRow, told: Sequence[Plan]
) -> EngineReply:
    if row.kind == ReminderKind.VISIT:
        schedule = told[0].schedule
        start = schedule.start if isinstance(schedule, Fixed) else row.due_at
        return EngineReply(
            "visit_again" if await _is_confirmed(session, row) else "visit_prompt",
            {
                "prompt": row.id,
                "start": start.isoformat(),
                "zone": desk.zone.key,
                "until": start.isoformat(),
                "with_name": told[0].facts.get("with", ""),
            },
        )
    return EngineReply("dose_prompt", await _dose_words(session, row, told))


async def _dose_words(
    session: AsyncSession, row: PromptRow, told: Sequence[Plan]
) -> dict[str, object]:
    preference = await session.get(PreferenceRow, row.patient_id)
    may_name = preference is not None and preference.names_medicines
    return {
        "prompt": row.id,
        "at": row.wall.isoformat(),
        "names": [each.facts["medicine"] for each in told] if may_name else [],
        "count": len(told),
        "until": (row.due_at + ANSWER_LASTS).isoformat(),
    }
