"""Clinical types at the gateway: whose record, by whom, and what is written about it."""

import pytest

from api.gateway.access import Access, ActorKind
from api.gateway.errors import Forbidden
from api.gateway.interactions import Create, History, Read, Search, Update
from api.gateway.scopes import parse_scopes
from api.gateway.service import Gateway, perform
from integrations.ports.fhir import NotFound
from tests.support.clinical import IN_A_RECORD, example
from tests.support.fhir import Clinic
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


@pytest.mark.parametrize("type_", [*IN_A_RECORD, "Medication", "Questionnaire"])
async def test_a_turn_reads_none_of_it(gateway: Gateway, clinic: Clinic, type_: str) -> None:
    id_ = await made(gateway, example(type_, clinic.sam))
    turn = turn_of(clinic.sam)
    with pytest.raises(Forbidden):
        await perform(gateway, turn, Read(type_, id_))
    with pytest.raises(Forbidden):
        await perform(gateway, turn, Search(type_))
    with pytest.raises(Forbidden):
        await perform(gateway, turn, Create(example(type_, clinic.sam)))


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
