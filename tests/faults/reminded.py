"""Many people to remind, made beside the service: medicines at eight, others at half past.

`python -m tests.faults.reminded begin PEOPLE EACH NOW` makes them with so many medicines each hour,
and sets the clock past both hours in one step, as after a standstill; `… tell OUT` writes what they
were sent and what is left. Both are commands, because they need the data of a running service.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
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
from api.core.crypto import Place
from api.core.ids import PatientId, new_id
from api.core.language import Language
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.reminders.models import PlanRow, PreferenceRow
from api.reminders.schedule import first_from
from api.reminders.wall import instant_of, wall_at
from api.reminders.wishes import Person, Wish, of_medicine
from integrations.ports.fhir import Resource

NEW_YORK: Final = ZoneInfo("America/New_York")
HOURS: Final = ("08:00:00", "08:30:00")
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
    "doses not asked about just once": (
        "SELECT count(*) FROM reminder_plan p"
        """ WHERE schedule->>'times' IN ('["08:00:00"]', '["08:30:00"]')"""
        " AND (SELECT count(*) FROM reminder_item i WHERE i.plan_id = p.id) <> 1"
    ),
    "doses": "SELECT count(*) FROM reminder_item",
    "texts not sent": (
        "SELECT count(*) FROM outbound WHERE purpose = 'reminder'"
        " AND state NOT IN ('sent', 'delivered')"
    ),
}


def number_of(person: int) -> str:
    """The phone of one of them."""
    return f"+1{AREAS[person // 100]}55501{person % 100:02}"


async def begin(ports: Ports, people: str, each: str, wanted: str) -> int:
    """Make so many people with so many medicines at each hour; then let all fall due."""
    async with ports.database.transaction() as session:
        await fill(ports, session, people=int(people), each=int(each))
        await set_ahead(session, datetime.fromisoformat(wanted) - real_now())
    return 0


async def fill(
    ports: Ports, session: AsyncSession, *, people: int, each: int, hours: Sequence[str] = HOURS
) -> None:
    """Make people who agreed to everything, with their medicines and plans."""
    now, numbers = await ports.clock.now(), range(people)
    fhir = ports.backend.on(await session.connection())
    patients = await fhir.bulk_create([patient(number) for number in numbers], now=now)
    for number, who in zip(numbers, patients, strict=True):
        await agrees(ports, session, number, PatientId(who), now)
    bodies = [_medicine(who, hour) for who in patients for hour in hours for _ in range(each)]
    ids = await fhir.bulk_create(bodies, now=now)
    threads = await _threads(session)
    for id_, body in zip(ids, bodies, strict=True):
        session.add(await _plan(ports, threads, {**body, "id": id_}, now))


async def agrees(
    ports: Ports, session: AsyncSession, person: int, patient: PatientId, now: datetime
) -> None:
    number = number_of(person)
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
    session.add(PreferenceRow(patient_id=patient, wants_doses=True, changed_at=now))


async def _threads(session: AsyncSession) -> dict[str, str]:
    """The conversation of each patient."""
    found = await session.execute(
        text("SELECT patient_id, conversation_id FROM consent WHERE evidence = 'faults'")
    )
    return {str(patient): str(thread) for patient, thread in found}


async def _plan(
    ports: Ports, threads: dict[str, str], medicine: Resource, now: datetime
) -> PlanRow:
    """As it is kept when the record tells of the medicine; here without asking for one before."""
    patient = str(medicine["subject"]["reference"]).removeprefix("Patient/")
    wish = of_medicine(medicine, Person(NEW_YORK, wants_doses=True))
    assert isinstance(wish, Wish)
    id_, wall = new_id(), first_from(wish.schedule, wall_at(now, NEW_YORK))
    assert wall is not None
    place = Place("reminder_plan", "facts", id_)
    facts = json.dumps(dict(wish.facts))
    return PlanRow(
        id=id_,
        kind=wish.kind,
        patient_id=patient,
        source=wish.source,
        conversation_id=threads[patient],
        zone=NEW_YORK.key,
        schedule=wish.schedule.as_json(),
        facts_sealed=await ports.keyring.seal(facts, owner=f"patient/{patient}", place=place),
        next_wall=wall,
        next_at=instant_of(wall, NEW_YORK),
        changed_at=now,
    )


def patient(person: int) -> Resource:
    return {
        "resourceType": "Patient",
        "active": True,
        "identifier": [{"system": "https://careline.example/mrn", "value": f"7{person:05}"}],
        "name": [{"family": f"Fault{person}", "given": ["Pat"]}],
        "telecom": [{"system": "phone", "value": number_of(person)}],
        "birthDate": "1980-01-31",
    }


def _medicine(patient: str, hour: str) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": f"Medicine of {hour}"},
        "authoredOn": "2027-03-01",
        "dosageInstruction": [{"timing": {"repeat": {"timeOfDay": [hour]}}}],
    }


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
    does: dict[str, Callable[..., Awaitable[int]]] = {"begin": begin, "tell": tell}
    try:
        with_ports(lambda ports: does[sys.argv[1]](ports, *sys.argv[2:]))
    except typer.Exit as end:
        return end.exit_code
    return 1


if __name__ == "__main__":
    sys.exit(main())
