"""A one-time link opens one form, once, soon, and only to who knows the birth date."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from api.audit.models import AuditRow
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations import form_links, transcript
from api.conversations.errors import LinkOver, NotTheirs
from api.conversations.models import ConversationRow, FormLinkRow
from api.conversations.packet import packet
from api.conversations.turns import drain
from api.core.clock import real_now
from api.core.ids import ConversationId, new_id
from api.core.language import Language
from api.gateway.interactions import Read, Update
from api.gateway.service import perform
from api.intake.assignments import as_task
from api.intake.models import FormRow
from api.messaging import inbox, outbox
from api.messaging.inbox import Arrival
from api.messaging.kinds import Channel
from api.messaging.models import OutboundRow
from api.messaging.threads import find_or_open, lookup_of
from api.people.guesses import MOST
from api.sandbox.faults import Fault
from api.sandbox.faulty import FaultyBackend
from api.staff.kinds import Member, Role, StaffId
from api.widget import sessions
from api.widget.links import ByLink, open_by_link
from api.widget.sessions import Opened, UnknownClinic
from integrations.ports.errors import PortError
from tests.api.widget.conftest import Site
from tests.support.fhir import NOW, a_patient
from tests.support.forms import FORMS
from tests.support.gateway import STAFF, made

NUMBER, NURSE = "+12125550102", Member(StaffId("dana"), "n@careline.example", "Dana", Role.NURSE)
BORN, WRONG = date(1979, 3, 9), date(1979, 3, 8)
PRIVATE_WORDS = "better off dead"


@dataclass
class Family:
    """A phone that several people have, on which one of them fills in the mood form."""

    site: Site
    phone: ConversationId
    patient: str

    async def texts(self, *texts: str) -> None:
        for text in texts:
            await self.writes(self.phone, text)

    async def writes(self, conversation: ConversationId, text: str) -> None:
        """A message comes in there, and is dealt with."""
        line = self.site.line
        channel = Channel.SMS if conversation == self.phone else Channel.WEB
        arrival = Arrival(conversation, channel, new_id(), text)
        async with line.database.transaction() as session:
            await inbox.store_once(session, line.keyring, arrival, now=NOW)
        await drain(line, conversation)

    async def last_text(self) -> str:
        line = self.site.line
        async with line.database.transaction() as session:
            rows = select(OutboundRow).where(OutboundRow.thread_id == self.phone)
            row = await session.scalar(rows.order_by(OutboundRow.seq.desc()).limit(1))
            assert row is not None
            return await outbox.text_of(session, line.keyring, row.id)

    async def token(self) -> str:
        found = re.search(r"/f/lakeside#([A-Za-z0-9]{22}) ", await self.last_text())
        assert found
        return found[1]

    async def opens(self, token: str, born: date = BORN, clinic: str = "lakeside") -> Opened:
        wanted = ByLink(clinic, Language.EN, token, born, "198.51.100.7")
        return await open_by_link(self.site.line, wanted)

    async def is_over(self, token: str) -> bool:
        with pytest.raises(LinkOver):
            await self.opens(token)
        return True

    async def transcript(self) -> str:
        line = self.site.line
        async with line.database.transaction() as session:
            said = await transcript.whole(session, line.keyring, self.phone)
        return "\n".join(each.rendered.text for each in said)

    async def row_of(self, conversation: ConversationId) -> ConversationRow:
        async with self.site.line.database.transaction() as session:
            return await session.get_one(ConversationRow, conversation)

    async def link_rows(self) -> list[FormLinkRow]:
        async with self.site.line.database.transaction() as session:
            return list(await session.scalars(select(FormLinkRow)))

    async def audited(self) -> list[str]:
        async with self.site.line.database.transaction() as session:
            rows = select(AuditRow).where(AuditRow.tag.like("form:link:%")).order_by(AuditRow.id)
            return [row.tag.rpartition(":")[2] for row in await session.scalars(rows)]


@pytest.fixture
async def family(site: Site) -> Family:
    """Where the next question is the private one; its link has just been sent."""
    gateway, form = site.ports.gateway, FORMS["phq-9"]
    telecom = [{"system": "phone", "value": NUMBER}]
    patient = await made(gateway, a_patient("1002", telecom=telecom))
    await made(gateway, form)
    canonical = f"{form['url']}|{form['version']}"
    await made(gateway, as_task(canonical, patient, requester="Practitioner/x", now=NOW))
    line = site.line
    async with line.database.transaction() as session:
        phone = await find_or_open(session, line.keyring, Channel.SMS, NUMBER, now=NOW)
    family = Family(site, phone, patient)
    await says(family, ConsentState.OPTED_IN)
    await family.texts("HELP")  # so that the conversation is there
    async with line.database.transaction() as session:
        known = {"patient_id": patient, "verified_at": NOW, "phone_is_shared": True}
        await session.execute(
            update(ConversationRow).where(ConversationRow.id == phone).values(**known)
        )
    await family.texts("FORM", *"11111111")
    return family


async def says(family: Family, state: ConsentState) -> None:
    line = family.site.line
    async with line.database.transaction() as session:
        lookup = await lookup_of(session, family.phone)
        act = consent.Act(family.phone, lookup, state, Channel.SMS, Language.EN, "test")
        await consent.record(session, line.keyring, act, now=NOW)


async def test_link_opens_the_chat_as_the_patient_at_the_very_question_once(
    family: Family,
) -> None:
    token = await family.token()
    assert PRIVATE_WORDS not in await family.transcript()
    assert token not in await family.transcript()
    assert "/f/lakeside#***" in await family.transcript()
    (row,) = await family.link_rows()
    assert token.encode() not in row.lookup
    assert row.expires_at - real_now() <= timedelta(minutes=30)
    # Whoever of the team looks sees what is asked, as ever.
    doing = (await packet(family.site.line, family.phone, by=NURSE)).doing
    assert PRIVATE_WORDS in str(doing)

    opened = await family.opens(token)
    greeting, asked = await family.site.transcript(opened)
    assert "automated" in greeting.rendered.text
    assert PRIVATE_WORDS in asked.rendered.text
    assert asked.rendered.form is not None
    assert (asked.rendered.form.number, asked.rendered.input) == (9, "choices")
    visit = await family.site.visit(opened)
    here = await family.row_of(visit.conversation)
    assert (here.patient_id, here.level, here.phone_is_shared) == (family.patient, 2, True)
    assert await family.is_over(token)
    assert await family.audited() == ["send", "open"]
    assert await family.link_rows() == []


async def test_form_goes_on_in_the_chat_and_later_by_text_without_that_answer(
    family: Family,
) -> None:
    opened = await family.opens(await family.token())
    await family.writes((await family.site.visit(opened)).conversation, "1")
    assert (await family.site.transcript(opened))[-1].rendered.input == "review"
    await family.texts("1")
    assert "not open here now" in await family.last_text()
    await family.texts("RESUME")
    assert "(private)" in await family.last_text()
    assert PRIVATE_WORDS not in await family.transcript()


async def test_words_for_a_private_question_are_obeyed_and_a_new_link_voids_the_old(
    family: Family,
) -> None:
    first = await family.token()
    await family.texts("2")
    assert "can't take that answer" in await family.last_text()
    await family.texts("LINK")
    second = await family.token()
    assert second != first
    assert await family.is_over(first)
    await family.texts("SKIP")
    assert "can't skip" in await family.last_text()
    await family.texts("BACK")
    assert "Moving or speaking" in await family.last_text()
    await family.texts("1")
    token = await family.token()
    await family.texts("PAUSE")
    opened = await family.opens(token)
    assert PRIVATE_WORDS in (await family.site.transcript(opened))[-1].rendered.text


async def test_guesses_are_few_and_a_wrong_one_uses_no_link_up(family: Family) -> None:
    token = await family.token()
    for _ in range(2):
        with pytest.raises(NotTheirs):
            await family.opens(token, WRONG)
    with pytest.raises(LinkOver):
        await family.opens(token, WRONG)
    assert await family.is_over(token)
    await family.texts("LINK")
    token = await family.token()
    for _ in range(MOST - 4):
        with pytest.raises(NotTheirs):
            await family.opens(token, WRONG)
    # The sixth over all links of this number, and a right one does not help any more.
    with pytest.raises(LinkOver):
        await family.opens(token, WRONG)
    await family.texts("LINK")
    assert await family.is_over(await family.token())
    assert (await family.audited()).count("refuse") == MOST + 1
    assert await family.link_rows() == []


async def test_link_is_good_for_one_clinic_and_half_an_hour(
    family: Family, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await family.token()
    with pytest.raises(UnknownClinic):
        await family.opens(token, clinic="elsewhere")
    with pytest.raises(LinkOver):
        await form_links.find(family.site.line, "elsewhere", token)
    assert await family.is_over(token.swapcase())
    late = real_now() + form_links.LASTS
    monkeypatch.setattr(form_links, "real_now", lambda: late)
    assert await family.is_over(token)


async def test_after_stop_what_came_by_text_opens_nothing(family: Family) -> None:
    token = await family.token()
    await says(family, ConsentState.OPTED_OUT)
    assert await family.is_over(token)


async def test_link_to_a_form_that_is_over_opens_nothing(family: Family) -> None:
    token = await family.token()
    async with family.site.line.database.transaction() as session:
        await session.execute(update(FormRow).values(state="closed", at=None))
    assert await family.is_over(token)
    assert await family.audited() == ["send"]


async def test_while_the_record_is_away_nothing_is_used_up(family: Family) -> None:
    token, line = await family.token(), family.site.line
    gateway = replace(line.gateway, backend=FaultyBackend(line.gateway.backend, _down))
    wanted = ByLink("lakeside", Language.EN, token, BORN, "")
    with pytest.raises(PortError):
        await open_by_link(replace(line, gateway=gateway), wanted)
    assert (await family.opens(token)).token


async def _down() -> Fault:
    return Fault.DOWN


async def test_number_that_is_not_theirs_any_more_opens_nothing(family: Family) -> None:
    token, gateway = await family.token(), family.site.ports.gateway
    stored = await perform(gateway, STAFF, Read("Patient", family.patient))
    moved = {**stored.body, "telecom": [{"system": "phone", "value": "+12125550103"}]}
    await perform(gateway, STAFF, Update(moved, if_match=stored.version))
    with pytest.raises(NotTheirs):
        await family.opens(token)


async def test_other_networks_and_browsers_are_as_good_until_it_is_used(family: Family) -> None:
    opened = await family.opens(await family.token())
    back = await sessions.open_session(
        family.site.line,
        sessions.Wanted("lakeside", Language.EN, opened.resume, "198.51.100.7"),
    )
    assert (back.session, back.standing) == (opened.session, sessions.Standing.RESUMED)
    elsewhere = await sessions.open_session(
        family.site.line, sessions.Wanted("lakeside", Language.EN, opened.resume, "203.0.113.5")
    )
    assert elsewhere.standing is sessions.Standing.CONFIRM
