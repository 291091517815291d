"""What the validator catches, and that it lets valid resources pass."""

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import InvalidResource, Resource
from tests.support.fhir import a_patient, a_practitioner, a_slot, an_appointment, at

SLOT = a_slot("Schedule/s1", at(0)) | {"id": "x"}
VISIT = an_appointment("booked", at(0), "Patient/p1") | {"id": "x"}
PATIENT = a_patient() | {"id": "x"}
COMMUNICATION: Resource = {
    "resourceType": "Communication",
    "id": "x",
    "status": "completed",
    "payload": [{"contentString": "hello"}],
}
CONSENT: Resource = {
    "resourceType": "Consent",
    "id": "x",
    "status": "active",
    "scope": {"coding": [{"code": "patient-privacy"}]},
    "category": [{"coding": [{"code": "59284-0"}]}],
    "patient": {"reference": "Patient/p1"},
    "policyRule": {"coding": [{"code": "OPTIN"}]},
}
DEEP: list[Resource] = [{"url": "x", "valueString": "end"}]
for _ in range(60):
    DEEP = [{"url": "x", "extension": DEEP}]


@pytest.mark.parametrize(
    "resource", [SLOT, VISIT, PATIENT, COMMUNICATION, CONSENT, a_practitioner()]
)
def test_valid_resource_passes(resource: Resource) -> None:
    validate(resource)


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        (SLOT | {"status": "open"}, "Slot.status"),
        ({k: v for k, v in SLOT.items() if k != "status"}, "Slot.status"),
        ({k: v for k, v in SLOT.items() if k != "schedule"}, "Slot.schedule"),
        (SLOT | {"schedule": {"reference": "Patient/p1"}}, "Slot.schedule.reference"),
        (SLOT | {"schedule": {"reference": "http://169.254.169.254/x"}}, "Slot.schedule.reference"),
        (SLOT | {"end": SLOT["start"]}, "Slot.end"),
        (SLOT | {"start": "2027-03-03T15:00:00"}, "Slot.start"),
        (SLOT | {"start": "2027-13-03T15:00:00Z"}, "Slot.start"),
        (SLOT | {"overbooked": "true"}, "Slot.overbooked"),
        (SLOT | {"overbooked": None}, "Slot.overbooked"),
        (SLOT | {"serviceType": {"text": "x"}}, "Slot.serviceType"),
        (SLOT | {"serviceType": []}, "Slot.serviceType"),
        (SLOT | {"appointmentType": {}}, "Slot.appointmentType"),
        (SLOT | {"appointmentType": ["x"]}, "Slot.appointmentType"),
        (SLOT | {"colour": "red"}, "Slot"),
        (SLOT | {"id": "x" * 65}, "Slot.id"),
        (SLOT | {"comment": " "}, "Slot.comment"),
        (SLOT | {"comment": "a\x00b"}, "Slot.comment"),
        (SLOT | {"comment": "\ud800"}, "Slot.comment"),
        (SLOT | {"extension": [{"valueString": "x"}]}, "Slot.extension[0].url"),
        (
            SLOT | {"extension": [{"url": "x", "valueString": "a", "valueCode": "b"}]},
            "Slot.extension[0].value[x]",
        ),
        (SLOT | {"extension": DEEP}, ".extension[0]" * 33),
        (SLOT | {"contained": [{"resourceType": "Nothing"}]}, "Slot.contained[0]"),
        (SLOT | {"contained": [{"resourceType": "Address"}]}, "Slot.contained[0]"),
        (SLOT | {"_status": "x"}, "Slot.status"),
        (VISIT | {"participant": []}, "Appointment.participant"),
        (VISIT | {"participant": [{"status": "accepted"}]}, "Appointment.participant[0]"),
        (
            VISIT | {"participant": [{"actor": {"display": "x"}, "status": "maybe"}]},
            "Appointment.participant[0].status",
        ),
        ({k: v for k, v in VISIT.items() if k != "end"}, "Appointment"),
        ({k: v for k, v in VISIT.items() if k not in {"start", "end"}}, "Appointment"),
        (VISIT | {"end": VISIT["start"]}, "Appointment.end"),
        (VISIT | {"cancelationReason": {"text": "x"}}, "Appointment"),
        (VISIT | {"minutesDuration": 0}, "Appointment.minutesDuration"),
        (VISIT | {"minutesDuration": "30"}, "Appointment.minutesDuration"),
        (VISIT | {"minutesDuration": True}, "Appointment.minutesDuration"),
        (VISIT | {"priority": -1}, "Appointment.priority"),
        (PATIENT | {"birthDate": "2023-02-30"}, "Patient.birthDate"),
        (PATIENT | {"birthDate": 1979}, "Patient.birthDate"),
        (PATIENT | {"deceasedBoolean": True, "deceasedDateTime": "2027"}, "Patient.deceased[x]"),
        (PATIENT | {"telecom": [{"system": "pigeon"}]}, "Patient.telecom[0].system"),
        (PATIENT | {"name": [{"period": {"start": "2027", "end": "2026"}}]}, "Patient"),
        (PATIENT | {"link": [{"type": "seealso"}]}, "Patient.link[0].other"),
        (COMMUNICATION | {"payload": [{"id": "1"}]}, "Communication.payload[0].content[x]"),
        ({k: v for k, v in CONSENT.items() if k != "scope"}, "Consent.scope"),
        ({"resourceType": "Nothing"}, "Nothing"),
    ],
)
def test_defect_is_named_by_its_path(resource: Resource, path: str) -> None:
    with pytest.raises(InvalidResource) as refused:
        validate(resource)
    assert any(issue.path.endswith(path) for issue in refused.value.issues)


def test_issues_never_quote_the_resource() -> None:
    secret = "Zebediah"
    broken = PATIENT | {"gender": secret, secret: 1, "birthDate": secret, "active": secret}
    with pytest.raises(InvalidResource) as refused:
        validate(broken)
    assert secret not in repr(refused.value.issues)
    assert len(refused.value.issues) == 4


def test_null_keeps_the_place_of_a_primitive_with_an_extension_only() -> None:
    name = {"given": [None, "Sam"], "_given": [{"extension": [{"url": "x"}]}, None]}
    validate(PATIENT | {"name": [name]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@given(where=st.sampled_from(sorted(VISIT)), junk=JSON)
def test_junk_is_refused_or_passed_but_never_breaks_the_validator(where: str, junk: object) -> None:
    with suppress(InvalidResource):
        validate(VISIT | {where: junk})
