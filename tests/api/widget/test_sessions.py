"""Sessions are come back to, confirmed, idled out and ended; nobody reads another person's chat."""

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from api.audit.models import AuditRow
from api.conversations.kinds import Owner, Speaker, State
from api.conversations.models import ConversationRow
from api.core.clock import real_now
from api.core.language import Language
from api.widget import service, sessions
from api.widget.limits import Limits, Rates
from api.widget.models import ChatSessionRow, ChatTokenRow
from api.widget.service import Chat
from api.widget.sessions import (
    ConfirmFirst,
    NotConfirmed,
    Opened,
    SessionIdle,
    SessionOver,
    Standing,
    UnknownClinic,
    Wanted,
)
from tests.api.widget.conftest import Site
from tests.support.fhir import NOW, a_patient
from tests.support.gateway import made

BORN, WRONG = date(1979, 3, 9), date(1979, 3, 8)
ELSEWHERE = "198.51.100.9"
limits = Limits(Rates("9/minute", "9/minute", "9/minute"))


async def rested(site: Site) -> tuple[Opened, Opened]:
    """A chat of a known patient, and the page that comes back to it after it was still."""
    first = await site.open()
    await site.identify(first)
    site.later(15)
    return first, await site.open(first.resume)


async def tags(site: Site) -> list[tuple[str, str | None]]:
    async with site.line.database.transaction() as session:
        found = await session.execute(
            select(AuditRow.tag, AuditRow.patient_id)
            .where(AuditRow.tag.like("chat:%"))
            .order_by(AuditRow.id)
        )
        return [(tag, patient) for tag, patient in found]


async def test_new_session_greets_and_opens_its_conversation(site: Site) -> None:
    opened = await site.open()
    assert opened.standing is Standing.NEW
    assert opened.expires_at > real_now() + timedelta(hours=11)
    (greeting,) = await site.transcript(opened)
    assert "automated, not a nurse" in greeting.rendered.text
    assert "call 911" in greeting.rendered.text
    assert "Monday to Friday" in greeting.rendered.text


async def test_only_hashes_are_kept(site: Site) -> None:
    opened = await site.open()
    async with site.line.database.transaction() as session:
        row = await session.get_one(ChatSessionRow, opened.session)
        token = await session.scalar(select(ChatTokenRow.token_hash))
    assert row.resume_hash == sessions.hash_of(opened.resume) != opened.resume.encode()
    assert token == sessions.hash_of(opened.token) != opened.token.encode()


async def test_unknown_clinic_has_no_chat(site: Site) -> None:
    with pytest.raises(UnknownClinic):
        await sessions.open_session(site.line, Wanted("elsewhere", Language.EN))


async def test_page_that_comes_back_in_time_is_in_the_same_chat(site: Site) -> None:
    first = await site.open()
    site.later(14.9)
    second = await site.open(first.resume)
    assert (second.standing, second.session) == (Standing.RESUMED, first.session)
    assert second.token != first.token
    assert second.resume == first.resume
    assert await site.transcript(second) == await site.transcript(first)


async def test_coming_back_counts_as_a_sign_of_life(site: Site) -> None:
    first = await site.open()
    site.later(14)
    await site.open(first.resume)
    site.later(14)
    assert (await site.visit(first)).session == first.session


async def test_still_session_rests_after_a_quarter_of_an_hour(site: Site) -> None:
    opened = await site.open()
    site.later(14.99)
    visit = await site.visit(opened)
    site.later(0.01)
    with pytest.raises(SessionIdle):
        await site.visit(opened)
    site.later(-1)
    await sessions.stay(site.line, visit)
    site.later(14)
    assert await site.visit(opened) == visit


async def test_unknown_visitor_who_was_away_gets_a_new_chat(site: Site) -> None:
    first = await site.open()
    site.later(15)
    second = await site.open(first.resume)
    assert second.standing is Standing.NEW
    assert second.session != first.session
    assert second.resume != first.resume


async def test_key_that_a_script_of_the_site_carried_off_opens_no_chat(site: Site) -> None:
    first = await site.open()
    thief = await site.open(first.resume, network=ELSEWHERE)
    assert thief.standing is Standing.NEW
    assert thief.session != first.session
    await site.identify(first)
    thief = await site.open(first.resume, network=ELSEWHERE)
    assert thief.standing is Standing.CONFIRM
    with pytest.raises(ConfirmFirst):
        await site.visit(thief)
    assert (await site.open(first.resume)).standing is Standing.RESUMED


