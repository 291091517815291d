"""A mail goes out once where the server answers, and until it has it where it does not."""

from datetime import timedelta

from api.core.clock import real_now
from api.escalations import service
from api.escalations.kinds import NoticeState, Reason
from api.escalations.models import StaffNoticeRow
from api.staff.kinds import Member
from tests.api.escalations.conftest import DANA, NOW, Alarm


async def test_a_server_that_is_away_gets_the_mail_when_it_is_back(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    alarm.mailer.is_down = True
    await alarm.work()
    row = (await alarm.notices())[0]
    assert (row.state, row.tries) == (NoticeState.READY, 1)
    assert row.retry_at is not None
    alarm.mailer.is_down = False
    await alarm.work()
    assert alarm.told == []  # it backs off by real time
    await alarm.retry_now()
    await alarm.work()
    await alarm.work()
    assert alarm.told == ["nurse"]
    assert (await alarm.notices())[0].state == NoticeState.SENT


async def test_back_off_grows_and_stays_at_a_minute(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    alarm.mailer.is_down = True
    waits: list[int] = []
    for _ in range(8):
        await alarm.retry_now()
        before = real_now()
        await alarm.work()
        retry_at = (await alarm.notices())[0].retry_at
        assert retry_at is not None
        waits.append(int((retry_at - before).total_seconds()))
    assert waits == [1, 2, 5, 15, 30, 60, 60, 60]


async def test_a_mail_of_unknown_fate_goes_again_under_the_same_id(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    alarm.mailer.loses_answers = True
    await alarm.work()
    alarm.mailer.loses_answers = False
    await alarm.retry_now()
    await alarm.work()
    assert alarm.told == ["nurse", "nurse"]
    assert len({mail.id for mail in alarm.mailer.taken}) == 1


async def test_who_died_while_sending_leaves_the_mail_to_the_next_one(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    alarm.mailer.is_down = True
    await alarm.work()
    await set_lease(alarm, ends_in=timedelta(minutes=1))
    alarm.mailer.is_down = False
    await alarm.work()
    assert alarm.told == []
    await set_lease(alarm, ends_in=timedelta(seconds=-1))
    await alarm.work()
    assert alarm.told == ["nurse"]


async def set_lease(alarm: Alarm, *, ends_in: timedelta) -> None:
    async with alarm.database.transaction() as session:
        row = await session.get_one(StaffNoticeRow, (await alarm.notices())[0].id)
        row.state, row.retry_at = NoticeState.SENDING, None
        row.lease_until = real_now() + ends_in


async def test_a_refused_address_is_in_the_history_and_the_ladder_goes_on(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    alarm.mailer.refused = {"nurse@careline.example"}
    await alarm.work()
    await alarm.work()
    assert (await alarm.notices())[0].state == NoticeState.REFUSED
    async with alarm.database.transaction() as session:
        events = await service.history(session, alarm.conversation)
    assert [(e.kind, e.detail) for e in events][-1] == ("mail_refused", "primary.550")
    await alarm.after(5)
    assert alarm.told == ["nurse2"]


async def test_what_somebody_took_on_meanwhile_is_not_mailed_any_more(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    alarm.mailer.is_down = True
    await alarm.work()
    async with alarm.database.transaction() as session:
        await service.acknowledge(session, alarm.keyring, alarm.conversation, DANA, now=NOW)
    alarm.mailer.is_down = False
    await alarm.retry_now()
    await alarm.work()
    assert alarm.told == []
    assert (await alarm.notices())[0].state == NoticeState.MOOT


async def test_alert_let_go_after_its_last_step_is_mailed_to_whom_it_was_not(alarm: Alarm) -> None:
    await alarm.open(Reason.CRISIS)
    alarm.mailer.is_down = True
    await alarm.after(16)  # everybody's mails are written, and none has gone
    await _assigned(alarm, DANA)
    alarm.mailer.is_down = False
    await alarm.retry_now()
    await alarm.work()
    assert alarm.told == []
    await _assigned(alarm, None)
    await alarm.work()
    assert {"coordinator", "supervisor", "nurse2", "oncall"} <= set(alarm.told)


async def _assigned(alarm: Alarm, to: Member | None) -> None:
    async with alarm.database.transaction() as session:
        where = (session, alarm.keyring, alarm.conversation)
        await service.assign(*where, to, DANA, now=NOW)
