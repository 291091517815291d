"""One reader for all open chats: nothing lost or twice, and no stream outlives its session."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import event

from api.conversations.kinds import Owner
from api.conversations.transcript import Said
from api.core.crypto import SealBroken
from api.widget import sessions, streams
from api.widget.sessions import Opened
from api.widget.streams import Again, Attended, News
from tests.api.widget.conftest import Site


async def taken(feed: AsyncIterator[News], count: int) -> list[News]:
    """The next so many; a feed that gives fewer hangs the test, and time is up."""
    async with asyncio.timeout(20):
        return [await anext(feed) for _ in range(count)]


async def rest_of(feed: AsyncIterator[News]) -> list[News]:
    async with asyncio.timeout(20):
        return [each async for each in feed]


def texts(news: list[News]) -> list[str]:
    return [each.rendered.text for each in news if isinstance(each, Said)]


async def followed(site: Site, opened: Opened, position: int = 1) -> AsyncIterator[News]:
    """A page that has read the greeting; it has just been told who answers."""
    feed = site.streams.follow(await site.visit(opened), position)
    (attended,) = await taken(feed, 1)
    assert attended == Attended(Owner.BOT, None, is_open=True)
    return feed


async def test_backlog_comes_first_and_then_who_answers(site: Site) -> None:
    opened = await site.open()
    feed = site.streams.follow(await site.visit(opened), 0)
    first, second = await taken(feed, 2)
    assert isinstance(first, Said)
    assert first.position == 1
    assert isinstance(second, Attended)


async def test_every_page_of_a_session_gets_every_message(site: Site) -> None:
    opened = await site.open()
    pages = [await followed(site, opened), await followed(site, await site.open(opened.resume))]
    visit = await site.visit(opened)
    await site.say(visit.conversation, "one", "two")
    for page in pages:
        assert texts(await taken(page, 2)) == ["one", "two"]


async def test_no_message_reaches_another_chat(site: Site) -> None:
    mine, other = await site.open(), await site.open()
    feed, foreign = await followed(site, mine), await followed(site, other)
    await site.say((await site.visit(other)).conversation, "theirs")
    assert texts(await taken(foreign, 1)) == ["theirs"]
    await site.say((await site.visit(mine)).conversation, "mine")
    assert texts(await taken(feed, 1)) == ["mine"]


async def test_what_was_hidden_comes_from_the_beginning_once_it_is_shown(site: Site) -> None:
    opened = await site.open()
    conversation = (await site.visit(opened)).conversation
    await site.say(conversation, "before")
    await site.change(opened, hidden_to=2)
    feed = await followed(site, opened, 0)
    await site.say(conversation, "after")
    assert texts(await taken(feed, 1)) == ["after"]
    await site.change(opened, hidden_to=0)
    await site.say(conversation, "shown")
    (again, *said) = await taken(feed, 6)
    assert isinstance(again, Again)
    assert texts(said)[1:] == ["before", "after", "shown"]
    assert isinstance(said[-1], Attended)


async def test_more_than_one_read_holds_comes_in_order(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_READ", 3)
    pages = [await site.open() for _ in range(3)]
    for page in pages:
        said = [f"{page.session} {n}" for n in range(7)]
        await site.say((await site.visit(page)).conversation, *said)
    for page in pages:
        feed = site.streams.follow(await site.visit(page), 1)
        assert texts(await taken(feed, 8)) == [f"{page.session} {n}" for n in range(7)]


async def test_person_who_takes_over_is_named(site: Site) -> None:
    opened = await site.open()
    feed = await followed(site, opened)
    await site.change(opened, owner=Owner.HUMAN, assignee_name="Dana Reed, RN")
    await site.say((await site.visit(opened)).conversation, "joined")
    said, attended = await taken(feed, 2)
    assert isinstance(said, Said)
    assert attended == Attended(Owner.HUMAN, "Dana Reed, RN", is_open=True)


async def test_lost_announcement_costs_one_look_and_no_message(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOK_AGAIN_S", 0.05)
    opened = await site.open()
    await site.ports.announcements.stop()
    feed = await followed(site, opened)
    await site.say((await site.visit(opened)).conversation, "unheard")
    assert texts(await taken(feed, 1)) == ["unheard"]


async def test_stream_ends_when_its_session_idles_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "LOOK_AGAIN_S", 0.05)
    feed = await followed(site, await site.open())
    site.later(15)
    assert await rest_of(feed) == []


async def test_streams_end_at_once_when_the_session_is_ended(site: Site) -> None:
    opened = await site.open()
    pages = [await followed(site, opened), await followed(site, await site.open(opened.resume))]
    await sessions.end(site.line, await site.visit(opened))
    for page in pages:
        assert await rest_of(page) == []


async def test_nothing_that_is_said_after_the_end_is_given(site: Site) -> None:
    opened = await site.open()
    visit = await site.visit(opened)
    await sessions.end(site.line, visit)
    feed = site.streams.follow(visit, 0)
    assert await rest_of(feed) == []


async def test_chat_whose_words_cannot_be_opened_keeps_no_other_from_its_own(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = await site.open(), await site.open()
    conversations = [(await site.visit(each)).conversation for each in (broken, whole)]
    await site.say(conversations[0], "lost")
    keyring = site.line.keyring
    await site.say(conversations[1], "kept")
    unseal = keyring.unseal

    async def opens_one(sealed: bytes, *, owner: str, place: object) -> str:
        if owner.endswith(conversations[0]):
            raise SealBroken
        return await unseal(sealed, owner=owner, place=place)  # type: ignore[arg-type]

    monkeypatch.setattr(keyring, "unseal", opens_one)
    feeds = [site.streams.follow(await site.visit(each), 1) for each in (broken, whole)]
    lost, kept = await asyncio.gather(rest_of(feeds[0]), taken(feeds[1], 1))
    assert lost == []
    assert texts(kept) == ["kept"]


async def test_many_open_chats_are_looked_at_in_a_handful_of_queries(site: Site) -> None:
    pages = [await site.open() for _ in range(30)]
    feeds = [site.streams.follow(await site.visit(each), 0) for each in pages]
    asked: list[str] = []
    engine = site.line.database.engine.sync_engine

    def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        for news in await asyncio.gather(*[taken(feed, 2) for feed in feeds]):
            assert len(texts(news)) == 1
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert 0 < len(asked) <= 9


async def test_reader_ends_with_the_last_page(site: Site) -> None:
    feed = await followed(site, await site.open())
    named = {task.get_name() for task in asyncio.all_tasks() if "_read_for_ever" in repr(task)}
    assert len(named) == 1
    await feed.aclose()  # type: ignore[attr-defined]
    await asyncio.sleep(0)
    assert not [each for each in asyncio.all_tasks() if "_read_for_ever" in repr(each)]