async def test_key_that_was_put_into_the_site_leads_nobody_into_a_strangers_chat(
    site: Site,
) -> None:
    strangers = await site.open(network=ELSEWHERE)
    patients = await site.open(strangers.resume)
    assert patients.session != strangers.session


async def test_patient_who_changed_networks_goes_on_there_by_the_birth_date(site: Site) -> None:
    first = await site.open()
    await site.identify(first)
    moved = await site.open(first.resume, network=ELSEWHERE)
    await sessions.confirm(site.line, moved.token, BORN, network=ELSEWHERE)
    assert (await site.visit(moved)).session == first.session
    again = await site.open(first.resume, network=ELSEWHERE)
    assert again.standing is Standing.RESUMED
    assert (await site.open(first.resume)).standing is Standing.CONFIRM


@pytest.mark.parametrize("resume", ["invented", "' OR 1=1 --", "é" * 40, "\ud800"])
async def test_forged_resume_opens_a_new_chat(site: Site, resume: str) -> None:
    first = await site.open()
    second = await site.open(resume)
    assert second.standing is Standing.NEW
    assert second.session != first.session


async def test_known_patients_chat_opens_to_nobody_before_the_birth_date(site: Site) -> None:
    _, back = await rested(site)
    assert back.standing is Standing.CONFIRM
    with pytest.raises(ConfirmFirst):
        await site.visit(back)


async def test_right_birth_date_opens_the_chat_again(site: Site) -> None:
    first, back = await rested(site)
    await sessions.confirm(site.line, back.token, BORN)
    visit = await site.visit(back)
    assert visit.session == first.session
    await sessions.confirm(site.line, back.token, BORN)  # sent twice
    (audited,) = await tags(site)
    assert audited[0] == "chat:session:confirm"
    assert audited[1] is not None


async def test_who_was_confirmed_is_not_asked_again_who_they_are(site: Site) -> None:
    first, back = await rested(site)
    await sessions.confirm(site.line, back.token, BORN)
    async with site.line.database.transaction() as session:
        row = await session.get_one(ConversationRow, (await site.visit(back)).conversation)
    assert row.verified_at == site.clock.time > NOW
    assert first.session == back.session


async def test_birth_date_alone_shows_nothing_that_was_said_before(site: Site) -> None:
    first = await site.open()
    await site.identify(first)
    chat, before = Chat(site.line, limits, site.streams), await site.visit(first)
    await site.say(before.conversation, "You take metformin.")
    site.later(15)
    back = await site.open(first.resume)
    await sessions.confirm(site.line, back.token, BORN)
    visit = await site.visit(back)
    for position in (0, 1):
        (offer,) = await service.messages_after(chat, visit.conversation, position)
        assert "ending in 01" in offer.rendered.text
    await site.change(back, hidden_to=0)
    shown = await service.messages_after(chat, visit.conversation, 0)
    assert [each.position for each in shown] == [1, 2, 3]


async def test_birth_date_sent_twice_at_once_is_answered_once(site: Site) -> None:
    _, back = await rested(site)
    await asyncio.gather(*[sessions.confirm(site.line, back.token, BORN) for _ in range(4)])
    assert [each.position for each in await site.transcript(back)] == [1, 2]
    assert len(await tags(site)) == 1


async def test_who_has_no_mobile_on_file_goes_on_by_the_birth_date(site: Site) -> None:
    first = await site.open()
    patient = await made(
        site.ports.gateway, a_patient(telecom=[{"system": "email", "value": "s@careline.example"}])
    )
    await site.change(first, patient_id=patient, verified_at=NOW)
    site.later(15)
    back = await site.open(first.resume)
    await sessions.confirm(site.line, back.token, BORN)
    assert [each.position for each in await site.transcript(back)] == [1]


