"""The cards of visits and of consents."""

from datetime import datetime
from typing import Final

from api.people.chart_kinds import Item
from api.people.chart_reader import Loaded, Reader
from api.people.record_words import concept_text, has_code, instant_of, joined
from api.people.service import human_name
from integrations.ports.fhir import HOLD_EXPIRES, Resource

UPCOMING: Final = "booked,arrived,checked-in,pending"
PAST: Final = "booked,arrived,checked-in,fulfilled,noshow"
MOST_UPCOMING, MOST_PAST = 20, 3
STATES: Final = {
    "booked": "Booked",
    "pending": "Not confirmed yet",
    "arrived": "Arrived",
    "checked-in": "Checked in",
    "fulfilled": "Done",
    "noshow": "Did not come",
}
SUBJECTS: Final = {"sms": "Text messages", "patient-privacy": "Privacy"}
CONSENT_STATES: Final = {
    "draft": "Not signed yet",
    "proposed": "Asked for",
    "rejected": "Refused",
    "inactive": "Withdrawn",
}


async def visits(reader: Reader) -> Loaded:
    """Those to come, the next one first; then the last three."""
    now = reader.now.isoformat()
    ahead = await reader.first_of(
        "Appointment",
        MOST_UPCOMING,
        ("status", UPCOMING),
        ("date", f"ge{now}"),
        ("_sort", "date"),
    )
    behind = await reader.first_of(
        "Appointment", MOST_PAST, ("status", PAST), ("date", f"lt{now}"), ("_sort", "-date")
    )
    # The clinic is asking the patient about a held time just now: it is no visit yet.
    shown = [each for each in (*ahead.resources, *behind.resources) if not _is_held(each)]
    return Loaded(tuple([await _visit(reader, each) for each in shown]), more=ahead.more)


async def consents(reader: Reader) -> Loaded:
    """What the patient has agreed to, refused or taken back, the newest first."""
    found = await reader.all_of("Consent", ("_sort", "-date"))
    standing = [each for each in found.resources if each.get("status") != "entered-in-error"]
    return Loaded(tuple(_consent(reader, each) for each in standing), more=found.more)


async def _visit(reader: Reader, appointment: Resource) -> Item:
    kinds = appointment.get("serviceType", ()) or (appointment.get("appointmentType"),)
    kind = concept_text(next(iter(kinds), None)) or "Visit"
    who = await _clinician(reader, appointment)
    state = STATES.get(str(appointment["status"]), "")
    return Item(f"{kind} with {who}" if who else kind, state, at=_at(reader, appointment["start"]))


async def _clinician(reader: Reader, appointment: Resource) -> str:
    for participant in appointment.get("participant", ()):
        actor = participant.get("actor", {})
        reference = str(actor.get("reference", ""))
        if reference.startswith("Practitioner/"):
            found = None if actor.get("display") else await reader.named(reference)
            return str(actor.get("display") or (human_name(found) if found else ""))
    return ""


def _consent(reader: Reader, consent: Resource) -> Item:
    categories = consent.get("category", ())
    subject = next(
        (words for code, words in SUBJECTS.items() if any(has_code(c, code) for c in categories)),
        next(map(concept_text, categories), "") or "Consent",
    )
    detail = joined((_standing(consent), _relayed(consent)))
    return Item(subject, detail, at=_at(reader, consent.get("dateTime")))


def _standing(consent: Resource) -> str:
    if consent.get("status") != "active":
        return CONSENT_STATES.get(str(consent.get("status")), "")
    is_denied = consent.get("provision", {}).get("type") == "deny"
    return "Refused" if is_denied else "Agreed"


def _relayed(consent: Resource) -> str:
    """Who agreed, where it was not the patient."""
    performers = consent.get("performer", ())
    return next((f"By {each['display']}" for each in performers if each.get("display")), "")


def _is_held(appointment: Resource) -> bool:
    urls = (extension.get("url") for extension in appointment.get("extension", ()))
    return appointment.get("status") == "pending" and HOLD_EXPIRES in urls


def _at(reader: Reader, value: object) -> datetime | None:
    at = instant_of(value)
    return at.astimezone(reader.zone) if at else None
