"""What people say of their doses: taken, skipped and why, later. Each turn has its effect once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring
from api.core.ids import ConversationId, PatientId
from api.gateway.projection import project
from api.reminders.desk import Desk, Saying
from api.reminders.informants import informant_of
from api.reminders.kinds import DoseAnswer, PlanState, PromptState, ReminderKind, SkipReason
from api.reminders.models import ItemRow, PlanRow, PromptRow
from api.reminders.plans import read_plan
from api.reminders.statements import Dose, as_provenance, as_statement
from integrations.ports.dialogue import EngineReply

PUT_OFF = timedelta(minutes=60)
NEXT_DOSE = "next_dose"
UNCLEAR = "dose_unclear"
"""Not said to anybody: which of several doses is meant is still to be asked."""
# What a dose prompt waits for: the next dose, or half a day.
ANSWER_LASTS = timedelta(hours=12)
_MAY_BE_PUT_OFF = (PromptState.DUE, PromptState.SAID)
_OPEN = (PromptState.SAID, PromptState.WAITING)


@dataclass(frozen=True)
class _Said:
    """What was said, by whom, when."""

    saying: Saying
    informant: str
    now: datetime


async def answer(desk: Desk, prompt_id: str, what: DoseAnswer, saying: Saying) -> EngineReply:
    """Take the answer to a dose prompt; what to say to it.

    Taken and skipped are written to the record, each dose of the prompt by itself; later comes
    once more after an hour, never past the next dose, and never a second time.
    """
    said = await _said(desk, prompt_id, saying)
    now = said.now
    async with desk.database.transaction() as session:
        prompt = await session.get_one(PromptRow, prompt_id, with_for_update=True)
        at_first = await _first_due(session, prompt)
        if prompt.last_turn != saying.turn:
            prompt.last_turn, prompt.changed_at = saying.turn, now
            if what is DoseAnswer.LATER:
                if prompt.state in _MAY_BE_PUT_OFF and prompt.due_at == at_first:
                    await _put_off(session, prompt, now)
            else:
                await _settle(session, desk.keyring, prompt, what, said)
        return await _reply(session, prompt, what, at_first=at_first)


async def answer_latest(
    desk: Desk, conversation: ConversationId, what: DoseAnswer, saying: Saying
) -> EngineReply:
    """Take free words ("took it a minute ago") for the dose that was asked about last.

    Where doses of several persons are open, the letter is asked for: it finds out whose. Where one
    person has several open, nothing is noted yet (`UNCLEAR`): they are asked which.
    """
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        latest = await latest_prompts(session, conversation, now=now)
    again = [each for each in latest if each.last_turn == saying.turn]
    waiting = again or [each for each in latest if each.state in _OPEN]
    meant = waiting or latest
    if len({each.patient for each in meant}) > 1:
        return EngineReply("dose_use_letters" if waiting else "dose_none_open", {})
    if len(waiting) > 1:
        return EngineReply(UNCLEAR, {"what": what, "prompts": [each.id for each in waiting]})
    if not meant:
        return EngineReply("dose_none_open", {})
    return await answer(desk, meant[-1].id, what, saying)


async def explain(desk: Desk, prompt_id: str, why: SkipReason, saying: Saying) -> EngineReply:
    """Take the reason for which the doses of a prompt are skipped, also where it comes first.

    What was skipped in one breath ("both") has one reason.
    """
    said = await _said(desk, prompt_id, saying)
    async with desk.database.transaction() as session:
        prompt = await session.get_one(PromptRow, prompt_id)
        for each in await _skipped_with(session, prompt):
            await _explain(session, desk.keyring, each, why, said)
    return EngineReply(f"dose_skipped_{why}", {})


async def _explain(
    session: AsyncSession, keyring: Keyring, prompt: PromptRow, why: SkipReason, said: _Said
) -> None:
    if prompt.state in _OPEN:
        await _settle(session, keyring, prompt, DoseAnswer.SKIPPED, said)
    for item in await _items(session, prompt.id):
        if item.answer == DoseAnswer.SKIPPED and item.skip_reason != why:
            item.skip_reason = why
            await _write(session, keyring, item, said)
    prompt.last_turn, prompt.changed_at = said.saying.turn, said.now


async def _skipped_with(session: AsyncSession, prompt: PromptRow) -> Sequence[PromptRow]:
    """A prompt and those that were answered in the same turn as it, locked."""
    is_fellow = and_(
        PromptRow.conversation_id == prompt.conversation_id,
        PromptRow.patient_id == prompt.patient_id,
        PromptRow.due_at > prompt.due_at - ANSWER_LASTS,
        PromptRow.last_turn == prompt.last_turn,
        PromptRow.state == PromptState.ANSWERED,
    )
    found = await session.scalars(
        select(PromptRow)
        .where(or_(PromptRow.id == prompt.id, is_fellow))
        .order_by(PromptRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.all()


@dataclass(frozen=True)
class LatePrompt:
    """A dose prompt that can be answered, and whose it is."""

    id: str
    patient: str
    state: str
    last_turn: str | None


async def latest_prompts(
    session: AsyncSession, conversation: ConversationId, *, now: datetime
) -> list[LatePrompt]:
    """The dose prompts that free words ("took it") may be about, the earliest first.

    The latest of each medicine that can be answered.
    """
    of_each = (
        select(PromptRow.id)
        .join(ItemRow, ItemRow.prompt_id == PromptRow.id)
        .ext(distinct_on(ItemRow.plan_id))
        .where(
            PromptRow.conversation_id == conversation,
            PromptRow.kind == ReminderKind.DOSE,
            PromptRow.state.in_([*_OPEN, PromptState.ANSWERED]),
            PromptRow.due_at > now - ANSWER_LASTS,
        )
        .order_by(ItemRow.plan_id, PromptRow.due_at.desc(), PromptRow.id.desc())
    )
    found = await session.scalars(
        select(PromptRow).where(PromptRow.id.in_(of_each)).order_by(PromptRow.due_at, PromptRow.id)
    )
    return [LatePrompt(row.id, row.patient_id, row.state, row.last_turn) for row in found]


async def _said(desk: Desk, prompt_id: str, saying: Saying) -> _Said:
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        row = await session.get_one(PromptRow, prompt_id)
    conversation, patient = ConversationId(row.conversation_id), PatientId(row.patient_id)
    return _Said(saying, await informant_of(desk, patient, conversation, now=now), now)


async def _settle(
    session: AsyncSession,
    keyring: Keyring,
    prompt: PromptRow,
    what: DoseAnswer,
    said: _Said,
) -> None:
    prompt.state, prompt.reason = PromptState.ANSWERED, None
    for item in await _items(session, prompt.id):
        item.answer, item.skip_reason = what, None
        item.answered_at, item.evidence = said.now, said.saying.evidence
        await _write(session, keyring, item, said)


async def _put_off(session: AsyncSession, prompt: PromptRow, now: datetime) -> None:
    """Once more in an hour, unless the next dose comes first: then that one is asked about."""
    following = await _next_dose(session, prompt)
    again = now + PUT_OFF
    prompt.state, prompt.reason = PromptState.WAITING, None
    prompt.due_at = again
    # Of use as long after it as it was at first.
    prompt.useful_until = max(prompt.useful_until, again + PUT_OFF)
    if following is not None and again >= following:
        prompt.state, prompt.reason = PromptState.CLEARED, NEXT_DOSE


async def _reply(
    session: AsyncSession, prompt: PromptRow, what: DoseAnswer, *, at_first: datetime
) -> EngineReply:
    """The same for the same turn, however often it is asked."""
    if what is DoseAnswer.TAKEN:
        return EngineReply("dose_taken", {"prompt": prompt.id})
    if what is DoseAnswer.SKIPPED:
        return EngineReply("dose_why", {"prompt": prompt.id})
    zone = await _zone(session, prompt)
    waits = {"prompt": prompt.id, "until": (at_first + ANSWER_LASTS).isoformat()}
    if prompt.state == PromptState.SAID:
        return EngineReply("dose_later_once", waits)
    if prompt.state == PromptState.CLEARED and prompt.reason == NEXT_DOSE:
        following = await _next_dose(session, prompt)
        at = following.isoformat() if following else None
        return EngineReply("dose_next_is_near", {"at": at, "zone": zone})
    if prompt.state not in (PromptState.WAITING, PromptState.DUE):
        return EngineReply("dose_none_open", {})
    return EngineReply("dose_later", {"at": prompt.due_at.isoformat(), "zone": zone} | waits)


async def _first_due(session: AsyncSession, prompt: PromptRow) -> datetime:
    """When the doses of a prompt were due; one that was put off is due later than they were."""
    return (await _items(session, prompt.id))[0].due_at


async def _items(session: AsyncSession, prompt_id: str) -> Sequence[ItemRow]:
    found = await session.scalars(
        select(ItemRow).where(ItemRow.prompt_id == prompt_id).order_by(ItemRow.id)
    )
    return found.all()


async def _plans(session: AsyncSession, prompt: PromptRow) -> Sequence[PlanRow]:
    of_prompt = select(ItemRow.plan_id).where(ItemRow.prompt_id == prompt.id)
    return (await session.scalars(select(PlanRow).where(PlanRow.id.in_(of_prompt)))).all()


async def _next_dose(session: AsyncSession, prompt: PromptRow) -> datetime | None:
    """When the first of this prompt's medicines is due again."""
    of_prompt = select(ItemRow.plan_id).where(ItemRow.prompt_id == prompt.id)
    return await session.scalar(
        select(func.min(PlanRow.next_at)).where(
            PlanRow.id.in_(of_prompt), PlanRow.state == PlanState.ACTIVE
        )
    )


async def _zone(session: AsyncSession, prompt: PromptRow) -> str:
    return (await _plans(session, prompt))[0].zone


async def _write(session: AsyncSession, keyring: Keyring, item: ItemRow, said: _Said) -> None:
    """Let the record follow one dose's answer."""
    row = await session.get_one(PlanRow, item.plan_id)
    plan = await read_plan(keyring, row)
    dose = Dose(
        id=item.id,
        source=row.source,
        patient=row.patient_id,
        conversation=row.conversation_id,
        due_at=item.due_at,
        zone=ZoneInfo(row.zone),
        answer=DoseAnswer(str(item.answer)),
        reason=SkipReason(item.skip_reason) if item.skip_reason else None,
        answered_at=item.answered_at or said.now,
        evidence=item.evidence or "",
        informant=said.informant,
        facts=plan.facts,
    )
    await project(session, keyring, as_statement(dose), now=said.now, wakes=False)
    await project(session, keyring, as_provenance(dose), now=said.now)
