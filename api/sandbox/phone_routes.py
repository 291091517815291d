"""A phone in the browser: the page, and the texts behind it."""

from typing import get_args

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.sandbox import service
from api.sandbox.models import TwilioMessageRow
from api.sandbox.patients import DEMO_PATIENTS
from api.sandbox.schemas import PhoneMessage, PhoneText, PhoneThread, SetFaults, TextTaken
from api.sandbox.service import Sandbox
from api.web.pages import Pages

PAGE = "phone.html"
SERVICES = {
    "twilio": "SMS provider",
    "fhir": "Record (FHIR)",
    "rasa": "Engine (Rasa)",
    "webhooks": "Webhooks",
}


def router(sandbox: Sandbox, pages: Pages) -> APIRouter:
    """The phone's page and its API."""
    routes = APIRouter(prefix="/sandbox/phone", tags=["sandbox"])

    @routes.get("", include_in_schema=False)
    async def page() -> HTMLResponse:
        return pages.show(
            PAGE,
            owners=_owners(),
            clinic_number=sandbox.account.number,
            switches=_switches(),
            names=SERVICES,
        )

    @routes.post("/{number}/messages", status_code=202)
    async def send(number: str, message: PhoneText) -> TextTaken:
        """Text the clinic from this phone."""
        return TextTaken(sid=await service.text_as(sandbox, number, message.text))

    @routes.get("/{number}/messages")
    async def thread(number: str) -> PhoneThread:
        """Every text to and from this phone."""
        rows = await service.thread_of(sandbox, number)
        return PhoneThread(messages=[_as_message(row) for row in rows])

    return routes


def _as_message(row: TwilioMessageRow) -> PhoneMessage:
    return PhoneMessage(
        sid=row.sid,
        direction="inbound" if row.direction == "inbound" else "outbound",
        text=row.body,
        at=row.at,
        status=row.status,
    )


def _owners() -> list[dict[str, str]]:
    """Each demo number once, with everybody whose phone it is."""
    names: dict[str, list[str]] = {}
    for patient in DEMO_PATIENTS:
        names.setdefault(patient.phone, []).append(patient.name)
    return [{"number": number, "names": " and ".join(who)} for number, who in names.items()]


def _switches() -> dict[str, list[str]]:
    """The faults that each service's switch knows, ok first."""
    choices = {
        name: get_args(get_args(f.annotation)[0]) for name, f in SetFaults.model_fields.items()
    }
    return {
        name: ["ok", *(each for each in known if each != "ok")] for name, known in choices.items()
    }
