"""The booking operations: IHE's $find, $hold, $book (ITI-115 to 117), our own $cancel, $reschedule.

Source: IHE ITI Scheduling 1.0.0, OperationDefinitions appointment-find, -hold, -book. Beyond them
$hold and $book take `patient-reference`, since a client may act for several patients. Our own two
take the Appointment by the URL or by `appointment-reference`, and If-Match.
"""

from datetime import timedelta

from fastapi import Request, Response

from api.core.ids import new_id
from api.fhir.bundles import found_bundle, single_bundle
from api.fhir.errors import MissingParameter, WrongId
from api.fhir.face import Face, access_of, reply, version_headers
from api.fhir.inputs import Inputs, pairs_inputs, read_inputs
from api.fhir.rest import id_of
from api.fhir.wire import check_accept, if_match, query_pairs, read_resource, without_format
from api.gateway.access import Access, ActorKind
from api.gateway.errors import IdentityRequired
from api.gateway.interactions import Book, Cancel, Find, Hold, Reschedule
from api.gateway.service import perform
from integrations.ports.fhir import HoldRequest, NotFound, Pairs, Wanted, Window, Written
from integrations.ports.visits import BY_PATIENT

HOLD_LASTS = timedelta(minutes=10)
HORIZON = timedelta(days=366)
MOST_FOUND = 100
PATIENT = frozenset({"patient-reference", "patient"})
FIND = frozenset(
    {"start", "end", "visit-type", "service-type", "practitioner", "_count", "_offset"} | PATIENT
)
HOLD = frozenset({"appointment-reference", "appointment", "slot", "identifier", "reason"}) | PATIENT
BOOK = frozenset({"appointment-reference", "appointment"}) | PATIENT
CANCEL = frozenset({"appointment-reference", "appointment", "reason"})
RESCHEDULE = frozenset({"appointment-reference", "slot", "hold"})
BY_CLINIC = "clinic"


async def find(face: Face, request: Request) -> Response:
    """Free times by the URL."""
    access, pairs = access_of(face, request), query_pairs(request)
    check_accept(request, pairs)
    params = without_format(pairs)
    return await _find(face, access, pairs_inputs(params, FIND), params)


async def find_by_post(face: Face, request: Request) -> Response:
    """Free times by a Parameters resource."""
    access = access_of(face, request)
    inputs = read_inputs(await read_resource(request), FIND)
    return await _find(face, access, inputs, inputs.as_pairs())


async def hold(face: Face, request: Request) -> Response:
    """Keep a proposed time for a patient, ten minutes."""
    access = access_of(face, request)
    inputs = read_inputs(await read_resource(request), HOLD)
    written = await _hold(face, access, inputs, inputs.text("identifier") or new_id())
    return _done(face, written, "hold")


async def book(face: Face, request: Request) -> Response:
    """Book what is held; a proposed time that nobody holds is held and booked at once."""
    access = access_of(face, request)
    inputs = read_inputs(await read_resource(request), BOOK)
    appointment = inputs.appointment_id()
    try:
        written = await perform(face.gateway, access, Book(appointment))
    except NotFound:
        if access.patient is None and inputs.patient_id() is None:
            raise
        held = await _hold(face, access, inputs, new_id())
        written = await perform(face.gateway, access, Book(held.stored.id))
    return _done(face, written, "book")


async def cancel(face: Face, request: Request) -> Response:
    """Give a hold or a booked visit up."""
    access = access_of(face, request)
    inputs = read_inputs(await read_resource(request), CANCEL)
    reason = inputs.token("reason") or (BY_PATIENT if access.patient else BY_CLINIC)
    asked = Cancel(_appointment_of(request, inputs), reason, if_match(request))
    return _done(face, await perform(face.gateway, access, asked), "cancel")


async def reschedule(face: Face, request: Request) -> Response:
    """Move a hold or a booked visit to the slots that are named, or that another hold has."""
    access = access_of(face, request)
    inputs = read_inputs(await read_resource(request), RESCHEDULE)
    slot_ids, hold_id = inputs.named_slots(), inputs.reference("hold", "Appointment")
    if not slot_ids and hold_id is None:
        raise MissingParameter
    appointment = _appointment_of(request, inputs)
    asked = Reschedule(appointment, slot_ids, hold_id, if_match(request))
    return _done(face, await perform(face.gateway, access, asked), "reschedule")


async def _find(face: Face, access: Access, inputs: Inputs, pairs: Pairs) -> Response:
    service = inputs.code("visit-type") or inputs.code("service-type")
    if service is None:
        raise MissingParameter
    named = inputs.patient_id()
    if access.patient is not None and named not in {None, access.patient}:
        raise NotFound("Patient")
    offset = inputs.number("_offset", 0)
    now = await face.gateway.clock.now()
    start, end = inputs.start_at("start"), inputs.end_at("end")
    first = start or now
    wanted = Wanted(
        service=service,
        windows=(Window(first, end or first + HORIZON),) if start or end else (),
        practitioner=inputs.reference("practitioner", "Practitioner"),
        limit=min(inputs.number("_count", 10), MOST_FOUND),
        offset=offset,
    )
    found = await perform(face.gateway, access, Find(wanted))
    return reply(found_bundle(face.base, pairs, found, offset=offset))


async def _hold(face: Face, access: Access, inputs: Inputs, identifier: str) -> Written:
    patient = inputs.patient_id() or access.patient
    slot_ids = inputs.slot_ids()
    if patient is None:
        raise IdentityRequired if access.kind is ActorKind.TURN else MissingParameter
    now = await face.gateway.clock.now()
    wanted = HoldRequest(
        slot_ids=slot_ids,
        patient=patient,
        identifier=f"{access.id}:{identifier}",
        expires_at=now + HOLD_LASTS,
        reason=inputs.text("reason"),
    )
    return await perform(face.gateway, access, Hold(wanted))


def _appointment_of(request: Request, inputs: Inputs) -> str:
    """The Appointment of the URL, of the inputs, or of both where they agree."""
    if "id" not in request.path_params:
        return inputs.appointment_id()
    of_url = id_of(request)
    if inputs.names_appointment() and inputs.appointment_id() != of_url:
        raise WrongId
    return of_url


def _done(face: Face, written: Written, operation: str) -> Response:
    bundle = single_bundle(face.base, written.stored, operation)
    return reply(bundle, headers=version_headers(written.stored))
