"""The audit for whoever reviews it: who saw what of a patient, and what somebody of staff did."""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.audit import service as audit
from api.audit.service import Action, Entry, Happened, Who
from api.console import showing, times
from api.console.showing import Desk, Looking
from api.core.ids import PatientId
from api.people import service as people
from api.staff import service as staff
from api.staff.kinds import Member, Permission
from api.staff.service import StaffSession

PAGE: Final = 50
LOOKED: Final = "audit:console:read"
ACTIONS: Final = {"C": "Created", "R": "Read", "U": "Changed", "D": "Deleted", "E": "Did"}
SEARCHED: Final = "Searched"
NOT_STAFF: Final = {"turn": "The assistant", "system": "Careline", "service": "Careline"}
RESULTS: Final = {"0": "", "4": "Failed", "8": "Refused"}
"""FHIR's codes in words."""


@dataclass(frozen=True)
class Line:
    """One act, as the page tells it."""

    at: str
    who: str
    did: str
    tag: str
    of: str
    purpose: str
    result: str


@dataclass(frozen=True)
class Asked:
    """What is asked for: a patient's record number, or somebody of staff."""

    mrn: str = ""
    member: str = ""
    before: str = ""


def router(desk: Desk) -> APIRouter:
    """`/console/audit`."""
    routes = APIRouter(prefix="/console", include_in_schema=False)
    reads = Annotated[StaffSession, Depends(desk.door.require(Permission.READ_AUDIT))]

    @routes.get("/audit")
    async def page(
        request: Request,
        session: reads,
        mrn: Annotated[str, Query(max_length=40)] = "",
        member: Annotated[str, Query(max_length=64)] = "",
        before: Annotated[str, Query(max_length=36)] = "",
    ) -> HTMLResponse:
        at = await showing.looking(desk, request, session)
        asked = Asked(mrn.strip(), member, before)
        return showing.page(desk, at, "audit.html", await _found(desk, at, asked), nav="audit")

    return routes


async def _found(desk: Desk, at: Looking, asked: Asked) -> dict[str, object]:
    """The answer; that it was asked for is recorded in the same audit."""
    line, zone = desk.console.line, desk.console.clinic.zone
    patient = await people.patient_with_mrn(line.gateway, asked.mrn) if asked.mrn else None
    async with line.database.transaction() as session:
        # Also who has left: what they did stays theirs.
        everybody = [each.member for each in await staff.listed(session)]
        known: list[Happened] = []
        if asked.mrn or asked.member:
            entry = Entry(LOOKED, Action.READ, "search-type", patient=patient)
            who = Who("staff", at.member.id, purpose="HSYSADMIN", origin=at.origin or None)
            await audit.record(session, line.keyring, [entry], who=who, now=at.now)
        if patient or (asked.member and not asked.mrn):
            known = await audit.happened(
                session, patient=patient, agent=asked.member, before=asked.before, limit=PAGE + 1
            )
    names = {str(each.id): each for each in everybody}
    return {
        "asked": asked,
        "everybody": everybody,
        "is_unknown": bool(asked.mrn) and patient is None,
        "lines": [_line(each, names, patient, at, zone) for each in known[:PAGE]],
        "more": known[PAGE - 1].id if len(known) > PAGE else "",
    }


def _line(
    each: Happened,
    names: dict[str, Member],
    patient: PatientId | None,
    at: Looking,
    zone: tzinfo,
) -> Line:
    member = names.get(each.agent_id)
    if member is not None:
        who = f"{member.name} ({member.role})"
    else:
        who = NOT_STAFF.get(each.agent_kind, each.agent_kind)
    what = f"{each.resource_type}/{each.resource_id}" if each.resource_id else each.resource_type
    return Line(
        at=f"{times.day(each.at, at.now, zone)}, {times.clock(each.at, zone)}",
        who=who,
        did=SEARCHED if each.tag.endswith(":search") else ACTIONS.get(each.action, each.action),
        tag=each.tag,
        of=(what or "") if patient else (f"Patient/{each.patient}" if each.patient else what or ""),
        purpose=each.purpose or "",
        result=RESULTS.get(each.outcome, each.outcome),
    )
