"""The queue: its order, its views, its pages, and what a console hears that was away."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.conversations import queue, takeover
from api.conversations.queue import InvalidCursor, Page, View
from api.conversations.takeover import Words
from api.core.ids import ConversationId, new_id
from api.escalations.kinds import Outcome, Priority, Reason
from api.messaging.kinds import Channel
from tests.api.conversations.conftest import DANA, NOAH, Floor, Talk


async def read(
    floor: Floor, view: View = View.ALL, *, after: str | None = None, limit: int = 50
) -> Page:
    keyring = floor.line.keyring
    async with floor.line.database.transaction() as session:
        return await queue.page(session, keyring, view, member=DANA.id, after=after, limit=limit)


async def row_of(talk: Talk) -> queue.Row | None:
    async with talk.line.database.transaction() as session:
        return await queue.row_of(session, talk.line.keyring, talk.id)


def ids(page: Page) -> list[ConversationId]:
    return [row.conversation for row in page.rows]


async def test_safety_comes_first_then_priority_then_who_has_waited(floor: Floor) -> None:
    asked_early, asked_late, crisis, refill = [await floor.opens() for _ in range(4)]
    await asked_early.patient_writes("PERSON")
    floor.clock.time += timedelta(minutes=5)
    await asked_late.patient_writes("PERSON")
    await refill.patient_writes("hello")
    await crisis.patient_writes("i want to kill myself")
    page = await read(floor)
    assert ids(page) == [crisis.id, asked_early.id, asked_late.id]
    assert [row.priority for row in page.rows] == [
        Priority.STAT, Priority.ROUTINE, Priority.ROUTINE,
    ]  # fmt: skip
    assert page.rows[0].reason is Reason.CRISIS
    assert page.rows[0].last == "i want to kill myself"


async def test_each_view_shows_and_counts_its_own(floor: Floor) -> None:
    mine, his, nobodys, asleep = [await floor.opens() for _ in range(4)]
    await takeover.claim(floor.line, mine.id, by=DANA)
    await takeover.claim(floor.line, his.id, by=NOAH)
    await nobodys.patient_writes("PERSON")
    await takeover.claim(floor.line, asleep.id, by=DANA)
    await takeover.snooze(floor.line, asleep.id, until=None, by=DANA)
    assert ids(await read(floor, View.MINE)) == [mine.id]
    assert ids(await read(floor, View.UNASSIGNED)) == [nobodys.id]
    assert set(ids(await read(floor, View.ALL))) == {mine.id, his.id, nobodys.id}
    page = await read(floor, View.SNOOZED)
    assert ids(page) == [asleep.id]
    assert page.counts == {View.MINE: 1, View.UNASSIGNED: 1, View.ALL: 3, View.SNOOZED: 1}


async def test_pages_follow_each_other_without_gap_or_repeat(floor: Floor) -> None:
    for _ in range(7):
        await (await floor.opens()).patient_writes("PERSON")
        floor.clock.time += timedelta(seconds=1)
    seen: list[ConversationId] = []
    after: str | None = None
    while True:
        page = await read(floor, after=after, limit=3)
        seen += ids(page)
        after = page.more
        if after is None:
            break
    assert seen == floor.opened


async def test_a_page_that_was_never_given_is_refused(floor: Floor) -> None:
    at = "2027-03-03T15:00:00"
    lies = ("", "x", "0~yesterday~id", "~~~")
    for cursor in (*lies, f"0~{at}~id", f"0~{at}+00:00~a\0b", f"{9**30}~{at}+00:00~id"):
        with pytest.raises(InvalidCursor):
            await read(floor, after=cursor)


async def test_a_row_says_who_and_how_much_is_unread(floor: Floor) -> None:
    talk = await floor.opens(Channel.WEB)
    await talk.patient_writes("PERSON")
    await talk.patient_writes("my name is on the form" + "!" * 200)
    row = await row_of(talk)
    assert row is not None
    assert (row.name, row.unread, row.assignee) == (None, 2, None)
    assert row.last is not None
    assert len(row.last) == 140
    await takeover.claim(floor.line, talk.id, by=DANA)
    await takeover.mark_read(floor.line, talk.id, position=row.position, by=DANA)
    row = await row_of(talk)
    assert row is not None
    assert (row.unread, row.assignee, row.assignee_id) == (0, DANA.name, DANA.id)


async def test_who_waits_since_when_is_known_until_a_person_answers(floor: Floor) -> None:
    talk = await floor.opens()
    began = await floor.clock.now()
    await talk.patient_writes("PERSON")
    floor.clock.time += timedelta(minutes=3)
    await talk.patient_writes("hello?")
    row = await row_of(talk)
    assert row is not None
    assert row.waiting_since == began
    words = Words(id=new_id(), text="Here I am.", seen=row.position)
    await takeover.reply(floor.line, talk.id, words, by=DANA)
    row = await row_of(talk)
    assert row is not None
    assert row.waiting_since is None


async def test_what_the_assistant_answers_waits_for_nobody(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("hello")
    assert (await talk.row()).waiting_since is None
    assert await row_of(talk) is None


async def test_what_is_resolved_leaves_the_queue(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("PERSON")
    await takeover.resolve(floor.line, talk.id, outcome=Outcome.ANSWERED, by=DANA)
    assert await row_of(talk) is None
    assert ids(await read(floor)) == []


async def test_a_console_that_was_away_hears_what_changed(floor: Floor) -> None:
    talk = await floor.opens()
    async with floor.line.database.transaction() as session:
        seen = await queue.last_change(session)
    await talk.patient_writes("PERSON")
    await takeover.claim(floor.line, talk.id, by=DANA)
    async with floor.line.database.transaction() as session:
        changes = await queue.changes(session, seen)
        assert [each.conversation for each in changes] == [talk.id, talk.id]
        assert await queue.changes(session, changes[-1].seq) == []
        assert await queue.last_change(session) == changes[-1].seq


async def test_numbers_of_changes_come_in_the_order_of_commits(floor: Floor) -> None:
    """A reader that resumes behind the highest number it saw has missed none below it."""
    talks = [await floor.opens() for _ in range(12)]
    heard: list[int] = []
    done = asyncio.Event()

    async def listens() -> None:
        while not done.is_set():
            async with floor.line.database.transaction() as session:
                found = await queue.changes(session, heard[-1] if heard else 0)
            heard.extend(each.seq for each in found)
            await asyncio.sleep(0)

    ear = asyncio.create_task(listens())
    await asyncio.gather(*(takeover.claim(floor.line, each.id, by=DANA) for each in talks))
    await asyncio.gather(*(takeover.release(floor.line, each.id, by=DANA) for each in talks))
    done.set()
    await ear
    async with floor.line.database.transaction() as session:
        rest = await queue.changes(session, heard[-1] if heard else 0)
        stored = await session.scalars(text("SELECT id FROM inbox_event ORDER BY id"))
        assert heard + [each.seq for each in rest] == list(stored)
