"""The desk's way to the record: who can be booked, which times are free, hold, book, release."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from api.core.language import Language
from api.gateway.access import service_access
from api.gateway.interactions import Book, Cancel, Find, Hold, Read, Reschedule, Search
from api.gateway.service import Gateway, perform
from api.gateway.tokens import turn_access
from api.scheduling.booking import Booking, Offer
from api.scheduling.desk import Asker, Desk
from api.scheduling.request import Clinician, Directory
from integrations.ports.fhir import (
    Gone,
    HoldRequest,
    NotAllowedNow,
    NotFound,
    Proposal,
    Resource,
    Wanted,
    Window,
)

SERVICES_SYSTEM = "https://careline.example/services"
HORIZON = timedelta(days=60)
FOUND_AT_ONCE = 80
_ALL = (("_count", "200"),)
_ACCESS = service_access(
    "scheduling",
    "system/HealthcareService.rs system/PractitionerRole.rs system/Practitioner.rs",
)


async def directory(desk: Desk, now: datetime) -> Directory:
    """Who and what can be booked, as it was within the last minute."""
    return await desk.directory.read(lambda: _read_directory(desk.gateway), now)


async def find(
    desk: Desk, asker: Asker, booking: Booking, windows: Sequence[Window], *, now: datetime
) -> tuple[Proposal, ...]:
    """Free times for this booking, within these spans (none: any time from now on)."""
    wanted = Wanted(
        service=booking.service or "",
        windows=tuple(windows),
        practitioner=booking.practitioner,
        limit=FOUND_AT_ONCE,
        exclude=booking.seen,
    )
    del now
    found = await perform(desk.gateway, asker.access, Find(wanted))
    return found.proposals


def from_then_on(start_at: datetime, now: datetime) -> tuple[Window, ...]:
    """From the wanted time to the end of the horizon."""
    return (Window(max(start_at, now), now + HORIZON),)


async def hold(desk: Desk, asker: Asker, booking: Booking, offer: Offer, *, until: datetime) -> str:
    """Hold an offer for the patient; the Appointment's id. The turn's id makes it idempotent.

    Raises:
        SlotTaken: somebody else has it. HoldExpired: this turn's hold was given up already.
    """
    request = HoldRequest(
        slot_ids=offer.slot_ids,
        patient=asker.patient,
        identifier=asker.turn,
        expires_at=until,
        reason=booking.reason,
    )
    written = await perform(desk.gateway, asker.access, Hold(request))
    return written.stored.id


async def book(desk: Desk, asker: Asker, appointment_id: str) -> bool:
    """Book what is held; true only when it was then read back as booked.

    Raises:
        SlotTaken, HoldExpired, NotFound, NotAllowedNow: it cannot be had any more.
    """
    await perform(desk.gateway, asker.access, Book(appointment_id))
    return await is_booked(desk, asker, appointment_id)


async def move(desk: Desk, asker: Asker, visit: str, hold: str, start_at: datetime) -> bool:
    """Move a visit to what is held; true only when it was then read back at that time.

    Raises:
        SlotTaken, HoldExpired, NotFound, NotAllowedNow: it cannot be moved there any more; the old
            time is kept.
    """
    await perform(desk.gateway, asker.access, Reschedule(visit, hold=hold))
    stored = await perform(desk.gateway, asker.access, Read("Appointment", visit))
    begins = datetime.fromisoformat(str(stored.body["start"]))
    return bool(stored.body["status"] == "booked") and begins == start_at


async def booked(desk: Desk, asker: Asker, visit: str) -> Resource | None:
    """A visit of the patient's, while it is on."""
    try:
        body = (await perform(desk.gateway, asker.access, Read("Appointment", visit))).body
    except (NotFound, Gone):
        return None
    return body if body["status"] == "booked" else None


def kind_of(visit: Resource) -> tuple[str | None, str | None]:
    """The service's code and the clinician's id of a visit."""
    codes = _codes(visit.get("serviceType", []))
    actors = [str((each.get("actor") or {}).get("reference")) for each in visit["participant"]]
    ids = [each.removeprefix("Practitioner/") for each in actors if "Practitioner/" in each]
    return next(iter(codes), None), next(iter(ids), None)


async def is_booked(desk: Desk, asker: Asker, appointment_id: str) -> bool:
    """Whether the record has this visit as booked."""
    try:
        stored = await perform(desk.gateway, asker.access, Read("Appointment", appointment_id))
    except NotFound:
        return False
    return bool(stored.body["status"] == "booked")


async def release(desk: Desk, asker: Asker, appointment_id: str) -> None:
    """Give a hold up; one that has already gone is released as well."""
    try:
        await perform(desk.gateway, asker.access, Cancel(appointment_id))
    except (NotFound, NotAllowedNow):
        return


def as_offer(proposal: Proposal, directory: Directory, booking: Booking) -> Offer:
    """A free time as it is offered: with the clinician's name, else the service's."""
    actors = (str(each["actor"]["reference"]) for each in proposal.body["participant"])
    ids = [each.removeprefix("Practitioner/") for each in actors if "Practitioner/" in each]
    clinician = directory.clinician(ids[0]) if ids else None
    service = directory.services.get(booking.service or "", "")
    return Offer(
        slot_ids=proposal.slot_ids,
        start_at=proposal.start_at,
        practitioner=clinician.id if clinician else None,
        with_name=clinician.full_name if clinician else service,
        with_short=clinician.short_name if clinician else service,
    )


def displaced_turn(appointment_id: str) -> str:
    """The turn in which a hold is lost to staff; no patient's message began it."""
    return f"displaced.{appointment_id}"


def on_behalf(booking: Booking, turn: str = "desk") -> Asker:
    """The desk itself, acting for the patient of a booking."""
    access = turn_access(
        turn=turn, conversation=booking.conversation, patient=booking.patient, origin="worker"
    )
    return Asker(access, booking.conversation, booking.patient, turn, Language.EN)


async def _read_directory(gateway: Gateway) -> Directory:
    services = await perform(gateway, _ACCESS, Search("HealthcareService", _ALL))
    roles = await perform(gateway, _ACCESS, Search("PractitionerRole", _ALL))
    people = await perform(gateway, _ACCESS, Search("Practitioner", _ALL))
    offered = _services_by_practitioner([each.body for each in roles.entries])
    return Directory(
        services={
            code: str(each.body.get("name", code))
            for each in services.entries
            for code in _codes(each.body.get("type", []))
        },
        clinicians=tuple(_clinician(each.body, offered) for each in people.entries),
    )


def _services_by_practitioner(roles: Sequence[Resource]) -> dict[str, set[str]]:
    offered: dict[str, set[str]] = {}
    for role in roles:
        who = str(role.get("practitioner", {}).get("reference", ""))
        codes = _codes([*role.get("specialty", []), *role.get("code", [])])
        offered.setdefault(who, set()).update(codes)
    return offered


def _clinician(practitioner: Resource, offered: dict[str, set[str]]) -> Clinician:
    name: dict[str, Any] = (practitioner.get("name") or [{}])[0]
    services = offered.get(f"Practitioner/{practitioner['id']}", set())
    return Clinician(
        id=str(practitioner["id"]),
        given=str((name.get("given") or [""])[0]),
        family=str(name.get("family", "")),
        prefix=str((name.get("prefix") or [""])[0]),
        services=frozenset(services),
    )


def _codes(concepts: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The service codes among a resource's concepts."""
    return tuple(
        str(coding["code"])
        for concept in concepts
        for coding in concept.get("coding", [])
        if coding.get("system") == SERVICES_SYSTEM
    )
