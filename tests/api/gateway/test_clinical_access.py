"""Clinical types at the gateway: whose record, by whom, and what is written about it."""

from typing import Any

import pytest

from api.gateway.access import Access, ActorKind, service_access
from api.gateway.errors import Forbidden, IdentityRequired
from api.gateway.interactions import Create, History, Interaction, Read, Search, Update
from api.gateway.scopes import parse_scopes
from api.gateway.service import Gateway, perform
from api.intake.assignments import as_task, due_for, form_of, fulfilled, taken_up
from integrations.ports.fhir import NotFound, Resource
from tests.support.clinical import FORM, IN_A_RECORD, coded, example
from tests.support.fhir import NOW, Clinic
from tests.support.gateway import audit_rows, made, turn_of


def nurse_of(patient: str, scopes: str = "patient/*.cruds") -> Access:
    """A member of staff at one patient's record."""
    return Access(ActorKind.STAFF, "nurse-1", parse_scopes(scopes), patient=patient)


@pytest.mark.parametrize("type_", IN_A_RECORD)
async def test_another_patients_resource_does_not_exist(
    gateway: Gateway, clinic: Clinic, type_: str
) -> None:
    id_ = await made(gateway, example(type_, clinic.sam))
    other = nurse_of(clinic.grace)
    for version in (None, 1):
        with pytest.raises(NotFound):
            await perform(gateway, other, Read(type_, id_, version))
    with pytest.raises(NotFound):
        await perform(gateway, other, History(type_, id_))
    with pytest.raises(NotFound):
        await perform(gateway, other, Update({**example(type_, clinic.grace), "id": id_}))
    for params in ((), (("patient", clinic.sam),), (("_id", id_),)):
        assert (await perform(gateway, other, Search(type_, params))).total == 0
    mine = await perform(gateway, nurse_of(clinic.sam), Search(type_))
    assert [one.id for one in mine.entries] == [id_]


@pytest.mark.parametrize("type_", IN_A_RECORD)
async def test_nothing_is_written_into_another_patients_record(
    gateway: Gateway, clinic: Clinic, type_: str
) -> None:
    with pytest.raises(Forbidden):
        await perform(gateway, nurse_of(clinic.grace), Create(example(type_, clinic.sam)))
    found = await perform(gateway, nurse_of(clinic.sam), Search(type_))
    assert found.total == 0


FORMS = {"Questionnaire", "QuestionnaireResponse"}


@pytest.mark.parametrize("type_", sorted({*IN_A_RECORD, "Medication"} - FORMS))
async def test_a_turn_reads_none_of_it_but_forms(
    gateway: Gateway, clinic: Clinic, type_: str
) -> None:
    id_ = await made(gateway, example(type_, clinic.sam))
    turn = turn_of(clinic.sam)
    with pytest.raises(Forbidden):
        await perform(gateway, turn, Read(type_, id_))
    with pytest.raises(Forbidden):
        await perform(gateway, turn, Search(type_))
    with pytest.raises(Forbidden):
        await perform(gateway, turn, Create(example(type_, clinic.sam)))


async def test_turn_reads_forms_and_fills_in_its_patients_own(
    gateway: Gateway, clinic: Clinic
) -> None:
    turn = turn_of(clinic.sam)
    form = await made(gateway, example("Questionnaire", ""))
    found = await perform(gateway, turn, Search("Questionnaire", (("url", FORM),)))
    assert [one.id for one in found.entries] == [form]
    answers = example("QuestionnaireResponse", clinic.sam)
    written = (await perform(gateway, turn, Create(answers))).stored
    amended = {**answers, "id": written.id, "status": "amended"}
    await perform(gateway, turn, Update(amended, if_match=written.version))
    mine = await perform(gateway, turn, Search("QuestionnaireResponse"))
    assert [(one.id, one.version) for one in mine.entries] == [(written.id, 2)]


