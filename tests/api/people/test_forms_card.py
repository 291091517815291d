"""The card of forms: asked for, under way, answered; points only for whom they are meant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.core.ids import PatientId
from api.gateway.service import Gateway
from api.intake.assignments import as_task
from api.intake.chart_card import ALARMING, NAMELESS, forms_card
from api.intake.desk import Desk
from api.intake.forms import load_form
from api.intake.observations import as_observation
from api.intake.responses import read_response
from api.intake.scoring import score
from api.people.chart import Card, CardKind, Chart, Charts, Item, State
from api.staff.kinds import Member
from integrations.ports.fhir import Resource
from tests.api.people.conftest import PartlyFailing
from tests.api.people.test_chart import COORDINATOR, NURSE, ZONE
from tests.support.clinical import to
from tests.support.fhir import NOW, Clinic, at
from tests.support.forms import FORMS, SEVERAL_DAYS, filled_in, mood_form, visit_form
from tests.support.gateway import audit_rows, made


@pytest.fixture
def desk(gateway: Gateway) -> Desk:
    utc = ZoneInfo("UTC")
    return Desk(gateway.database, gateway.keyring, gateway.clock, gateway, utc)


@pytest.fixture(autouse=True)
async def forms(gateway: Gateway) -> None:
    for form in FORMS.values():
        await made(gateway, form)


async def chart_of(desk: Desk, patient: str, member: Member = NURSE) -> Chart:
    charts = Charts(desk.gateway, {CardKind.FORMS: forms_card(desk)})
    return await charts.of(member, PatientId(patient), now=NOW, zone=ZONE)


async def card_of(desk: Desk, patient: str, member: Member = NURSE) -> Card:
    card = (await chart_of(desk, patient, member)).card(CardKind.FORMS)
    assert card is not None
    return card


async def scored(gateway: Gateway, response: Resource) -> str:
    """A response in the record, with its total."""
    id_ = await made(gateway, response)
    form = load_form(FORMS["phq-9"])
    total = score(form, read_response(form, response))
    assert total is not None
    await made(gateway, as_observation(total, {**response, "id": id_}, issued_at=NOW))
    return id_


async def test_what_is_asked_for_comes_before_what_was_answered_and_the_newest_first(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    visit = {"id": "v1", "start": at(120).isoformat()}
    for form, about in (("gad-7", None), ("visit-intake", visit)):
        task = as_task(
            f"{FORMS[form]['url']}|1.0",
            clinic.sam,
            requester=f"Practitioner/{clinic.ruiz}",
            now=at(-60),
            visit=about,
        )
        await made(gateway, task)
    said = visit_form()
    old = await made(gateway, filled_in("visit-intake", said, clinic.sam, authored=at(-5000)))
    new = await scored(gateway, filled_in("phq-9", mood_form(), clinic.sam, authored=at(-30)))
    await made(gateway, filled_in("gad-7", {}, clinic.grace))
    card = await card_of(desk, clinic.sam)
    assert card.items == (
        Item("Before your visit", "Asked for, due", at=at(120)),
        Item("Worry check (GAD-7)", "Asked for", at=at(-60)),
        Item("Mood check (PHQ-9)", "Completed · Total 8 (mild)", at=at(-30), ref=new),
        Item("Before your visit", "Completed", at=at(-5000), ref=old),
    )


async def test_form_is_seen_from_its_first_answer_and_asked_for_no_more(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    task = as_task(
        f"{FORMS['phq-9']['url']}|1.0",
        clinic.sam,
        requester=f"Practitioner/{clinic.ruiz}",
        now=at(-60),
    )
    await made(gateway, task)
    begun = filled_in("phq-9", mood_form(4), clinic.sam, status="in-progress")
    stopped = filled_in("gad-7", {"69725-0": SEVERAL_DAYS}, clinic.sam, status="stopped")
    await made(gateway, begun)
    await made(gateway, stopped | {"authored": at(-90).isoformat()})
    first, second = (await card_of(desk, clinic.sam)).items
    assert first.detail.startswith("In progress: 4 of ")
    assert second.detail.startswith("Stopped: 1 of ")


async def test_points_are_not_for_the_coordinator_but_danger_is(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    response = filled_in("phq-9", mood_form(last=SEVERAL_DAYS), clinic.sam)
    await scored(gateway, response)
    (seen,) = (await card_of(desk, clinic.sam)).items
    assert (seen.detail, seen.is_severe) == (f"Completed · Total 9 (mild) · {ALARMING}", True)
    (seen,) = (await card_of(desk, clinic.sam, COORDINATOR)).items
    assert (seen.detail, seen.is_severe) == (f"Completed · {ALARMING}", True)
    rows = await audit_rows(gateway)
    read = {row.resource_type for row in rows if row.agent_id == str(COORDINATOR.id)}
    assert "QuestionnaireResponse" in read
    assert not read & {"Observation", "Condition"}


async def test_coordinator_sees_no_task_that_asks_for_anything_else(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    await made(
        gateway,
        {
            "resourceType": "Task",
            "status": "requested",
            "intent": "order",
            "for": to(f"Patient/{clinic.sam}"),
            "authoredOn": NOW.isoformat(),
        },
    )
    card = await card_of(desk, clinic.sam, COORDINATOR)
    assert (card.state, card.items) == (State.EMPTY, ())


async def test_form_that_is_not_known_here_is_listed_all_the_same(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    await made(
        gateway,
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "questionnaire": "https://elsewhere.example/Questionnaire/one",
            "subject": to(f"Patient/{clinic.sam}"),
            "authored": "2027-03",
        },
    )
    (item,) = (await card_of(desk, clinic.sam)).items
    assert (item.text, item.detail, item.at) == (NAMELESS, "Completed", None)


@pytest.mark.parametrize("down", ["QuestionnaireResponse", "Task", "Questionnaire"])
async def test_search_that_fails_fails_the_card_of_forms_and_no_other(
    gateway: Gateway, clinic: Clinic, desk: Desk, store: PartlyFailing, *, down: str
) -> None:
    await made(gateway, filled_in("visit-intake", visit_form(), clinic.sam))
    store.down.add(down)
    shown = await chart_of(desk, clinic.sam)
    failed = [card.kind for card in shown.cards if card.state is State.FAILED]
    assert failed == [CardKind.FORMS]


async def test_times_are_told_in_the_clinics_zone(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    await made(gateway, filled_in("visit-intake", visit_form(), clinic.sam))
    (item,) = (await card_of(desk, clinic.sam)).items
    assert item.at == datetime(2027, 3, 3, 15, tzinfo=UTC)
    assert item.at.utcoffset() == timedelta(hours=-5)