async def test_while_a_person_has_the_chat_nothing_is_asked_and_nothing_is_shown(
    site: Site,
) -> None:
    first = await site.open()
    await site.identify(first)
    await site.change(first, owner=Owner.HUMAN, state=State.OPEN)
    site.later(15)
    back = await site.open(first.resume)
    await sessions.confirm(site.line, back.token, BORN)
    chat, visit = Chat(site.line, limits, site.streams), await site.visit(back)
    (note,) = await service.messages_after(chat, visit.conversation, 0)
    assert (note.speaker, note.rendered.choices) == (Speaker.SYSTEM, ())


async def test_pages_left_open_are_shut_when_somebody_confirms_elsewhere(site: Site) -> None:
    first, back = await rested(site)
    other = await site.open(first.resume)
    await sessions.confirm(site.line, back.token, BORN)
    for shut in (first, other):
        with pytest.raises(SessionOver):
            await site.visit(shut)
    assert (await site.open(first.resume)).standing is Standing.RESUMED


async def test_wrong_birth_date_tells_nothing_and_is_audited(site: Site) -> None:
    _, back = await rested(site)
    with pytest.raises(NotConfirmed) as refusal:
        await sessions.confirm(site.line, back.token, WRONG)
    assert "1979" not in refusal.value.sentence
    with pytest.raises(ConfirmFirst):
        await site.visit(back)
    assert [tag for tag, _ in await tags(site)] == ["chat:session:refuse"]


async def test_third_wrong_birth_date_ends_the_session_for_good(site: Site) -> None:
    first, back = await rested(site)
    for _ in range(2):
        with pytest.raises(NotConfirmed):
            await sessions.confirm(site.line, back.token, WRONG)
    again = await site.open(first.resume)  # another page is no way to more tries
    with pytest.raises(SessionOver):
        await sessions.confirm(site.line, again.token, WRONG)
    for token in (back.token, again.token, first.token):
        with pytest.raises(SessionOver):
            await sessions.confirm(site.line, token, BORN)
    assert (await site.open(first.resume)).standing is Standing.NEW
    assert len(await tags(site)) == 3


async def test_tries_at_the_same_time_are_all_counted(site: Site) -> None:
    first, back = await rested(site)
    pages = [back, *[await site.open(first.resume) for _ in range(5)]]
    tried = await asyncio.gather(
        *[sessions.confirm(site.line, page.token, WRONG) for page in pages],
        return_exceptions=True,
    )
    assert sum(isinstance(each, NotConfirmed) for each in tried) == 2
    assert sum(isinstance(each, SessionOver) for each in tried) == 4


async def test_wrong_tries_are_forgotten_once_it_was_right(site: Site) -> None:
    first, back = await rested(site)
    with pytest.raises(NotConfirmed):
        await sessions.confirm(site.line, back.token, WRONG)
    await sessions.confirm(site.line, back.token, BORN)
    async with site.line.database.transaction() as session:
        row = await session.get_one(ChatSessionRow, first.session)
    assert row.wrong_tries == 0


async def test_ended_session_opens_to_none_of_its_pages(site: Site) -> None:
    first = await site.open()
    second = await site.open(first.resume)
    await sessions.end(site.line, await site.visit(second))
    for page in (first, second):
        with pytest.raises(SessionOver):
            await site.visit(page)
    back = await site.open(first.resume)
    assert back.standing is Standing.NEW
    async with site.line.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(ChatTokenRow)) == 1


async def test_token_ends_by_real_time_whatever_the_clock_of_care_says(site: Site) -> None:
    opened = await site.open()
    async with site.line.database.transaction() as session:
        await session.execute(update(ChatSessionRow).values(expires_at=real_now()))
        await session.execute(update(ChatTokenRow).values(expires_at=real_now()))
    with pytest.raises(SessionOver):
        await site.visit(opened)
    assert (await site.open(opened.resume)).standing is Standing.NEW


@pytest.mark.parametrize("token", ["", "guessed", "Bearer", "\0", "x" * 5_000])
async def test_forged_token_is_nobodys(site: Site, token: str) -> None:
    await site.open()
    with pytest.raises(SessionOver):
        await sessions.visit_of(site.line, token)
    with pytest.raises(SessionOver):
        await sessions.confirm(site.line, token, BORN)


async def test_resume_token_is_no_bearer_token(site: Site) -> None:
    opened = await site.open()
    with pytest.raises(SessionOver):
        await sessions.visit_of(site.line, opened.resume)
    assert (await site.open(opened.token)).standing is Standing.NEW