async def test_turn_neither_sees_nor_writes_another_patients_answers(
    gateway: Gateway, clinic: Clinic
) -> None:
    theirs = example("QuestionnaireResponse", clinic.grace)
    id_ = await made(gateway, theirs)
    turn = turn_of(clinic.sam)
    with pytest.raises(NotFound):
        await perform(gateway, turn, Read("QuestionnaireResponse", id_))
    for params in ((), (("patient", clinic.grace),), (("_id", id_),)):
        assert (await perform(gateway, turn, Search("QuestionnaireResponse", params))).total == 0
    mine = example("QuestionnaireResponse", clinic.sam)
    with pytest.raises(NotFound):
        await perform(gateway, turn, Update({**mine, "id": id_}))
    another_author = {**mine, "author": {"reference": f"Patient/{clinic.grace}"}}
    nobodys = {name: value for name, value in mine.items() if name not in {"subject", "author"}}
    for body in (theirs, another_author, nobodys):
        with pytest.raises(Forbidden):
            await perform(gateway, turn, Create(body))
    with pytest.raises(Forbidden):
        await perform(gateway, turn, Create(mine, if_none_exist=(("_id", id_),)))
    with pytest.raises(IdentityRequired):
        await perform(gateway, turn_of(None), Create(mine))
    stored = await perform(gateway, nurse_of(clinic.grace), Read("QuestionnaireResponse", id_))
    assert stored.version == 1


async def test_turn_writes_no_form_score_or_task(gateway: Gateway, clinic: Clinic) -> None:
    task = as_task(FORM, clinic.sam, requester="Practitioner/dr", now=NOW)
    id_ = await made(gateway, task)
    turn = turn_of(clinic.sam)
    score = example("Observation", clinic.sam)
    form = example("Questionnaire", "")
    refused: list[Interaction[Any]] = [
        Create(score),
        Create(task),
        Create(form),
        Update({**task, "id": id_, "status": "completed"}),
        Search("Task", due_for(clinic.sam)),
    ]
    for interaction in refused:
        with pytest.raises(Forbidden):
            await perform(gateway, turn, interaction)


async def test_service_finds_what_is_due_and_settles_it(gateway: Gateway, clinic: Clinic) -> None:
    service = service_access("intake", "system/Task.rus")
    for patient in (clinic.sam, clinic.grace):
        task = as_task(FORM, patient, requester="Practitioner/dr", now=NOW)
        await made(gateway, task)
    await made(gateway, escalation_of(clinic.sam))
    due = await perform(gateway, service, Search("Task", due_for(clinic.sam)))
    (asked,) = due.entries
    assert (form_of(asked.body), asked.body["for"]) == (
        FORM,
        {"reference": f"Patient/{clinic.sam}"},
    )
    under_way = taken_up(asked.body, now=NOW)
    await perform(gateway, service, Update(under_way, if_match=asked.version))
    (again,) = (await perform(gateway, service, Search("Task", due_for(clinic.sam)))).entries
    done = fulfilled(again.body, "r1", now=NOW)
    await perform(gateway, service, Update(done, if_match=again.version))
    assert (await perform(gateway, service, Search("Task", due_for(clinic.sam)))).total == 0
    assert (await perform(gateway, service, Search("Task", due_for(clinic.grace)))).total == 1


def escalation_of(patient: str) -> Resource:
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": coded("requested"),
        "for": {"reference": f"Patient/{patient}"},
    }


async def test_what_is_in_nobodys_record_is_read_beside_any(
    gateway: Gateway, clinic: Clinic
) -> None:
    for type_ in ("Medication", "Questionnaire"):
        id_ = await made(gateway, example(type_, ""))
        found = await perform(gateway, nurse_of(clinic.sam, "patient/*.r"), Read(type_, id_))
        assert found.patients == ()


async def test_scope_of_one_type_opens_no_other(gateway: Gateway, clinic: Clinic) -> None:
    access = nurse_of(clinic.sam, "patient/AllergyIntolerance.s")
    assert (await perform(gateway, access, Search("AllergyIntolerance"))).total == 0
    with pytest.raises(Forbidden):
        await perform(gateway, access, Search("Condition"))
    with pytest.raises(Forbidden):
        await perform(gateway, access, Read("AllergyIntolerance", "x"))


async def test_looks_of_staff_and_refused_ones_are_in_the_audit(
    gateway: Gateway, clinic: Clinic
) -> None:
    await made(gateway, example("Condition", clinic.sam))
    await perform(gateway, nurse_of(clinic.sam), Search("Condition"))
    with pytest.raises(Forbidden):
        await perform(gateway, nurse_of(clinic.sam, "patient/Patient.r"), Search("Condition"))
    rows = await audit_rows(gateway)
    assert [(r.agent_kind, r.agent_id, r.tag, r.outcome) for r in rows] == [
        ("staff", "nurse-1", "fhir:Condition:search", "0"),
        ("staff", "nurse-1", "fhir:Condition:search", "8"),
    ]
    assert rows[0].patient_id == clinic.sam
