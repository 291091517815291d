"""The demo clinic in FHIR: who works there, what is offered, and its free times.

Its resources keep their ids over a reset, so that what refers to a clinician stays true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from integrations.ports.fhir import FhirSession, Query, Resource

ZONE: Final = ZoneInfo("America/New_York")
CLINIC_SYSTEM: Final = "https://careline.example/clinic"
SERVICES_SYSTEM: Final = "https://careline.example/services"
HORIZON: Final = timedelta(days=60)
OPEN: Final = ((time(8), time(12)), (time(13), time(17)))
SATURDAY: Final = 5


@dataclass(frozen=True)
class Service:
    """A kind of visit. `minutes`: how long one lasts."""

    code: str
    name: str
    minutes: int = 30


@dataclass(frozen=True)
class Clinician:
    """Somebody who sees patients."""

    key: str
    given: str
    family: str
    service: str
    prefix: str | None = "Dr"


SERVICES: Final = (
    Service("family-medicine", "Family medicine"),
    Service("cardiology", "Cardiology"),
    Service("dietitian", "Dietitian"),
    Service("laboratory", "Laboratory", minutes=15),
)
CLINICIANS: Final = (
    Clinician("ruiz", "Ana", "Ruiz", "family-medicine"),
    Clinician("lee", "Mark", "Lee", "family-medicine"),
    Clinician("shah", "Priya", "Shah", "cardiology"),
    Clinician("becker", "Tom", "Becker", "dietitian", prefix=None),
)


@dataclass(frozen=True)
class Schedule:
    """One calendar: its FHIR id, and the service whose visits it takes."""

    id: str
    service: Service


@dataclass(frozen=True)
class Staffed:
    """The clinic as it stands in FHIR. `schedules` and `clinicians` by clinician's key."""

    organization: str
    location: str
    clinicians: dict[str, str]
    schedules: dict[str, Schedule]


class Clinic:
    """Puts the clinic into a store: what is there already is brought back to the demo's words."""

    def __init__(self, fhir: FhirSession, now: datetime) -> None:
        self._fhir = fhir
        self._now = now

    async def build(self) -> Staffed:
        """The organisation, its services, its people and their calendars, still without times."""
        organization = await self._put("organization", _organization())
        location = await self._put("location", _location(organization))
        services = {
            each.code: await self._put(
                f"service-{each.code}", _service(each, organization, location)
            )
            for each in SERVICES
        }
        clinicians = {each.key: await self._put(each.key, _person(each)) for each in CLINICIANS}
        for each in CLINICIANS:
            role = _role(each, clinicians[each.key], organization, location)
            role["healthcareService"] = [_to("HealthcareService", services[each.service])]
            await self._put(f"role-{each.key}", role)
        schedules = await self._schedules(clinicians, services, location)
        return Staffed(organization, location, clinicians, schedules)

    async def _schedules(
        self, clinicians: dict[str, str], services: dict[str, str], location: str
    ) -> dict[str, Schedule]:
        offered = {each.code: each for each in SERVICES}
        found = {}
        for each in CLINICIANS:
            actor = _to("Practitioner", clinicians[each.key])
            body = _schedule(offered[each.service], [actor, _to("Location", location)])
            id_ = await self._put(f"schedule-{each.key}", body)
            found[each.key] = Schedule(id_, offered[each.service])
        # Nobody's time in particular: the laboratory has a calendar of its own.
        laboratory = offered["laboratory"]
        actors = [_to("HealthcareService", services["laboratory"]), _to("Location", location)]
        id_ = await self._put("schedule-laboratory", _schedule(laboratory, actors))
        return {**found, "laboratory": Schedule(id_, laboratory)}

    async def _put(self, key: str, resource: Resource) -> str:
        """Create a resource, or bring the one with this key back to what it says."""
        body = {**resource, "identifier": [{"system": CLINIC_SYSTEM, "value": key}]}
        same = (("identifier", f"{CLINIC_SYSTEM}|{key}"),)
        found = (await self._fhir.search(Query(str(resource["resourceType"]), same))).entries
        if not found:
            return (await self._fhir.create(body, now=self._now)).stored.id
        await self._fhir.update({**body, "id": found[0].id}, now=self._now)
        return found[0].id


