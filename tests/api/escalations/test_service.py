"""Taking on, handing over and resolving, and the FHIR Task that shows every state of it."""

from api.escalations import service
from api.escalations.kinds import EscalationState, Outcome, Reason
from api.staff.kinds import Member
from tests.api.escalations.conftest import DANA, NOAH, NOW, Alarm


def states(tasks: list[dict[str, object]]) -> list[tuple[object, object]]:
    return [(task["status"], standing(task)) for task in tasks]


def standing(task: dict[str, object]) -> object:
    business = task["businessStatus"]
    assert isinstance(business, dict)
    return business["coding"][0]["code"]


async def test_one_turn_opens_one_escalation(alarm: Alarm) -> None:
    first = await alarm.open(Reason.CRISIS)
    assert await alarm.open(Reason.CRISIS) == first
    async with alarm.database.transaction() as session:
        found = await service.open_in(session, alarm.conversation)
    assert [(each.id, each.turn, each.due_at - each.opened_at) for each in found] == [
        (first, "turn-1", found[0].due_at - NOW)
    ]
    assert await alarm.kinds() == ["opened"]


async def assign(alarm: Alarm, to: Member | None, by: Member = DANA) -> None:
    async with alarm.database.transaction() as session:
        await service.assign(session, alarm.keyring, alarm.conversation, to, by, now=NOW)


async def test_task_history_shows_every_state(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    for minutes in (0, 5):
        await alarm.after(minutes)
    async with alarm.database.transaction() as session:
        where = (session, alarm.keyring, alarm.conversation)
        await service.acknowledge(*where, DANA, now=NOW)
    await assign(alarm, DANA)
    await assign(alarm, DANA)  # twice is once
    await assign(alarm, NOAH)
    async with alarm.database.transaction() as session:
        where = (session, alarm.keyring, alarm.conversation)
        await service.set_aside(*where, NOAH, now=NOW)
        await service.resolve_all(*where, now=NOW, by=NOAH, outcome=Outcome.CALLED)
    tasks = await alarm.tasks()
    assert states(tasks) == [
        ("requested", "unassigned"),
        ("requested", "unassigned"),
        ("requested", "escalated"),
        ("accepted", "unassigned"),
        ("in-progress", "claimed"),
        ("in-progress", "claimed"),
        ("in-progress", "waiting"),
        ("completed", "waiting"),
    ]
    assert tasks[4]["owner"] == {
        "type": "Practitioner",
        "identifier": {"system": "https://careline.example/staff", "value": DANA.id},
        "display": "Dana Reed, RN",
    }
    assert tasks[-1]["statusReason"] == {
        "coding": [
            {
                "system": "https://careline.example/fhir/CodeSystem/escalation-outcome",
                "code": "called",
            }
        ],
        "text": "The patient was called.",
    }
    notes = tasks[-1]["note"]
    assert isinstance(notes, list)
    assert len(notes) == len(tasks)


async def test_a_conversation_given_back_is_released(alarm: Alarm) -> None:
    await alarm.open(Reason.NOT_SERVED)
    await assign(alarm, DANA)
    await assign(alarm, None)
    assert states(await alarm.tasks())[1:] == [
        ("in-progress", "claimed"),
        ("accepted", "unassigned"),
    ]
    await alarm.after(60 * 24)
    assert alarm.told == []


async def test_undoing_a_resolve_brings_back_what_it_resolved_only(alarm: Alarm) -> None:
    await alarm.open(Reason.NOT_SERVED, "turn-1")
    async with alarm.database.transaction() as session:
        where = (session, alarm.keyring, alarm.conversation)
        await service.resolve_all(*where, now=NOW)
    second = await alarm.open(Reason.CRISIS, "turn-2")
    later = NOW.replace(minute=30)
    async with alarm.database.transaction() as session:
        where = (session, alarm.keyring, alarm.conversation)
        await service.resolve_all(*where, now=later, by=DANA)
        assert await service.open_in(session, alarm.conversation) == []
        assert await service.reopen_all(*where, DANA, resolved_at=later, now=later) == 1
        found = await service.open_in(session, alarm.conversation)
    assert [(each.id, each.state) for each in found] == [(second, EscalationState.ACKNOWLEDGED)]
    await alarm.after(60)
    assert alarm.told == []


async def test_acts_of_staff_are_audited_under_their_name(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    async with alarm.database.transaction() as session:
        where = (session, alarm.keyring, alarm.conversation)
        assert await service.acknowledge(*where, DANA, now=NOW) == 1
        assert await service.acknowledge(*where, NOAH, now=NOW) == 0
        await service.resolve_all(*where, now=NOW)
    assert await alarm.audited() == [
        ("escalation:crisis:acknowledge", "staff/staff-dana"),
        ("escalation:crisis:resolve", "service/escalations"),
    ]
