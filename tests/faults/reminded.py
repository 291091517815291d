"""Many people to remind, made beside the service: a medicine at eight, another at half past.

`python -m tests.faults.reminded fill PEOPLE` makes them and their plans; `… go NOW` sets the clock
past both doses in one step, as after a standstill; `… tell OUT` writes what they were sent and what
is left. All three are commands, because they need the data of a running service.
"""

import asyncio
import json
import sys
from datetime import datetime
from itertools import batched
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.bootstrap import Ports
from api.commands.ports import with_ports
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.core.clock import real_now, set_ahead
from api.core.ids import PatientId
from api.core.language import Language
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.reminders import plans
from api.reminders.planning import Preferences, agree
from api.reminders.plans import Whose
from api.reminders.wishes import Person, Wish, of_medicine
from integrations.ports.fhir import FhirSession, Resource

NEW_YORK: Final = ZoneInfo("America/New_York")
HOURS: Final = ("08:00:00", "08:30:00")
AT_ONCE: Final = 50
# Numbers ending in 555-01xx belong to nobody, in every area.
AREAS: Final = (
    *(202, 203, 205, 206, 207, 208, 209, 210, 213, 214),
    *(215, 216, 217, 218, 219, 224, 225, 228, 229, 231),
)
COUNTS: Final = {
    "plans left behind": (
        "SELECT count(*) FROM reminder_plan p, (SELECT CAST(:now AS timestamptz) AS now) c"
        " WHERE p.state <> 'active' OR p.next_at <= c.now"
    ),
    "prompts not said": "SELECT count(*) FROM reminder_prompt WHERE state <> 'said'",
    "prompts": "SELECT count(*) FROM reminder_prompt",
    "texts not sent": (
        "SELECT count(*) FROM outbound WHERE purpose = 'reminder'"
        " AND state NOT IN ('sent', 'delivered')"
    ),
}


def number_of(person: int) -> str:
    """The phone of one of them."""
    return f"+1{AREAS[person // 100]}55501{person % 100:02}"


async def fill(ports: Ports, wanted: str) -> int:
    """Make so many people, who agreed to everything, with their plans."""
    now = await ports.clock.now()
    for some in batched(range(int(wanted)), AT_ONCE):
        async with ports.database.transaction() as session:
            fhir = ports.backend.on(await session.connection())
            for person in some:
                await _person(ports, session, fhir, person, now)
    return 0


async def _person(
    ports: Ports, session: AsyncSession, fhir: FhirSession, person: int, now: datetime
) -> None:
    number = number_of(person)
    patient = PatientId((await fhir.create(_patient(person, number), now=now)).stored.id)
    thread = await find_or_open(session, ports.keyring, Channel.SMS, number, now=now)
    act = consent.Act(
        conversation=thread,
        number_lookup=ports.keyring.lookup(number),
        state=ConsentState.OPTED_IN,
        channel=Channel.SMS,
        language=Language.EN,
        evidence="faults",
        patient=patient,
    )
    await consent.record(session, ports.keyring, act, now=now)
    await agree(session, patient, Preferences(wants_doses=True), now=now)
    for hour in HOURS:
        stored = (await fhir.create(_medicine(patient, hour), now=now)).stored
        wish = of_medicine(stored.body, Person(NEW_YORK, wants_doses=True))
        assert isinstance(wish, Wish)
        whose = Whose(patient, thread, NEW_YORK)
        await plans.keep(session, ports.keyring, whose, wish, now=now)


def _patient(person: int, number: str) -> Resource:
    return {
        "resourceType": "Patient",
        "active": True,
        "identifier": [{"system": "https://careline.example/mrn", "value": f"7{person:05}"}],
        "name": [{"family": f"Fault{person}", "given": ["Pat"]}],
        "telecom": [{"system": "phone", "value": number}],
        "birthDate": "1980-01-31",
    }


def _medicine(patient: PatientId, hour: str) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": f"Medicine of {hour}"},
        "authoredOn": "2027-03-01",
        "dosageInstruction": [{"timing": {"repeat": {"timeOfDay": [hour]}}}],
    }


async def go(ports: Ports, wanted: str) -> int:
    """Set the clock without stopping on the way."""
    async with ports.database.transaction() as session:
        await set_ahead(session, datetime.fromisoformat(wanted) - real_now())
    return 0


async def tell(ports: Ports, out: str) -> int:
    """Write down what each phone was sent, in order, and what is left."""
    numbers = [f"+1{area}55501%" for area in AREAS]
    sent: dict[str, list[str]] = {}
    async with ports.database.transaction() as session:
        rows = await session.execute(
            text(
                "SELECT phone, body FROM twilio_message WHERE direction = 'outbound-api'"
                " AND phone LIKE ANY(CAST(:numbers AS text[])) ORDER BY seq"
            ),
            {"numbers": numbers},
        )
        for phone, body in rows:
            sent.setdefault(str(phone), []).append(str(body))
        now = await ports.clock.now()
        left = {
            name: int(await session.scalar(text(query), _given(query, now)) or 0)
            for name, query in COUNTS.items()
        }
    await asyncio.to_thread(Path(out).write_text, json.dumps({"sent": sent, "left": left}), "utf-8")
    return 0


def _given(query: str, now: datetime) -> dict[str, object]:
    return {"now": now} if ":now" in query else {}


def main() -> int:
    """Run one of the commands."""
    does = {"fill": fill, "go": go, "tell": tell}[sys.argv[1]]
    try:
        with_ports(lambda ports: does(ports, sys.argv[2]))
    except typer.Exit as end:
        return end.exit_code
    return 1


if __name__ == "__main__":
    sys.exit(main())
