"""Who is told of what, when; each step once, and none after somebody has taken it on."""

import asyncio

import pytest

from api.core.db import Database
from api.core.ids import EscalationId
from api.escalations import ladder, service
from api.escalations.kinds import EventKind, Outcome, Reason
from tests.api.escalations.conftest import DANA, NIGHT, NOW, Alarm

EVERYBODY = ["coordinator", "nurse", "nurse2", "oncall", "supervisor"]


async def test_in_hours_the_alert_climbs_every_five_minutes(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    await alarm.work()
    assert alarm.told == ["nurse"]
    await alarm.after(4.9)
    assert alarm.told == ["nurse"]
    await alarm.after(0.1)
    assert alarm.told == ["nurse", "nurse2"]
    await alarm.after(5)
    assert alarm.told == ["nurse", "nurse2", "oncall"]
    await alarm.after(5)
    assert sorted(alarm.told[3:]) == EVERYBODY
    await alarm.after(24 * 60)
    assert len(alarm.told) == 8


async def test_out_of_hours_it_starts_on_call(alarm: Alarm) -> None:
    alarm.clock.time = NIGHT
    await alarm.open(Reason.EMERGENCY)
    await alarm.work()
    assert alarm.told == ["oncall"]
    assert "you are the first" in alarm.mailer.taken[0].text
    await alarm.after(5)
    assert sorted(alarm.told[1:]) == EVERYBODY


@pytest.mark.parametrize("minutes", [0, 5, 10])
async def test_who_acknowledges_stops_it(alarm: Alarm, minutes: int) -> None:
    await alarm.open(Reason.CRISIS)
    await alarm.work()
    for _ in range(minutes // 5):
        await alarm.after(5)
    told = list(alarm.told)
    async with alarm.database.transaction() as session:
        assert await service.count_unacknowledged(session) == 1
        taken = await service.acknowledge(
            session, alarm.keyring, alarm.conversation, DANA, now=alarm.clock.time
        )
    assert taken == 1
    await alarm.after(60)
    assert alarm.told == told


async def test_alert_that_is_let_go_climbs_on_where_it_stopped(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    await alarm.work()
    for owner in (DANA, None):
        async with alarm.database.transaction() as session:
            await service.assign(
                session, alarm.keyring, alarm.conversation, owner, DANA, now=alarm.clock.time
            )
    await alarm.after(0)
    assert alarm.told == ["nurse", "nurse2"]
    await alarm.after(5)
    assert alarm.told == ["nurse", "nurse2", "oncall"]


async def test_resolving_stops_it_too(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    await alarm.work()
    async with alarm.database.transaction() as session:
        await service.resolve_all(
            session, alarm.keyring, alarm.conversation, now=NOW, by=DANA, outcome=Outcome.CALLED
        )
    await alarm.after(60)
    assert alarm.told == ["nurse"]


async def test_after_an_outage_all_that_was_due_is_told_at_once_and_in_order(
    alarm: Alarm,
) -> None:
    await alarm.open(Reason.CRISIS)
    await alarm.after(12)
    assert sorted(alarm.told) == ["nurse", "nurse2", "oncall"]
    assert await alarm.kinds() == ["opened", "told_primary", "told_backup", "told_on_call"]
    await alarm.after(3)
    assert sorted(alarm.told[3:]) == EVERYBODY


async def test_eight_workers_at_once_tell_nobody_twice(alarm: Alarm) -> None:
    opened = [await alarm.open(Reason.CRISIS, f"turn-{n}") for n in range(5)]
    alarm.clock.time = NOW.replace(minute=5)
    now = alarm.clock.time
    await asyncio.gather(
        *(ladder.climb(alarm.ladder, each, now=now) for each in opened for _ in range(8))
    )
    await asyncio.gather(*(alarm.work() for _ in range(8)))
    assert sorted(alarm.told) == ["nurse"] * 5 + ["nurse2"] * 5


async def test_a_step_that_fails_half_way_leaves_nothing_and_is_taken_again(
    alarm: Alarm, monkeypatch: pytest.MonkeyPatch
) -> None:
    escalation = await alarm.open(Reason.CRISIS)

    async def dies(*_: object, **__: object) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr(ladder, "record_event", dies)
        with pytest.raises(ConnectionResetError):
            await ladder.climb(alarm.ladder, escalation, now=NOW)
    assert await alarm.notices() == []
    assert await alarm.kinds() == [EventKind.OPENED]
    await alarm.work()
    assert alarm.told == ["nurse"]


async def test_each_step_is_in_the_history_and_the_audit(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    for minutes in (0, 5, 5, 5):
        await alarm.after(minutes)
    steps = ["primary", "backup", "on_call", "everybody"]
    assert await alarm.kinds() == ["opened", *(f"told_{step}" for step in steps)]
    agent = "service/ladder"
    assert await alarm.audited() == [(f"escalation:ladder:{step}", agent) for step in steps]


async def test_other_matters_are_mailed_to_coordinators_and_when_late_to_the_supervisor(
    alarm: Alarm,
) -> None:
    await alarm.open(Reason.ASKED_FOR_PERSON)
    await alarm.work()
    assert alarm.told == ["coordinator"]
    await alarm.after(239)
    assert alarm.told == ["coordinator"]
    await alarm.after(1)
    assert alarm.told == ["coordinator", "supervisor"]
    assert alarm.mailer.taken[1].subject == "Overdue: Somebody asked for a person"
    assert await alarm.kinds() == ["opened", "told_coordinators", "overdue"]
    await alarm.after(60 * 24)
    assert len(alarm.told) == 2


async def test_mail_says_what_how_urgent_since_when_and_where_and_nothing_else(
    alarm: Alarm,
) -> None:
    await alarm.open(Reason.CRISIS)
    await alarm.work()
    assert alarm.mailer.taken[0].subject == "SAFETY ALERT, please acknowledge: now"
    assert alarm.mailer.taken[0].text.splitlines() == [
        "Safety alert at Lakeside Clinic.",
        "Priority: Now",
        "Waiting since: Wed Mar 3, 10:00 AM EST",
        "To be acknowledged by: Wed Mar 3, 10:05 AM EST",
        "",
        "You are the first to be told.",
        "",
        "Open the conversation:",
        f"https://care.example/console/conversations/{alarm.conversation}",
    ]


async def test_an_escalation_that_is_gone_has_no_step(alarm: Alarm, database: Database) -> None:
    del database
    assert await ladder.climb(alarm.ladder, EscalationId("nobody"), now=NOW) == 0
