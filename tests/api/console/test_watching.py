"""Whoever reads a conversation leaves a record of it, whichever address they read it by."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import update

from api.console import stream
from api.console.routes import desk_of
from api.console.showing import Looking
from api.console.stream import Stream, Wanted
from api.conversations.queue import View
from api.core.ids import ConversationId
from api.main import console_of
from api.staff import accounts, sessions
from api.staff.kinds import Role
from api.staff.models import MemberRow
from api.widget.sessions import conversation_of_session
from tests.api.console.conftest import COOKIE, House, email_of

READS = ["conversation:transcript:read", "conversation:packet:read"]
PART = {"HX-Request": "true"}


@pytest.fixture
async def chat(house: House) -> ConversationId:
    """A chat that nobody of the team has opened."""
    opening = {"clinic": "lakeside", "language": "en"}
    opened = await house.browser().post("/chat/sessions", json=opening)
    async with house.ports.database.transaction() as session:
        found = await conversation_of_session(session, opened.json()["session"])
    assert found is not None
    return found


async def reads(house: House) -> list[str]:
    return [tag for tag in await house.audited() if tag in READS]


async def watched(
    house: House, client: httpx.AsyncClient, chat: ConversationId, look: str = ""
) -> AsyncIterator[str]:
    """What the stream of a page sends, event by event."""
    token = client.cookies.get(COOKIE) or ""
    session = await sessions.peek(house.ports.staff, token)
    at = Looking(
        session, "203.0.113.7", View.ALL, await house.ports.line.clock.now(), is_part=False
    )
    page = Stream(desk_of(console_of(house.ports)), at, Wanted(token, chat, 0, look))
    async for event in page.events():
        yield f"{event.event}: {event.raw_data}"


async def first_of(house: House, client: httpx.AsyncClient, chat: ConversationId, look: str) -> str:
    """The open conversation as the stream shows it first."""
    async for event in watched(house, client, chat, look):
        if 'id="log' in event:
            return event
    raise AssertionError


async def test_stream_goes_on_with_the_look_of_its_page_and_else_is_recorded_as_one(
    house: House, chat: ConversationId
) -> None:
    nurse, colleague = await house.signed_in(Role.NURSE), await house.signed_in(Role.COORDINATOR)
    page = await nurse.get(f"/console/conversations/{chat}")
    (look,) = re.findall(r"look=([0-9a-f]+)", page.text)
    assert await reads(house) == READS
    await first_of(house, nurse, chat, look)
    assert await reads(house) == READS
    await first_of(house, colleague, chat, look)
    assert await reads(house) == READS * 2, "somebody else's page is no look of theirs"
    await first_of(house, nurse, chat, look="")
    assert await reads(house) == READS * 3


async def test_what_else_shows_a_conversation_is_recorded_also_where_an_act_does_nothing(
    house: House, chat: ConversationId
) -> None:
    nurse, here = await house.signed_in(Role.NURSE), f"/console/conversations/{chat}"
    for_ever = {"until": "at", "at": "9999-12-31T23:59"}
    acts = {"give-back": {}, "reopen": {}, "assign": {"to": "nobody"}, "snooze": for_ever}
    for act, form in acts.items():
        answer = await nurse.post(f"{here}/{act}", data=form, headers=PART)
        assert 'id="log' in answer.text, act
        assert answer.status_code in {200, 422}, act
    assert await reads(house) == READS * 4
    assert (await nurse.get(f"{here}/patient")).status_code == 200
    assert await reads(house) == READS * 5


async def test_stream_ends_when_somebody_gets_another_role(
    house: House, chat: ConversationId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PULSE_S", 0.0)
    seen = watched(house, await house.signed_in(Role.NURSE), chat)
    assert (await anext(seen)).startswith("pulse")
    async with house.ports.database.transaction() as session:
        theirs = update(MemberRow).where(MemberRow.email == email_of(Role.NURSE))
        await session.execute(theirs.values(role=Role.AUDITOR))
    assert [event async for event in seen][-1] == "over: /console"


async def test_auditor_finds_who_has_left_and_leaves_a_record_of_every_question(
    house: House,
) -> None:
    nurse, auditor = await house.signed_in(Role.NURSE), await house.signed_in(Role.AUDITOR)
    await nurse.post("/console/logout")
    async with house.ports.database.transaction() as session:
        gone = await accounts.disable(
            session, house.ports.staff, email_of(Role.NURSE), by="cli-root"
        )
    page = await auditor.get(f"/console/audit?member={gone.id}")
    assert "staff:session:sign-out" in page.text
    assert page.text.count(gone.name) > 1, "named in the list of staff and beside the act"
    await auditor.get("/console/audit?mrn=9999")
    assert (await house.audited()).count("audit:console:read") == 2