async def schedules_of(fhir: FhirSession) -> list[Schedule]:
    """The demo clinic's calendars as they are stored."""
    page = await fhir.search(Query("Schedule", (("identifier", f"{CLINIC_SYSTEM}|"),)))
    offered = {each.code: each for each in SERVICES}
    return [
        Schedule(each.id, offered[str(each.body["serviceType"][0]["coding"][0]["code"])])
        for each in page.entries
    ]


async def add_slots(
    fhir: FhirSession, schedules: Sequence[Schedule], *, now: datetime
) -> list[tuple[str, Resource]]:
    """Free times in every calendar from where it ends (or now) up to the horizon, with their ids.

    Each calendar says how far it reaches in its planning horizon.
    """
    slots: list[Resource] = []
    for schedule in schedules:
        stored = await fhir.read("Schedule", schedule.id)
        reaches = _reaches_to(stored.body) or now
        slots += _slots(schedule, max(reaches, now), now + HORIZON)
        horizon = {"start": _instant(now), "end": _instant(now + HORIZON)}
        await fhir.update({**stored.body, "planningHorizon": horizon}, now=now)
    ids = await fhir.bulk_create(slots, now=now)
    return list(zip(ids, slots, strict=True))


def clinic_days(after: datetime) -> Iterator[datetime]:
    """Midnights of the clinic's working days, from the day after that instant's on."""
    day = after.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY:
            yield day


def local(day: datetime, at: time) -> datetime:
    """That wall time on that day at the clinic."""
    return datetime.combine(day.date(), at, tzinfo=ZONE)


def _slots(schedule: Schedule, start_at: datetime, end_at: datetime) -> Iterator[Resource]:
    length = timedelta(minutes=schedule.service.minutes)
    for day in clinic_days(start_at - timedelta(days=1)):
        if day > end_at:
            return
        for opens, closes in OPEN:
            begin, last = local(day, opens), local(day, closes)
            while begin + length <= last:
                if start_at <= begin <= end_at:
                    yield _slot(schedule, begin, begin + length)
                begin += length


def _slot(schedule: Schedule, begin: datetime, end: datetime) -> Resource:
    return {
        "resourceType": "Slot",
        "schedule": _to("Schedule", schedule.id),
        "status": "free",
        "serviceType": [concept(schedule.service)],
        "start": _instant(begin),
        "end": _instant(end),
    }


def concept(service: Service) -> Resource:
    """A service as a CodeableConcept."""
    coding = {"system": SERVICES_SYSTEM, "code": service.code, "display": service.name}
    return {"coding": [coding]}


def _organization() -> Resource:
    return {"resourceType": "Organization", "active": True, "name": "Lakeside Clinic"}


def _location(organization: str) -> Resource:
    return {
        "resourceType": "Location",
        "status": "active",
        "name": "Lakeside Clinic",
        "telecom": [{"system": "phone", "value": "+12125550199"}],
        "managingOrganization": _to("Organization", organization),
    }


def _service(service: Service, organization: str, location: str) -> Resource:
    return {
        "resourceType": "HealthcareService",
        "active": True,
        "name": service.name,
        "type": [concept(service)],
        "providedBy": _to("Organization", organization),
        "location": [_to("Location", location)],
    }


def _person(clinician: Clinician) -> Resource:
    name: Resource = {"family": clinician.family, "given": [clinician.given]}
    if clinician.prefix:
        name["prefix"] = [clinician.prefix]
    return {"resourceType": "Practitioner", "active": True, "name": [name]}


def _role(clinician: Clinician, id_: str, organization: str, location: str) -> Resource:
    service = next(each for each in SERVICES if each.code == clinician.service)
    return {
        "resourceType": "PractitionerRole",
        "active": True,
        "practitioner": _to("Practitioner", id_),
        "organization": _to("Organization", organization),
        "location": [_to("Location", location)],
        "specialty": [concept(service)],
    }


def _schedule(service: Service, actors: list[Resource]) -> Resource:
    return {
        "resourceType": "Schedule",
        "active": True,
        "serviceType": [concept(service)],
        "actor": actors,
    }


def _reaches_to(schedule: Resource) -> datetime | None:
    end = schedule.get("planningHorizon", {}).get("end")
    return datetime.fromisoformat(end) if end else None


def _to(type_: str, id_: str) -> Resource:
    return {"reference": f"{type_}/{id_}"}


def _instant(at: datetime) -> str:
    return at.astimezone(ZONE).isoformat(timespec="seconds")
