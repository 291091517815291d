"""What people say of their doses: taken, skipped and why, later. Each turn has its effect once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring
from api.core.ids import ConversationId
from api.gateway.projection import project
from api.reminders.desk import Desk, Saying
from api.reminders.kinds import DoseAnswer, PlanState, PromptState, ReminderKind, SkipReason
from api.reminders.models import ItemRow, PlanRow, PromptRow
from api.reminders.plans import read_plan
from api.reminders.statements import Dose, as_statement
from integrations.ports.dialogue import EngineReply

PUT_OFF = timedelta(minutes=60)


async def answer(desk: Desk, prompt_id: str, what: DoseAnswer, saying: Saying) -> EngineReply:
    """Take the answer to a dose prompt; what to say to it.

    Taken and skipped are written to the record, each dose of the prompt by itself; later comes
    once more after an hour, never past the next dose.
    """
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        prompt = await session.get_one(PromptRow, prompt_id, with_for_update=True)
        if prompt.last_turn != saying.turn:
            prompt.last_turn, prompt.changed_at = saying.turn, now
            if what is DoseAnswer.LATER:
                await _put_off(session, prompt, now)
            else:
                await _settle(session, desk.keyring, prompt, what, saying, now=now)
        return await _reply(session, prompt, what)


async def answer_latest(
    desk: Desk, conversation: ConversationId, what: DoseAnswer, saying: Saying
) -> EngineReply:
    """Take free words ("took it a minute ago") for the dose that was asked about last."""
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        prompt = await open_prompt(session, conversation, now=now)
    if prompt is None:
        return EngineReply("dose_none_open", {})
    return await answer(desk, prompt, what, saying)


async def explain(desk: Desk, prompt_id: str, why: SkipReason, saying: Saying) -> EngineReply:
    """Take the reason for which the doses of a prompt were skipped."""
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        prompt = await session.get_one(PromptRow, prompt_id, with_for_update=True)
        for item in await _items(session, prompt_id):
            if item.answer == DoseAnswer.SKIPPED and item.skip_reason != why:
                item.skip_reason = why
                await _write(session, desk.keyring, item, now=now)
        prompt.last_turn, prompt.changed_at = saying.turn, now
    return EngineReply(f"dose_skipped_{why}", {})


async def open_prompt(
    session: AsyncSession, conversation: ConversationId, *, now: datetime
) -> str | None:
    """The dose prompt that free words ("took it") are about: the latest that can be answered."""
    return await session.scalar(
        select(PromptRow.id)
        .where(
            PromptRow.conversation_id == conversation,
            PromptRow.kind == ReminderKind.DOSE,
            PromptRow.state.in_([PromptState.SAID, PromptState.WAITING, PromptState.ANSWERED]),
            PromptRow.due_at > now - timedelta(hours=12),
        )
        .order_by(PromptRow.due_at.desc(), PromptRow.id.desc())
        .limit(1)
    )


async def _settle(
    session: AsyncSession,
    keyring: Keyring,
    prompt: PromptRow,
    what: DoseAnswer,
    saying: Saying,
    *,
    now: datetime,
) -> None:
    prompt.state, prompt.reason = PromptState.ANSWERED, None
    for item in await _items(session, prompt.id):
        item.answer, item.skip_reason = what, None
        item.answered_at, item.evidence = now, saying.evidence
        await _write(session, keyring, item, now=now)


async def _put_off(session: AsyncSession, prompt: PromptRow, now: datetime) -> None:
    """Once more in an hour, unless the next dose comes first: then that one is asked about."""
    following = await _next_dose(session, prompt)
    again = now + PUT_OFF
    prompt.state, prompt.reason = PromptState.WAITING, None
    prompt.due_at = again
    # Of use as long after it as it was at first.
    prompt.useful_until = max(prompt.useful_until, again + PUT_OFF)
    if following is not None and again >= following:
        prompt.state, prompt.reason = PromptState.CLEARED, "next_dose"


async def _reply(session: AsyncSession, prompt: PromptRow, what: DoseAnswer) -> EngineReply:
    """The same for the same turn, however often it is asked."""
    if what is DoseAnswer.TAKEN:
        return EngineReply("dose_taken", {})
    if what is DoseAnswer.SKIPPED:
        return EngineReply("dose_why", {"prompt": prompt.id})
    zone = await _zone(session, prompt)
    if prompt.state == PromptState.CLEARED:
        following = await _next_dose(session, prompt)
        at = following.isoformat() if following else None
        return EngineReply("dose_next_is_near", {"at": at, "zone": zone})
    return EngineReply("dose_later", {"at": prompt.due_at.isoformat(), "zone": zone})


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


async def _write(session: AsyncSession, keyring: Keyring, item: ItemRow, *, now: datetime) -> None:
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
        answered_at=item.answered_at or now,
        evidence=item.evidence or "",
        facts=plan.facts,
    )
    await project(session, keyring, as_statement(dose), now=now)
