"""What a search compares: index rows of a resource."""

from integrations.fhir.embedded.index import IndexRows, add_rows, fold, patients_of
from integrations.ports.fhir import Resource


def rows_of(**elements: object) -> IndexRows:
    rows = IndexRows()
    add_rows(rows, {"resourceType": "Patient", "id": "1"} | elements)
    return rows


def codes(rows: IndexRows, param: str) -> set[tuple[str, str]]:
    return {(system, code) for _, _, name, system, code in rows.token if name == param}


def test_token_is_read_from_every_shape_it_comes_in() -> None:
    rows = rows_of(
        active=False,
        gender="male",
        identifier=[{"system": "s", "value": "1"}, {"value": "2"}, {"system": "only"}],
        telecom=[{"system": "email", "value": "a@b.example"}, {"system": "phone", "value": "+1"}],
        communication=[{"language": {"coding": [{"code": "es"}, {"system": "x", "code": "en"}]}}],
    )
    assert codes(rows, "active") == {("", "false")}
    assert codes(rows, "gender") == {("", "male")}
    assert codes(rows, "identifier") == {("s", "1"), ("", "2")}
    assert codes(rows, "email") == {("", "a@b.example")}
    assert codes(rows, "telecom") == {("", "a@b.example"), ("", "+1")}
    assert codes(rows, "language") == {("", "es"), ("x", "en")}


def test_name_is_found_by_each_of_its_parts_without_accents() -> None:
    rows = rows_of(name=[{"family": "Nuñez", "given": ["José", "Luis"], "text": "J. Núñez"}])
    folded = {text for _, _, name, text, _ in rows.string if name == "name"}
    assert folded == {"nunez", "jose", "luis", "j. nunez"}
    assert fold("ÅSTRÖM") == "astrom"


def test_contained_and_identified_references_are_no_targets() -> None:
    rows = rows_of(
        generalPractitioner=[
            {"reference": "#p"},
            {"identifier": {"value": "7"}},
            {"reference": "Practitioner/9/_history/2"},
        ]
    )
    targets = [(type_, id_) for *_, type_, id_ in rows.reference]
    assert targets == [("Practitioner", "9")]


def test_resource_belongs_to_each_patient_it_is_about_once() -> None:
    message: Resource = {
        "resourceType": "Communication",
        "id": "m",
        "subject": {"reference": "Patient/1"},
        "sender": {"reference": "Practitioner/5"},
        "recipient": [{"reference": "Patient/1"}, {"reference": "Patient/2"}],
    }
    assert patients_of(message) == ("1", "2")
