"""Plans follow the record and the person, and what was planned is silenced with its reason."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from api.reminders import plans
from api.reminders.kinds import PlanState, PromptState, ReminderKind, Stopped
from api.reminders.models import PlanRow, PromptRow
from api.reminders.plans import OVERTAKEN, Whose
from api.reminders.schedule import Recurring
from api.reminders.wall import Pattern, instant_of
from api.reminders.wishes import Wish
from tests.api.reminders.conftest import EARLY, JOHN, Desk

NOW = datetime.fromisoformat(EARLY)
SOURCE = "MedicationRequest/1"


def _wish(*hours: int) -> Wish:
    pattern = Pattern(tuple(time(hour) for hour in hours), date(2027, 3, 8))
    return Wish(ReminderKind.DOSE, SOURCE, Recurring(pattern), {"medicine": "metformin"})


async def _plan(desk: Desk) -> PlanRow:
    async with desk.database.transaction() as session:
        return (await session.scalars(select(PlanRow))).one()


async def _prompt(desk: Desk) -> PromptRow:
    async with desk.database.transaction() as session:
        return (await session.scalars(select(PromptRow))).one()


async def test_plan_begins_with_the_first_time_that_is_still_to_come(desk: Desk) -> None:
    await desk.keep(_wish(8, 20), NOW + timedelta(hours=6))
    assert (await _plan(desk)).next_wall == datetime(2027, 3, 8, 20)  # noqa: DTZ001


async def test_same_wish_again_changes_nothing(desk: Desk) -> None:
    await desk.keep(_wish(8, 20), NOW)
    await desk.claim_all(NOW + timedelta(hours=4))
    before = await _plan(desk)
    await desk.keep(_wish(8, 20), NOW + timedelta(hours=5))
    after = await _plan(desk)
    assert (after.id, after.next_at) == (before.id, before.next_at)
    assert (await _prompt(desk)).state == PromptState.DUE


async def test_changed_times_silence_what_was_asked_by_the_old_ones(desk: Desk) -> None:
    await desk.keep(_wish(8), NOW)
    await desk.claim_all(NOW + timedelta(hours=4))
    await desk.keep(_wish(9), NOW + timedelta(hours=4))
    prompt = await _prompt(desk)
    assert (prompt.state, prompt.reason) == (PromptState.CLEARED, OVERTAKEN)
    assert (await _plan(desk)).next_wall == datetime(2027, 3, 8, 9)  # noqa: DTZ001


async def test_own_times_outlive_a_changed_prescription(desk: Desk) -> None:
    await desk.keep(_wish(7), NOW, is_own=True)
    await desk.keep(_wish(8, 20), NOW)
    assert (await _plan(desk)).schedule["times"] == ["07:00:00"]


async def test_stopped_medicine_silences_what_was_planned(desk: Desk) -> None:
    await desk.keep(_wish(8), NOW)
    await desk.claim_all(NOW + timedelta(hours=4))
    async with desk.database.transaction() as session:
        assert await plans.stop(session, desk.keyring, SOURCE, Stopped.MEDICINE_STOPPED, now=NOW)
        assert not await plans.stop(
            session, desk.keyring, SOURCE, Stopped.MEDICINE_STOPPED, now=NOW
        )
    plan, prompt = await _plan(desk), await _prompt(desk)
    assert (plan.state, plan.next_at) == (PlanState.STOPPED, None)
    assert (prompt.state, prompt.reason) == (PromptState.CLEARED, Stopped.MEDICINE_STOPPED)
    assert await desk.claim_all(NOW + timedelta(days=9)) == 0


async def test_move_west_keeps_the_next_wall_time(desk: Desk) -> None:
    await desk.keep(_wish(8, 20), NOW)
    await desk.claim_all(NOW + timedelta(hours=4))
    west = ZoneInfo("America/Los_Angeles")
    desk.whose = Whose(JOHN, desk.whose.conversation, west)
    # Nine in New York is six in Los Angeles: the morning's dose was asked about already.
    await desk.keep(_wish(8, 20), NOW + timedelta(hours=4))
    plan = await _plan(desk)
    evening = datetime(2027, 3, 8, 20)  # noqa: DTZ001
    assert (plan.next_wall, plan.next_at) == (evening, instant_of(evening, west))


async def test_plans_of_a_person_come_with_their_words(desk: Desk) -> None:
    await desk.keep(_wish(8), NOW)
    async with desk.database.transaction() as session:
        (plan,) = await plans.of_patient(session, desk.keyring, JOHN, ReminderKind.DOSE)
    assert plan.facts == {"medicine": "metformin"}
    assert (await _plan(desk)).facts_sealed.find(b"metformin") == -1
