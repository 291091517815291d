"""What staff take from a form: by a press only, once, as unconfirmed, with who it was."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from api.core.ids import PatientId, new_id
from api.core.language import Language
from api.escalations import service as escalations
from api.escalations.kinds import Reason
from api.escalations.service import Escalate
from api.gateway.errors import Forbidden
from api.gateway.interactions import Search, Update
from api.gateway.service import Gateway, perform
from api.intake import review
from api.intake.answered import Target
from api.intake.desk import Desk
from api.intake.entries import Wanted
from api.intake.models import FormRow
from api.intake.record import IDENTIFIER
from api.intake.review import AddedMeanwhile, AnswerChanged, NothingToAdd, NotSentYet, Opened, Sight
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.staff.kinds import Member, Role, StaffId
from integrations.ports.errors import PortError
from integrations.ports.fhir import NotFound, Resource
from tests.support.fhir import NOW, Clinic, at
from tests.support.forms import SEVERAL_DAYS, filled_in, mood_form, visit_form
from tests.support.gateway import STAFF, StoppedClock, audit_rows, made

DANA = Member(StaffId("dana"), "nurse@careline.example", "Dana Reed, RN", Role.NURSE)
NOAH = Member(StaffId("noah"), "nurse2@careline.example", "Noah Bell, RN", Role.NURSE)
CASEY = Member(StaffId("casey"), "c@careline.example", "Casey Morgan", Role.COORDINATOR)
WRITTEN = ("AllergyIntolerance", "Condition", "MedicationStatement")


async def sight_of(
    gateway: Gateway, patient: str, response: Resource, member: Member = DANA
) -> Sight:
    return Sight(member, PatientId(patient), await made(gateway, response), "192.0.2.7")


async def visit(gateway: Gateway, patient: str, **changes: str) -> Sight:
    said = visit_form(**changes)
    return await sight_of(gateway, patient, filled_in("visit-intake", said, patient))


async def written(gateway: Gateway, *types: str) -> list[Resource]:
    pages = [await perform(gateway, STAFF, Search(type_)) for type_ in types or WRITTEN]
    return [stored.body for page in pages for stored in page.entries]


def answer(opened: Opened, key: str) -> str:
    return next(each.answer for each in opened.answers if each.key == key)


async def test_answers_are_read_by_number_in_english_with_the_patients_own_words(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    said = visit_form(allergies="Penicilina", medicines="no tomo medicinas")
    response = filled_in("visit-intake", said, clinic.sam, language=Language.ES)
    opened = await review.read(desk, await sight_of(gateway, clinic.sam, response))
    assert (opened.title, opened.status, opened.language) == (
        "Before your visit",
        "completed",
        "es",
    )
    assert [each.number for each in opened.answers] == list(range(1, len(opened.answers) + 1))
    assert answer(opened, "smoking") == "No, I never did"
    told = {each.target: each for each in opened.answers if each.target}
    assert told[Target.ALLERGY].answer == "Penicilina"
    assert [told[each].can_be_added for each in Target] == [True, False, True]


async def test_reading_writes_nothing_but_the_look(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    seen = await visit(gateway, clinic.sam)
    await review.read(desk, seen)
    assert await written(gateway) == []
    looks = [row for row in await audit_rows(gateway) if row.agent_kind == "staff"]
    read = next(row for row in looks if row.resource_type == "QuestionnaireResponse")
    assert (read.agent_id, read.patient_id, read.origin) == ("dana", clinic.sam, "192.0.2.7")


async def test_added_answer_is_an_unconfirmed_allergy_with_who_said_and_who_added_it(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    seen = await visit(gateway, clinic.sam)
    await review.add(desk, seen, "allergies", Wanted("Penicillin", 1))
    await review.add(desk, seen, "allergies", Wanted("Peanut", 2))
    peanut, penicillin = sorted(await written(gateway), key=lambda each: each["code"]["text"])
    assert penicillin["code"] == {"text": "Penicillin"}
    assert penicillin["clinicalStatus"]["coding"][0]["code"] == "active"
    assert penicillin["verificationStatus"]["coding"][0]["code"] == "unconfirmed"
    assert penicillin["note"][0]["text"] == "Penicillin and peanuts"
    assert penicillin["asserter"] == {"reference": f"Patient/{clinic.sam}"}
    assert penicillin["recorder"]["display"] == "Dana Reed, RN"
    assert peanut["identifier"] != penicillin["identifier"]
    tracks = await written(gateway, "Provenance")
    assert {each["target"][0]["display"] for each in tracks} == {"Penicillin", "Peanut"}
    assert tracks[0]["entity"][0]["what"]["reference"] == f"QuestionnaireResponse/{seen.response}"
    assert tracks[0]["agent"][0]["who"]["identifier"]["value"] == "dana"
    opened = await review.read(desk, replace(seen, member=NOAH))
    added = [(each.text, each.by, each.at) for each in opened.added("allergies")]
    assert sorted(added) == [("Peanut", DANA.name, NOW), ("Penicillin", DANA.name, NOW)]
    made_by = {
        (row.agent_id, row.patient_id)
        for row in await audit_rows(gateway)
        if row.action == "C" and row.resource_type == "AllergyIntolerance"
    }
    assert made_by == {("dana", clinic.sam)}


async def test_illness_and_medicine_are_taken_as_what_they_are(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    seen = await visit(gateway, clinic.sam, medicines="Metformin twice a day")
    await review.add(desk, seen, "past-illness", Wanted("Appendectomy", 1, is_over=True))
    await review.add(desk, seen, "medicines", Wanted("Metformin", 1))
    illness, medicine = await written(gateway)
    assert illness["clinicalStatus"]["coding"][0]["code"] == "resolved"
    assert illness["verificationStatus"]["coding"][0]["code"] == "unconfirmed"
    assert medicine["status"] == "active"
    assert medicine["informationSource"] == {"reference": f"Patient/{clinic.sam}"}
    assert medicine["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{seen.response}"}]
    opened = await review.read(desk, seen)
    assert [each.by for each in opened.added("medicines")] == [DANA.name]


async def test_same_press_again_or_twice_at_once_adds_nothing(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    seen = await visit(gateway, clinic.sam)
    wanted = Wanted("Penicillin", 1)
    presses = [review.add(desk, seen, "allergies", wanted) for _ in range(3)]
    await asyncio.gather(*presses)
    await review.add(desk, replace(seen, member=NOAH), "allergies", wanted)
    assert len(await written(gateway)) == 1
    assert len(await written(gateway, "Provenance")) == 1


async def test_two_wordings_at_once_lose_none_unseen(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    seen = await visit(gateway, clinic.sam)
    await review.add(desk, seen, "allergies", Wanted("Penicillin", 1))
    with pytest.raises(AddedMeanwhile):
        await review.add(desk, replace(seen, member=NOAH), "allergies", Wanted("Peanut", 1))
    (only,) = await written(gateway)
    assert only["code"]["text"] == "Penicillin"
    (track,) = await written(gateway, "Provenance")
    assert track["agent"][0]["who"]["display"] == DANA.name


@pytest.mark.parametrize("key", ["allergies", "medicines"])
async def test_entry_whose_track_was_lost_gets_it_with_the_next_press_in_the_right_name(
    gateway: Gateway, clinic: Clinic, desk: Desk, monkeypatch: pytest.MonkeyPatch, *, key: str
) -> None:
    seen = await visit(gateway, clinic.sam, medicines="Metformin")

    def cut_off(*_: object, **__: object) -> Resource:
        raise PortError("away")

    with monkeypatch.context() as patched:
        patched.setattr(review, "added_track", cut_off)
        with pytest.raises(PortError):
            await review.add(desk, seen, key, Wanted("Something", 1))
    assert (await review.read(desk, seen)).added(key) == []
    with pytest.raises(AddedMeanwhile):
        await review.add(desk, replace(seen, member=NOAH), key, Wanted("Other", 1))
    (track,) = (await review.read(desk, seen)).added(key)
    assert (track.text, track.by) == ("Something", DANA.name)


async def test_answer_that_there_is_nothing_can_only_be_looked_at(
    gateway: Gateway, clinic: Clinic, desk: Desk, clock: StoppedClock
) -> None:
    seen = await visit(gateway, clinic.sam)
    with pytest.raises(NothingToAdd):
        await review.add(desk, seen, "medicines", Wanted("Metformin", 1))
    clock.time += timedelta(minutes=5)
    for member in (DANA, NOAH):
        await review.mark_looked_at(desk, replace(seen, member=member), "medicines")
    opened = await review.read(desk, seen)
    look = opened.looked_at("medicines")
    assert look is not None
    assert (look.by, look.at) == (DANA.name, at(5))
    assert opened.looked_at("allergies") is None
    assert await written(gateway) == []
    changed = replace(opened, authored_at=at(6))
    assert changed.looked_at("medicines") is None


@pytest.mark.parametrize("key", ["reason", "smoking", "pregnant", "no-such-question"])
async def test_other_answers_offer_nothing(
    gateway: Gateway, clinic: Clinic, desk: Desk, key: str
) -> None:
    seen = await visit(gateway, clinic.sam)
    for act in (
        review.add(desk, seen, key, Wanted("x", 1)),
        review.mark_looked_at(desk, seen, key),
    ):
        with pytest.raises(NothingToAdd):
            await act


@pytest.mark.parametrize("status", ["in-progress", "stopped"])
async def test_what_was_not_sent_is_read_but_not_taken(
    gateway: Gateway, clinic: Clinic, desk: Desk, status: str
) -> None:
    response = filled_in("visit-intake", visit_form(), clinic.sam, status=status)
    seen = await sight_of(gateway, clinic.sam, response)
    assert answer(await review.read(desk, seen), "allergies") == "Penicillin and peanuts"
    with pytest.raises(NotSentYet):
        await review.add(desk, seen, "allergies", Wanted("Penicillin", 1))
    assert await written(gateway) == []


async def test_form_of_another_patient_does_not_exist(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    seen = replace(await visit(gateway, clinic.sam), patient=PatientId(clinic.grace))
    with pytest.raises(NotFound):
        await review.read(desk, seen)
    with pytest.raises(NotFound):
        await review.add(desk, seen, "allergies", Wanted("Penicillin", 1))
    assert await written(gateway) == []


async def test_coordinator_reads_what_is_not_clinical_and_adds_nothing(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    seen = replace(await visit(gateway, clinic.sam), member=CASEY)
    opened = await review.read(desk, seen)
    assert answer(opened, "allergies") == "Penicillin and peanuts"
    assert opened.is_withheld
    assert "past-illness" not in [each.key for each in opened.answers]
    with pytest.raises(Forbidden):
        await review.add(desk, seen, "allergies", Wanted("Penicillin", 1))
    with pytest.raises(Forbidden):
        await review.mark_looked_at(desk, seen, "medicines")
    mood = filled_in("phq-9", mood_form(last=SEVERAL_DAYS), clinic.sam)
    opened = await review.read(desk, await sight_of(gateway, clinic.sam, mood, CASEY))
    assert [each.is_alarm for each in opened.answers] == [True]
    assert opened.total is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
async def test_roles_without_care_read_no_form(
    gateway: Gateway, clinic: Clinic, desk: Desk, role: Role
) -> None:
    seen = replace(await visit(gateway, clinic.sam), member=replace(DANA, role=role))
    with pytest.raises(Forbidden):
        await review.read(desk, seen)


async def test_alert_of_a_form_is_the_first_since_it_was_begun(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    form = new_id()
    async with gateway.database.transaction() as session:
        thread = await find_or_open(
            session, gateway.keyring, Channel.SMS, "+12125550101", now=at(-90)
        )
        session.add(
            FormRow(
                id=form,
                conversation_id=thread,
                patient_id=clinic.sam,
                questionnaire="x",
                state="asking",
                last_turn="",
                opened_at=at(-10),
                changed_at=NOW,
            )
        )
        for turn, minutes in (("before", -60), ("now", -1)):
            wanted = Escalate(
                thread, turn, Reason.CRISIS, PatientId(clinic.sam), rule="form.self-harm"
            )
            await escalations.open_escalation(session, gateway.keyring, wanted, now=at(minutes))
    response = filled_in("phq-9", mood_form(last=SEVERAL_DAYS), clinic.sam, status="in-progress")
    response["identifier"] = {"system": IDENTIFIER, "value": form}
    seen = await sight_of(gateway, clinic.sam, response)
    opened = await review.read(desk, seen)
    assert opened.alert is not None
    assert (opened.alert.turn, opened.alert.acknowledged_by) == ("now", None)
    async with gateway.database.transaction() as session:
        await escalations.acknowledge(session, gateway.keyring, thread, DANA, now=at(2))
    opened = await review.read(desk, seen)
    assert opened.alert is not None
    assert (opened.alert.acknowledged_by, opened.alert.acknowledged_at) == ("dana", at(2))
    assert [each.answer for each in opened.answers if each.is_alarm] == ["Several days"]


async def test_form_that_is_not_known_here_is_shown_as_it_was_written(
    gateway: Gateway, clinic: Clinic, desk: Desk
) -> None:
    elsewhere: Resource = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "https://elsewhere.example/Questionnaire/one",
        "subject": {"reference": f"Patient/{clinic.sam}"},
        "item": [
            {
                "linkId": "g",
                "item": [
                    {"linkId": "q", "text": "Allergies?", "answer": [{"valueString": "Nuts"}]}
                ],
            },
            {"linkId": "f", "answer": [{"valueReference": {"display": "a file"}}]},
        ],
    }
    seen = await sight_of(gateway, clinic.sam, elsewhere)
    opened = await review.read(desk, seen)
    assert [(each.question, each.answer) for each in opened.answers] == [
        ("Allergies?", "Nuts"),
        ("f", "(not shown here)"),
    ]
    with pytest.raises(NothingToAdd):
        await review.add(desk, seen, "q", Wanted("Nuts", 1))


async def corrected(gateway: Gateway, seen: Sight, **changes: str) -> None:
    """The patient changes answers of the form that they have sent."""
    now = await gateway.clock.now()
    said = visit_form(**changes)
    response = filled_in("visit-intake", said, str(seen.patient), status="amended", authored=now)
    await perform(gateway, STAFF, Update({**response, "id": seen.response}))


async def test_answer_that_was_added_and_then_corrected_says_so_and_takes_nothing_over(
    gateway: Gateway, clinic: Clinic, desk: Desk, clock: StoppedClock
) -> None:
    seen = await visit(gateway, clinic.sam, medicines="Metformin")
    clock.time += timedelta(minutes=1)
    await review.add(desk, seen, "allergies", Wanted("Penicillin", 1))
    await review.mark_looked_at(desk, seen, "medicines")
    before = await written(gateway)
    clock.time += timedelta(minutes=1)
    await corrected(gateway, seen, allergies="Codeine", medicines="Metformin")
    opened = await review.read(desk, seen)
    (added,) = opened.added("allergies")
    changed = opened.changed_since(added)
    assert changed is not None
    assert (changed.was, changed.now) == ("Penicillin and peanuts", "Codeine")
    assert [(each.key, each.at) for each in opened.corrections] == [("allergies", at(2))]
    # Another answer was corrected: what was looked at is still looked at.
    assert opened.looked_at("medicines") is not None
    assert await written(gateway) == before
    # A page that was opened before shows the old answer: nothing is added by it.
    stale = replace(seen, version=1)
    with pytest.raises(AnswerChanged):
        await review.add(desk, stale, "allergies", Wanted("Peanut", 2))
    with pytest.raises(AnswerChanged):
        await review.mark_looked_at(desk, stale, "allergies")
    await review.add(desk, replace(stale), "medicines", Wanted("Metformin", 1))
    clock.time += timedelta(minutes=1)
    await review.add(desk, replace(seen, version=2), "allergies", Wanted("Codeine", 2))
    opened = await review.read(desk, seen)
    since = {each.text: opened.changed_since(each) for each in opened.added("allergies")}
    assert since["Codeine"] is None
    assert since["Penicillin"] is not None


async def test_self_harm_that_was_taken_back_stays_in_sight_of_every_role(
    gateway: Gateway, clinic: Clinic, desk: Desk, clock: StoppedClock
) -> None:
    said = filled_in("phq-9", mood_form(last=SEVERAL_DAYS), clinic.sam)
    seen = await sight_of(gateway, clinic.sam, said, CASEY)
    clock.time += timedelta(minutes=1)
    taken_back = filled_in("phq-9", mood_form(), clinic.sam, status="amended", authored=at(1))
    await perform(gateway, STAFF, Update({**taken_back, "id": seen.response}))
    opened = await review.read(desk, seen)
    (changed,) = opened.corrections
    assert (changed.was, changed.now) == ("Several days", "Not at all")
    assert [each.key for each in opened.answers] == [changed.key]
    assert opened.is_withheld
