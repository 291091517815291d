"""The outbox: once, in order, and never blindly again."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from api.core.clock import real_now
from api.core.ids import ConversationId
from api.core.presence import Presence
from api.messaging import expectations, lanes, outbox, reports, unknown
from api.messaging.expectations import Expectation
from api.messaging.gate import Facts, Purpose, Refusal
from api.messaging.kinds import ExpectationKind, OutboundState
from api.messaging.models import DeliveryEventRow, OutboundRow
from integrations.ports.errors import Unreachable
from integrations.ports.sms import SmsState, StatusReport
from tests.api.messaging.conftest import NUMBER, Desk
from tests.support.fhir import NOW

LONG_AGO = timedelta(minutes=5)


async def test_messages_go_once_and_in_order_from_two_workers_at_once(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        await desk.write(text)
    await asyncio.gather(desk.deliver(), desk.deliver())
    assert [(each.to, each.text) for each in desk.sms.sent] == [
        (NUMBER, "one"),
        (NUMBER, "two"),
        (NUMBER, "three"),
    ]


async def test_our_own_id_is_in_the_status_callback(desk: Desk) -> None:
    id_ = await desk.write("one")
    await desk.deliver()
    assert desk.sms.sent[0].status_callback.endswith(f"?outbox={id_}")


async def test_a_lost_answer_is_asked_about_and_nothing_is_sent_twice(desk: Desk) -> None:
    desk.sms.loses_answers = True
    id_ = await desk.write("one")
    later = await desk.write("two")
    await desk.deliver()
    assert (await desk.row(id_)).state == OutboundState.UNKNOWN
    desk.sms.loses_answers = False
    await desk.deliver()
    assert (await desk.row(later)).state == OutboundState.READY  # order is kept meanwhile
    await desk.change(id_, posted_at=real_now() - LONG_AGO)
    await unknown.resolve_unknown(desk.outbox)
    await desk.deliver()
    assert [each.text for each in desk.sms.sent] == ["one", "two"]
    assert (await desk.row(id_)).state == OutboundState.SENT


async def test_a_message_leased_by_a_worker_that_died_is_taken_up(desk: Desk) -> None:
    id_ = await desk.write("one")
    await desk.change(id_, state=OutboundState.SENDING, lease_until=real_now() - LONG_AGO)
    async with desk.outbox.database.transaction() as session:
        waiting = await lanes.conversations_to_deliver(session, NOW)
    assert [each.conversation for each in waiting] == [desk.conversation]
    await desk.deliver()
    assert [each.text for each in desk.sms.sent] == ["one"]


async def test_what_a_worker_that_died_had_leased_is_taken_up_at_once(desk: Desk) -> None:
    id_ = await desk.write("one")
    worker = Presence(desk.outbox.database)
    await worker.start()
    leased = {"state": OutboundState.SENDING, "lease_until": real_now() + outbox.LEASE}
    await desk.change(id_, **leased, lease_holder=worker.number)
    assert await to_deliver(desk, lanes.ANSWERS) == []
    await desk.deliver()
    assert desk.sms.sent == []
    await worker.stop()
    assert await to_deliver(desk, lanes.ANSWERS) == [desk.conversation]
    await desk.deliver()
    assert [each.text for each in desk.sms.sent] == ["one"]


async def test_what_a_worker_that_died_had_posted_is_asked_about_and_not_sent_again(
    desk: Desk,
) -> None:
    desk.sms.loses_answers = True
    id_ = await desk.write("one")
    await desk.deliver()
    posted = {"lease_until": real_now() + outbox.LEASE, "posted_at": real_now() - LONG_AGO}
    await desk.change(id_, state=OutboundState.SENDING, lease_holder=1, **posted)
    await desk.deliver()
    await unknown.resolve_unknown(desk.outbox)
    assert (await desk.row(id_)).state == OutboundState.SENT
    assert len(desk.sms.sent) == 1


async def test_a_provider_that_is_down_is_tried_again_and_then_a_person_is_told(desk: Desk) -> None:
    desk.sms.is_down = True
    id_ = await desk.write("one")
    await desk.deliver()
    assert (await desk.row(id_)).state == OutboundState.READY
    assert desk.lost == []
    await desk.change(id_, retry_at=None, created_at=NOW - timedelta(hours=7))
    await desk.deliver()
    assert (await desk.row(id_)).state == OutboundState.FAILED
    assert [each.id for each in desk.lost] == [id_]


async def test_a_number_blocked_at_the_carrier_is_learnt(desk: Desk) -> None:
    desk.sms.blocked.add(NUMBER)
    id_ = await desk.write("one")
    await desk.deliver()
    assert (await desk.row(id_)).state == OutboundState.REFUSED
    assert desk.blocked == [id_]


async def test_reports_in_any_order_only_move_a_message_forward(desk: Desk) -> None:
    id_ = await desk.write("one")
    await desk.deliver()
    for state in (SmsState.DELIVERED, SmsState.SENT, SmsState.QUEUED):
        report = StatusReport(desk.sms.sent[0].id, state, None)
        async with desk.outbox.database.transaction() as session:
            await reports.receive_status(session, id_, report, now=NOW)
    assert (await desk.row(id_)).state == OutboundState.DELIVERED


async def test_a_report_on_a_message_that_is_not_ours_is_kept_and_harms_nothing(
    desk: Desk,
) -> None:
    report = StatusReport("SM" + "0" * 32, SmsState.FAILED, "30003")
    async with desk.outbox.database.transaction() as session:
        await reports.receive_status(session, "no-such-id", report, now=NOW)
        await reports.receive_status(session, None, report, now=NOW)
        kept = await session.scalars(select(DeliveryEventRow.outbound_id))
        assert kept.all() == [None, None]


async def test_what_cannot_be_judged_lets_what_is_behind_it_pass(desk: Desk) -> None:
    id_ = await desk.write("one")
    await desk.write("two")
    cannot_judge(desk, id_, Unreachable())
    await desk.deliver()
    assert [each.text for each in desk.sms.sent] == ["two"]
    row = await desk.row(id_)
    assert (row.state, row.not_before) == (OutboundState.HELD, NOW + outbox.JUDGED_AGAIN_AFTER)
    assert desk.lost == []


async def test_what_can_never_be_judged_is_given_up_and_a_person_is_told(desk: Desk) -> None:
    id_ = await desk.write("one")
    cannot_judge(desk, id_, KeyError("a broken row"))
    for _ in range(outbox.MOST_FAILURES):
        await desk.change(id_, not_before=None)
        await desk.deliver()
    row = await desk.row(id_)
    assert (row.state, row.reason) == (OutboundState.FAILED, "not_judged")
    assert [each.id for each in desk.lost] == [id_]


async def test_what_could_not_be_judged_until_it_was_too_late_is_refused(desk: Desk) -> None:
    id_ = await desk.write("one")
    await desk.change(id_, useful_until=NOW - timedelta(minutes=1))
    cannot_judge(desk, id_, Unreachable())
    await desk.deliver()
    row = await desk.row(id_)
    assert (row.state, row.reason) == (OutboundState.REFUSED, Refusal.TOO_LATE)


async def test_question_of_a_message_that_is_refused_was_never_asked(desk: Desk) -> None:
    id_ = await desk.write("Reply T taken")
    await desk.change(id_, useful_until=NOW - timedelta(minutes=1))
    wanted = Expectation(ExpectationKind.DOSE, NOW + timedelta(hours=12), ref="prompt")
    async with desk.outbox.database.transaction() as session:
        row = await session.get_one(OutboundRow, id_)
        conversation = ConversationId(row.thread_id)
        await expectations.expect(session, conversation, wanted, outbound_id=id_, now=NOW)
    cannot_judge(desk, id_, Unreachable())
    await desk.deliver()
    async with desk.outbox.database.transaction() as session:
        assert await expectations.open_at(session, conversation, NOW) == ()


async def test_no_answer_waits_for_what_nobody_asked_for(desk: Desk) -> None:
    reminders = [await desk.write(text, Purpose.REMINDER) for text in ("first", "second")]
    await desk.write("answer")
    await desk.change(reminders[0], state=OutboundState.UNKNOWN, posted_at=real_now())
    await desk.deliver()
    await outbox.deliver(desk.outbox, desk.conversation, lanes.UNASKED)
    assert [each.text for each in desk.sms.sent] == ["answer"]
    await desk.change(reminders[0], state=OutboundState.READY, posted_at=None)
    await outbox.deliver(desk.outbox, desk.conversation, lanes.UNASKED)
    assert [each.text for each in desk.sms.sent] == ["answer", "first", "second"]


async def test_answers_and_what_nobody_asked_for_are_found_apart_and_in_their_order(
    desk: Desk,
) -> None:
    other = await desk.opens("+12125550151")
    await desk.write("one", Purpose.REMINDER)
    await desk.write("two", Purpose.NOTICE, other)
    await desk.write("three", conversation=other)
    assert await to_deliver(desk, lanes.ANSWERS) == [other]
    assert await to_deliver(desk, lanes.UNASKED) == [desk.conversation, other]
    (first,) = await found(desk, lanes.UNASKED, limit=1)
    assert await to_deliver(desk, lanes.UNASKED, after=first.seq) == [other]


async def test_a_provider_that_is_away_is_asked_no_more_than_once_a_round(desk: Desk) -> None:
    ids = [await desk.write(str(number)) for number in range(3 * unknown.AT_ONCE)]
    for id_ in ids:
        await desk.change(id_, state=OutboundState.UNKNOWN, posted_at=real_now() - LONG_AGO)
    desk.sms.is_down = True
    await unknown.resolve_unknown(desk.outbox)
    assert 1 <= desk.sms.asked <= unknown.AT_ONCE
    desk.sms.is_down = False
    await unknown.resolve_unknown(desk.outbox)
    assert {(await desk.row(id_)).state for id_ in ids} == {OutboundState.READY}


async def found(desk: Desk, purposes: Collection[Purpose], **page: int) -> list[lanes.ToDeliver]:
    async with desk.outbox.database.transaction() as session:
        return await lanes.conversations_to_deliver(session, NOW, purposes, **page)


async def to_deliver(
    desk: Desk, purposes: Collection[Purpose], **page: int
) -> list[ConversationId]:
    return [each.conversation for each in await found(desk, purposes, **page)]


def cannot_judge(desk: Desk, id_: str, failure: Exception) -> None:
    """Looking up what the gate decides by fails for one message."""
    facts_of = desk.outbox.facts_of

    async def fails(row: OutboundRow) -> Facts:
        if row.id == id_:
            raise failure
        return await facts_of(row)

    desk.outbox = replace(desk.outbox, facts_of=fails)
