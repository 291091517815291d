"""The page of a form: what each role may do there, and that nothing typed is lost or leaked."""

import re
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import update

from api.conversations import situation
from api.conversations.models import ConversationRow
from api.core.ids import new_id
from api.core.language import Language
from api.gateway.interactions import Update
from api.gateway.service import perform
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.staff.kinds import Role
from tests.api.console.conftest import START, House
from tests.support.fhir import a_patient
from tests.support.forms import FORMS, filled_in, visit_form
from tests.support.gateway import STAFF, made


@dataclass
class Place:
    """A conversation with somebody who is identified, and their sent form."""

    house: House
    conversation: str
    patient: str
    form: str

    @property
    def path(self) -> str:
        return f"/console/conversations/{self.conversation}/forms/{self.form}"

    async def adds(self, client: httpx.AsyncClient, text: str, number: int = 1) -> httpx.Response:
        fields = {"answer": "allergies", "text": text, "number": str(number)}
        return await client.post(f"{self.path}/added", data=fields)


@pytest.fixture
async def place(house: House) -> Place:
    gateway = house.ports.gateway
    for form in FORMS.values():
        await made(gateway, form)
    patient = await made(gateway, a_patient())
    response = filled_in("visit-intake", visit_form(), patient, authored=START)
    return Place(house, await _conversation(house, patient), patient, await made(gateway, response))


async def _conversation(house: House, patient: str | None) -> str:
    ports = house.ports
    async with ports.database.transaction() as session:
        id_ = await find_or_open(session, ports.keyring, Channel.WEB, new_id(), now=START)
        await situation.open_row(session, id_, Channel.WEB, Language.EN, now=START)
        known = update(ConversationRow).where(ConversationRow.id == id_)
        await session.execute(known.values(patient_id=patient))
    return str(id_)


async def test_nurse_adds_and_sees_it_and_a_second_wording_is_held_back_with_its_text(
    place: Place,
) -> None:
    nurse = await place.house.signed_in(Role.NURSE)
    page = (await nurse.get(place.path)).text
    assert "Born" not in re.findall(r"<title>(.*?)</title>", page)[0]
    assert "born March 9, 1979 · MRN 1001" in page
    assert 'value="Penicillin and peanuts"' in page
    answer = await place.adds(nurse, "Penicillin")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(place.path)
    other = await place.house.signed_in(Role.SUPERVISOR)
    refused = await place.adds(other, "Peanut")
    assert refused.status_code == 409
    assert "Something else was added" in refused.text
    assert 'value="Peanut"' in refused.text
    assert "Penicillin · added by nurse Reed" in refused.text
    assert 'name="number" value="2"' in refused.text
    assert (await place.adds(other, "Peanut", 2)).status_code == 303


async def test_coordinator_reads_without_buttons_and_without_what_is_clinical(
    place: Place,
) -> None:
    coordinator = await place.house.signed_in(Role.COORDINATOR)
    page = (await coordinator.get(place.path)).text
    assert "Penicillin and peanuts" in page
    assert "Appendix" not in page
    assert "some answers are not shown" in page
    assert "Add to" not in page
    assert "Mark as looked at" not in page
    assert (await place.adds(coordinator, "Penicillin")).status_code == 403


async def test_form_under_way_says_how_far_it_is_and_offers_nothing(place: Place) -> None:
    said = {"reason": "My knee hurts", "allergies": "Nuts"}
    begun = filled_in("visit-intake", said, place.patient, status="in-progress", authored=START)
    place.form = await made(place.house.ports.gateway, begun)
    nurse = await place.house.signed_in(Role.NURSE)
    page = (await nurse.get(place.path)).text
    assert "In progress: 2 of 8 answered" in page
    assert "Add to" not in page
    assert (await place.adds(nurse, "Nuts")).status_code == 409


async def test_form_is_found_only_in_a_conversation_with_its_own_patient(place: Place) -> None:
    nurse = await place.house.signed_in(Role.NURSE)
    stranger = await made(place.house.ports.gateway, a_patient("1004"))
    for patient in (stranger, None):
        place.conversation = await _conversation(place.house, patient)
        answer = await nurse.get(place.path)
        assert answer.status_code == 404
        assert "Penicillin" not in answer.text
        assert (await place.adds(nurse, "Penicillin")).status_code == 404


async def test_form_that_no_page_of_ours_sends_is_refused(place: Place) -> None:
    nurse = await place.house.signed_in(Role.NURSE)
    for wrong in ({"text": ""}, {"text": "x" * 201}, {"number": "0"}, {"more": "x"}):
        fields = {"answer": "allergies", "text": "Nuts", "number": "1", **wrong}
        answer = await nurse.post(f"{place.path}/added", data=fields)
        assert answer.status_code == 422, wrong
        assert "Nuts" not in answer.text


async def test_corrected_form_shows_what_was_changed_and_that_the_record_has_the_old(
    place: Place,
) -> None:
    nurse = await place.house.signed_in(Role.NURSE)
    page = (await nurse.get(place.path)).text
    assert 'name="version" value="1"' in page
    assert (await place.adds(nurse, "Penicillin")).status_code == 303
    said = visit_form(allergies="<b>Codeine</b>")
    changed = filled_in("visit-intake", said, place.patient, status="amended", authored=START)
    await perform(place.house.ports.gateway, STAFF, Update({**changed, "id": place.form}))
    page = (await nurse.get(place.path)).text
    assert "Corrected by the patient" in page
    assert "Before: Penicillin and peanuts (corrected " in page
    assert "it is now <b>&lt;b&gt;Codeine&lt;/b&gt;</b>" in page
    assert 'name="version" value="2"' in page
    fields = {"answer": "allergies", "text": "Peanut", "number": "2", "version": "1"}
    refused = await nurse.post(f"{place.path}/added", data=fields)
    assert refused.status_code == 409
    assert "has just changed this answer" in refused.text
    assert 'value="Peanut"' in refused.text
