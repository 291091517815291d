"""Keeping plans as the record and the person want them: made, changed, moved, stopped."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring, Place
from api.core.ids import ConversationId, PatientId, new_id
from api.reminders.communication_requests import as_request, show
from api.reminders.kinds import PlanState, PromptState, ReminderKind, Stopped
from api.reminders.models import ItemRow, PlanRow, PromptRow
from api.reminders.schedule import Schedule, first_from, read_schedule
from api.reminders.wall import instant_of, wall_at
from api.reminders.wishes import Wish

OVERTAKEN = "overtaken"
_OPEN = (PromptState.WAITING, PromptState.DUE, PromptState.SAID)


@dataclass(frozen=True)
class Whose:
    """Who is reminded, where they read it, and by which clock."""

    patient: PatientId
    conversation: ConversationId
    zone: ZoneInfo


@dataclass(frozen=True)
class Plan:
    """A plan as it stands. `facts`: what its prompts say of it."""

    id: str
    source: str
    schedule: Schedule
    facts: dict[str, str]
    next_at: datetime | None
    is_own: bool


async def keep(
    session: AsyncSession,
    keyring: Keyring,
    whose: Whose,
    wish: Wish,
    *,
    now: datetime,
    is_own: bool = False,
) -> None:
    """Make or change the plan of a wish so that it says what the wish says.

    Times that the person chose stay as they are until they choose others. A move to another zone
    keeps the wall time that comes next, so no dose is left out and none comes twice. What they
    stopped stays so until they ask for it again.
    """
    row = await _of_source(session, wish.source)
    before = as_request(row) if row is not None else None
    if row is None:
        row = _fresh(whose, wish)
        session.add(row)
        wall = first_from(wish.schedule, wall_at(now, whose.zone))
    elif row.stopped_because == Stopped.BY_PATIENT:
        return
    else:
        if row.is_own and not is_own:
            wish = replace(wish, schedule=read_schedule(row.schedule))
        wall = await _next_of(session, row, wish, whose, now=now)
    row.conversation_id, row.zone = whose.conversation, whose.zone.key
    row.schedule, row.is_own = wish.schedule.as_json(), is_own or row.is_own
    row.facts_sealed = await _sealed(keyring, row, wish)
    row.state = PlanState.ACTIVE if wall else PlanState.ENDED
    row.stopped_because = None
    row.next_wall, row.next_at = wall, instant_of(wall, whose.zone) if wall else None
    row.changed_at = now
    if as_request(row) != before:
        await show(session, keyring, row, now=now)


async def stop(
    session: AsyncSession, keyring: Keyring, source: str, because: Stopped, *, now: datetime
) -> bool:
    """Stop what reminds of a source, with its open prompts; whether there was any."""
    row = await _of_source(session, source)
    if row is None or row.state != PlanState.ACTIVE:
        return False
    if row.is_own and because is Stopped.NO_TIMES:
        return False
    row.state, row.stopped_because = PlanState.STOPPED, because
    row.next_wall = row.next_at = None
    row.changed_at = now
    await _clear_prompts(session, row.id, because, now=now)
    await show(session, keyring, row, now=now)
    return True


async def allow_again(session: AsyncSession, source: str) -> None:
    """Let what the person stopped be planned again: they ask for it."""
    row = await _of_source(session, source)
    if row is not None and row.stopped_because == Stopped.BY_PATIENT:
        row.stopped_because = None


async def of_patient(
    session: AsyncSession, keyring: Keyring, patient: PatientId, kind: ReminderKind
) -> list[Plan]:
    """The active plans of a person, in the order in which they come next."""
    rows = await session.scalars(
        select(PlanRow)
        .where(
            PlanRow.patient_id == patient, PlanRow.kind == kind, PlanRow.state == PlanState.ACTIVE
        )
        .order_by(PlanRow.next_at, PlanRow.id)
    )
    return [await read_plan(keyring, row) for row in rows]


async def read_plan(keyring: Keyring, row: PlanRow) -> Plan:
    """A plan with what is sealed of it."""
    facts = await keyring.unseal(row.facts_sealed, owner=_owner(row), place=_place(row.id))
    return Plan(
        id=row.id,
        source=row.source,
        schedule=read_schedule(row.schedule),
        facts=json.loads(facts),
        next_at=row.next_at,
        is_own=row.is_own,
    )


def _fresh(whose: Whose, wish: Wish) -> PlanRow:
    return PlanRow(
        id=new_id(), kind=wish.kind, source=wish.source, patient_id=whose.patient, is_own=False
    )


async def _next_of(
    session: AsyncSession, row: PlanRow, wish: Wish, whose: Whose, *, now: datetime
) -> datetime | None:
    """What comes next of a plan that was there: the same as before, unless its times changed."""
    if row.schedule == wish.schedule.as_json() and row.state == PlanState.ACTIVE:
        return row.next_wall
    await _clear_prompts(session, row.id, OVERTAKEN, now=now)
    return first_from(wish.schedule, wall_at(now, whose.zone))


async def _of_source(session: AsyncSession, source: str) -> PlanRow | None:
    """Locked: two changes of the record at once are applied one after the other."""
    return await session.scalar(select(PlanRow).where(PlanRow.source == source).with_for_update())


async def _clear_prompts(
    session: AsyncSession, plan_id: str, reason: str, *, now: datetime
) -> None:
    """Prompts that speak of nothing but this plan are not said, and not answered, any more."""
    of_plan = select(ItemRow.prompt_id).where(ItemRow.plan_id == plan_id)
    of_others = select(ItemRow.prompt_id).where(
        ItemRow.prompt_id.in_(of_plan), ItemRow.plan_id != plan_id
    )
    await session.execute(
        update(PromptRow)
        .where(
            PromptRow.id.in_(of_plan), PromptRow.id.not_in(of_others), PromptRow.state.in_(_OPEN)
        )
        .values(state=PromptState.CLEARED, reason=reason, changed_at=now)
    )
    # That they come was said of the time that was.
    await session.execute(
        update(PromptRow)
        .where(
            PromptRow.id.in_(of_plan),
            PromptRow.kind == ReminderKind.VISIT,
            PromptRow.state == PromptState.ANSWERED,
        )
        .values(reason=reason)
    )


async def _sealed(keyring: Keyring, row: PlanRow, wish: Wish) -> bytes:
    facts = json.dumps(dict(wish.facts))
    return await keyring.seal(facts, owner=_owner(row), place=_place(row.id))


def _owner(row: PlanRow) -> str:
    return f"patient/{row.patient_id}"


def _place(id_: str) -> Place:
    return Place("reminder_plan", "facts", id_)
