"""Searches of the embedded store."""

import pytest

from integrations.ports.fhir import FhirSession, InvalidQuery, Pairs, Query, Unsupported
from tests.support.fhir import MRN, NOW, SERVICES, a_patient, an_appointment, at, open_clinic


async def ids(fhir: FhirSession, type_: str, *params: tuple[str, str]) -> list[str]:
    page = await fhir.search(Query(type_, params))
    return [one.id for one in page.entries]


async def people(fhir: FhirSession) -> tuple[str, str]:
    maria = {"name": [{"family": "López", "given": ["María", "José"]}], "gender": "female"}
    first = await fhir.create(a_patient("1001", gender="male", active=True), now=NOW)
    second = await fhir.create(a_patient("1002", birthDate="1984-05", **maria), now=at(1))
    return first.stored.id, second.stored.id


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ((("identifier", f"{MRN}|1001"),), "a"),
        ((("identifier", "1002"),), "b"),
        ((("identifier", f"{MRN}|"),), "ab"),
        ((("identifier", "|1001"),), ""),
        ((("identifier", f"{MRN}|1001,{MRN}|1002"),), "ab"),
        ((("identifier", "1001"), ("gender", "female")), ""),
        ((("gender:not", "male"),), "b"),
        ((("active", "true"),), "a"),
        ((("active:missing", "true"),), "b"),
        ((("active:missing", "false"),), "a"),
        ((("phone", "+12125550101"),), "ab"),
        ((("phone", " 12125550101"),), "ab"),
        ((("email", "+12125550101"),), ""),
        ((("name", "lop"),), "b"),
        ((("name", "SAM"),), "a"),
        ((("family", "opez"),), ""),
        ((("family:contains", "OPEZ"),), "b"),
        ((("family:exact", "lopez"),), ""),
        ((("family:exact", "López"),), "b"),
        ((("given", "jos"),), "b"),
        ((("name", "%"),), ""),
        ((("name", r"a\,b"),), ""),
        ((("birthdate", "1979-03-09"),), "a"),
        ((("birthdate", "1984"),), "b"),
        ((("birthdate", "1984-05-02"),), ""),
        ((("birthdate", "ap1984-05-02"),), "b"),
        ((("birthdate", "lt1984"),), "a"),
        ((("birthdate", "ge1979-03-09"),), "ab"),
        ((("birthdate", "gt1979-03-09"),), "b"),
        ((("birthdate", "ne1979-03-09"),), "b"),
        ((("birthdate", "sa1984-04"),), "b"),
        ((("birthdate", "eb1984-05"),), "a"),
        ((("_lastUpdated", "gt2027-03-03T15:00:30Z"),), "b"),
        ((("_lastUpdated", "le2027-03-03T10:00:30-05:00"),), "a"),
    ],
)
async def test_search_finds_what_matches(fhir: FhirSession, params: Pairs, found: str) -> None:
    a, b = await people(fhir)
    expected = {"a": a, "b": b}
    assert await ids(fhir, "Patient", *params) == [expected[one] for one in found]


async def test_search_by_reference_in_every_form(fhir: FhirSession) -> None:
    clinic = await open_clinic(fhir)
    ruiz, sam = f"Practitioner/{clinic.ruiz}", f"Patient/{clinic.sam}"
    visit = (await fhir.create(an_appointment("booked", at(60), ruiz, sam), now=NOW)).stored.id
    for pair in [
        ("patient", clinic.sam),
        ("patient", sam),
        ("actor", ruiz),
        ("actor:Practitioner", clinic.ruiz),
        ("practitioner", clinic.ruiz),
        ("date", "2027-03-03"),
        ("status", "booked,pending"),
    ]:
        assert await ids(fhir, "Appointment", pair) == [visit], pair
    for pair in [("patient", clinic.grace), ("practitioner", clinic.sam), ("date", "2027-03-04")]:
        assert await ids(fhir, "Appointment", pair) == [], pair


