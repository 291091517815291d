"""What is due is taken in bulk, once, and moves on to its next time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import func, select, update

from api.reminders.claims import TOO_LATE, claim_due
from api.reminders.kinds import PlanState, PromptState, ReminderKind, Stopped
from api.reminders.models import ItemRow, PlanRow, PromptRow
from api.reminders.schedule import Fixed, Recurring
from api.reminders.wall import Pattern
from api.reminders.wishes import Wish
from tests.api.reminders.conftest import EARLY, Desk

NOW = datetime.fromisoformat(EARLY)
MONDAY = date(2027, 3, 8)


def _doses(source: str, *, last_day: date | None = None, times: Sequence[int] = (8, 20)) -> Wish:
    pattern = Pattern(tuple(time(hour) for hour in times), MONDAY, last_day)
    return Wish(ReminderKind.DOSE, source, Recurring(pattern), {"medicine": "metformin"})


async def _prompts(desk: Desk) -> list[PromptRow]:
    async with desk.database.transaction() as session:
        rows = await session.scalars(select(PromptRow).order_by(PromptRow.due_at, PromptRow.id))
        return list(rows)


async def _plan(desk: Desk) -> PlanRow:
    async with desk.database.transaction() as session:
        return (await session.scalars(select(PlanRow))).one()


async def test_week_with_a_clock_change_has_each_dose_once_at_its_wall_time(desk: Desk) -> None:
    await desk.keep(_doses("MedicationRequest/1", last_day=MONDAY + timedelta(days=6)), NOW)
    taken = [await desk.claim_all(NOW + timedelta(hours=hour)) for hour in range(8 * 24)]
    prompts = await _prompts(desk)
    assert sum(taken) == len(prompts) == 14
    assert max(taken) == 1
    walls = [prompt.wall.time() for prompt in prompts]
    assert walls == [time(8), time(20)] * 7
    # Clocks go forward in the night to Sunday: eight o'clock comes an hour sooner.
    hours = [prompt.due_at.astimezone(UTC).hour for prompt in prompts]
    assert hours == [13, 1] * 5 + [13, 1] + [12, 0]
    assert (await _plan(desk)).state == PlanState.ENDED


async def test_medicines_of_one_hour_share_a_prompt(desk: Desk) -> None:
    await desk.keep(_doses("MedicationRequest/1"), NOW)
    await desk.keep(_doses("MedicationRequest/2", times=(8,)), NOW)
    assert await desk.claim_all(NOW + timedelta(hours=4)) == 2
    (prompt,) = await _prompts(desk)
    async with desk.database.transaction() as session:
        items = await session.scalars(select(ItemRow).where(ItemRow.prompt_id == prompt.id))
        assert len(items.all()) == 2


async def test_medicines_of_one_hour_share_a_prompt_where_a_batch_ends_among_them(
    desk: Desk,
) -> None:
    for number in range(5):
        await desk.keep(_doses(f"MedicationRequest/{number}", times=(8,)), NOW)
        await desk.keep(_doses(f"MedicationRequest/9{number}", times=(9,)), NOW)
    later, taken = NOW + timedelta(hours=5), list[int]()
    while not taken or taken[-1]:
        async with desk.database.transaction() as session:
            taken.append((await claim_due(session, now=later, limit=3)).count)
    assert taken == [5, 5, 0]
    assert len(await _prompts(desk)) == 2


async def test_nobody_takes_what_is_due_while_another_worker_does(desk: Desk) -> None:
    await desk.keep(_doses("MedicationRequest/1", times=(8,)), NOW)
    later = NOW + timedelta(hours=4)
    async with desk.database.transaction() as session, desk.database.transaction() as other:
        assert (await claim_due(session, now=later)).count == 1
        assert (await claim_due(other, now=later)).count == 0
    assert await desk.claim_all(later) == 0
    assert len(await _prompts(desk)) == 1


async def test_what_is_too_late_is_counted_and_not_said(desk: Desk) -> None:
    await desk.keep(_doses("MedicationRequest/1"), NOW)
    # Everything stood still for a day and a half: the last dose is still of use.
    assert await desk.claim_all(NOW + timedelta(days=1, hours=4)) == 3
    states = [(prompt.state, prompt.reason) for prompt in await _prompts(desk)]
    assert states == [(PromptState.EXPIRED, TOO_LATE)] * 2 + [(PromptState.DUE, None)]


async def test_each_reminder_of_a_visit_comes_once(desk: Desk) -> None:
    start = NOW + timedelta(days=3)
    walls = (datetime(2027, 3, 9, 5), datetime(2027, 3, 11, 3))  # noqa: DTZ001 -- wall times
    await desk.keep(Wish(ReminderKind.VISIT, "Appointment/1", Fixed(walls, start)), NOW)
    assert await desk.claim_all(NOW + timedelta(days=1)) == 1
    assert await desk.claim_all(NOW + timedelta(days=2, hours=22)) == 1
    assert [prompt.state for prompt in await _prompts(desk)] == [PromptState.DUE] * 2
    assert (await _plan(desk)).state == PlanState.ENDED


async def test_workers_side_by_side_take_each_time_once(desk: Desk) -> None:
    for number in range(60):
        await desk.keep(_doses(f"MedicationRequest/{number}", times=(8,)), NOW)

    async def worker() -> int:
        taken = 0
        for _ in range(12):
            async with desk.database.transaction() as session:
                claimed = await claim_due(session, now=NOW + timedelta(hours=4), limit=7)
                taken += claimed.count
        return taken

    assert sum(await asyncio.gather(*(worker() for _ in range(4)))) == 60
    async with desk.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(ItemRow)) == 60


async def test_time_that_was_taken_is_not_taken_again_when_its_plan_is_moved_back(
    desk: Desk,
) -> None:
    await desk.keep(_doses("MedicationRequest/1", times=(8,)), NOW)
    eight = NOW + timedelta(hours=3)
    assert await desk.claim_all(eight) == 1
    async with desk.database.transaction() as session:
        plan = (await session.scalars(select(PlanRow))).one()
        plan.next_wall, plan.next_at = eight.replace(tzinfo=None), eight
    assert await desk.claim_all(eight + timedelta(minutes=1)) == 1
    assert len(await _prompts(desk)) == 1
    assert (await _plan(desk)).next_at == eight + timedelta(days=1)


@pytest.mark.parametrize(
    "broken",
    [{"zone": "Nowhere/At_all"}, {"schedule": {"times": ["25:99"]}}, {"next_wall": None}],
)
async def test_plan_that_cannot_be_read_is_stopped_and_keeps_no_other_waiting(
    desk: Desk, broken: dict[str, object]
) -> None:
    for number in range(3):
        await desk.keep(_doses(f"MedicationRequest/{number}", times=(8,)), NOW)
    bad = update(PlanRow).where(PlanRow.source == "MedicationRequest/0").values(broken)
    async with desk.database.transaction() as session:
        await session.execute(bad)
    async with desk.database.transaction() as session:
        claimed = await claim_due(session, now=NOW + timedelta(hours=4))
    assert claimed.count == 3
    (unreadable,) = claimed.unreadable
    assert (unreadable.patient, unreadable.conversation) == (
        desk.whose.patient,
        desk.whose.conversation,
    )
    assert await desk.claim_all(NOW + timedelta(hours=5)) == 0
    async with desk.database.transaction() as session:
        plan = await session.get_one(PlanRow, unreadable.plan)
        items = await session.scalar(select(func.count()).select_from(ItemRow))
    assert (plan.state, plan.stopped_because) == (PlanState.STOPPED, Stopped.UNREADABLE)
    assert items == 2
