"""R4 rules that the definitions' table cannot say, written by hand.

Source: FHIR R4 4.0.1, constraints of each resource page, https://hl7.org/fhir/R4/.
"""

from collections.abc import Iterator, Mapping

from integrations.fhir.embedded.clinical_invariants import broken_clinical_invariants
from integrations.fhir.embedded.dates import read_range
from integrations.ports.fhir import InvalidQuery, Issue, Resource

APP_3_EXEMPT = frozenset({"proposed", "cancelled", "waitlist"})
APP_4_STATUSES = frozenset({"cancelled", "noshow"})


def broken_invariants(resource: Resource) -> Iterator[Issue]:
    """Each rule the resource breaks. Expects nothing of its shape."""
    type_ = resource.get("resourceType")
    if type_ == "Appointment":
        yield from _appointment(resource)
    elif type_ == "Slot" and not _in_order(resource, strict=True):
        yield Issue("invariant", "Slot.end", "Must be after start.")
    elif type_ == "RelatedPerson" and not _names_somebody(resource.get("patient")):
        yield Issue("invariant", "RelatedPerson.patient", "Must say whose relative it is.")
    yield from broken_clinical_invariants(resource)
    yield from _contained(resource)
    yield from _periods(resource, str(type_))


def _appointment(resource: Resource) -> Iterator[Issue]:
    status = resource.get("status")
    if ("start" in resource) != ("end" in resource):
        yield Issue("invariant", "Appointment", "app-2: start and end go together.")
    elif "start" not in resource and status not in APP_3_EXEMPT:
        yield Issue("invariant", "Appointment", "app-3: this status needs start and end.")
    elif not _in_order(resource, strict=True):
        yield Issue("invariant", "Appointment.end", "Must be after start.")
    if "cancelationReason" in resource and status not in APP_4_STATUSES:
        yield Issue("invariant", "Appointment", "app-4: a cancelation reason needs its status.")
    participants = resource.get("participant")
    for place, one in enumerate(participants if isinstance(participants, list) else []):
        if isinstance(one, dict) and "actor" not in one and "type" not in one:
            path = f"Appointment.participant[{place}]"
            yield Issue("invariant", path, "app-1: either the type or the actor is needed.")


def _contained(resource: Resource) -> Iterator[Issue]:
    contained = resource.get("contained")
    for one in contained if isinstance(contained, list) else []:
        if isinstance(one, dict) and "contained" in one:
            yield Issue("invariant", "contained", "dom-2: contained must not contain.")
        if isinstance(one, dict) and {"versionId", "lastUpdated"} & set(one.get("meta") or ()):
            yield Issue("invariant", "contained", "dom-4: contained has no version.")


def _periods(value: object, path: str) -> Iterator[Issue]:
    """per-1: a period does not end before it starts."""
    if isinstance(value, list):
        for item in value:
            yield from _periods(item, path)
    elif isinstance(value, dict):
        for name, item in value.items():
            if str(name).endswith("eriod") and not _in_order(item, strict=False):
                yield Issue("invariant", path, "per-1: a period must not end before it starts.")
            yield from _periods(item, path)


def _in_order(value: object, *, strict: bool) -> bool:
    """Whether `start` comes before `end`; what cannot be read is another check's business."""
    if not isinstance(value, Mapping):
        return True
    start, end = value.get("start"), value.get("end")
    if not isinstance(start, str) or not isinstance(end, str):
        return True
    try:
        first, last = read_range(start), read_range(end)
    except InvalidQuery:
        return True
    return first.start_at < (last.start_at if strict else last.end_at)


def _names_somebody(reference: object) -> bool:
    return isinstance(reference, Mapping) and bool({"reference", "identifier"} & set(reference))