async def test_compartment_holds_whatever_the_parameters_say(fhir: FhirSession) -> None:
    a, b = await people(fhir)
    page = await fhir.search(Query("Patient", (("_id", f"{a},{b}"),), patient=b))
    assert [one.id for one in page.entries] == [b]
    assert page.total == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shoe-size", "44"),
        ("_include", "Patient:organization"),
        ("_revinclude:iterate", "*"),
        ("_has:Appointment:patient:status", "booked"),
        ("general-practitioner.name", "Ruiz"),
        ("_filter", "name eq sam"),
        ("name:sounds-like", "Sam"),
        ("birthdate:exact", "1979"),
        ("_summary", "true"),
        ("_sort", "general-practitioner"),
        ("_sort", "birthdate,name"),
    ],
)
async def test_what_is_not_supported_is_refused(fhir: FhirSession, name: str, value: str) -> None:
    with pytest.raises(Unsupported):
        await fhir.search(Query("Patient", ((name, value),)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("birthdate", "yesterday"),
        ("birthdate", "1979-02-30"),
        ("birthdate", "xx1979"),
        ("active:missing", "perhaps"),
        ("identifier", "a|b|c"),
        ("identifier", "|"),
        ("identifier", ""),
        ("name", "a\x00b"),
        ("_count", "-1"),
        ("_count", "many"),
        ("_cursor", "%%%"),
        ("_cursor", "WyJfaWQiXQ"),
        ("_total", "roughly"),
        ("general-practitioner", "https://elsewhere.example/Practitioner/1/x y"),
    ],
)
async def test_unreadable_value_is_refused(fhir: FhirSession, name: str, value: str) -> None:
    with pytest.raises(InvalidQuery):
        await fhir.search(Query("Patient", ((name, value),)))


async def test_lenient_search_ignores_and_reports_unknown_parameters(fhir: FhirSession) -> None:
    a, _ = await people(fhir)
    params = (("shoe-size", "44"), ("gender", "male"))
    page = await fhir.search(Query("Patient", params, lenient=True))
    assert ([one.id for one in page.entries], page.ignored) == ([a], ("shoe-size",))


async def test_lenient_search_still_refuses_to_reach_into_other_records(
    fhir: FhirSession,
) -> None:
    query = Query("Patient", (("_has:Appointment:patient:status", "x"),), lenient=True)
    with pytest.raises(Unsupported):
        await fhir.search(query)


@pytest.mark.parametrize("sort", ["_id", "birthdate", "-birthdate", "family", "-_lastUpdated"])
async def test_pages_follow_each_other_without_gap_or_overlap(fhir: FhirSession, sort: str) -> None:
    made = []
    for number in range(7):
        more = {} if number == 3 else {"birthDate": f"19{70 + number % 3}-01-01"}
        patient = a_patient(str(number)) | {"name": [{"family": f"F{number % 2}"}]} | more
        made.append((await fhir.create(patient, now=at(number % 4))).stored.id)
    seen, cursor = [], None
    while True:
        params = (("_sort", sort), ("_count", "2"), *((("_cursor", cursor),) if cursor else ()))
        page = await fhir.search(Query("Patient", params))
        seen += [one.id for one in page.entries]
        assert page.total == 7
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == set(made)


async def test_sort_by_date_puts_the_undated_last(fhir: FhirSession) -> None:
    a, b = await people(fhir)
    undated = {key: item for key, item in a_patient("3").items() if key != "birthDate"}
    c = (await fhir.create(undated, now=NOW)).stored.id
    assert await ids(fhir, "Patient", ("_sort", "birthdate")) == [a, b, c]
    assert await ids(fhir, "Patient", ("_sort", "-birthdate")) == [b, a, c]


async def test_count_of_zero_and_summary_count_answer_the_total_only(fhir: FhirSession) -> None:
    await people(fhir)
    for pair in [("_count", "0"), ("_summary", "count")]:
        page = await fhir.search(Query("Patient", (pair,)))
        assert (page.entries, page.total) == ((), 2)


async def test_elements_are_trimmed_and_marked_as_a_part(fhir: FhirSession) -> None:
    clinic = await open_clinic(fhir)
    ruiz = f"Practitioner/{clinic.ruiz}"
    coded = [{"coding": [{"system": SERVICES, "code": "cardiology"}]}]
    visit = an_appointment("booked", at(60), ruiz, serviceType=coded)
    await fhir.create(visit, now=NOW)
    page = await fhir.search(Query("Appointment", (("_elements", "start"),)))
    body = page.entries[0].body
    assert set(body) == {"resourceType", "id", "meta", "status", "start", "participant"}
    assert body["meta"]["tag"][0]["code"] == "SUBSETTED"
