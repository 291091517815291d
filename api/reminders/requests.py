"""What people ask of the reminders of their medicines: set up, changed, stopped, listed.

Each says in full what shall be so afterwards, so the same turn again changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from api.core.ids import PatientId
from api.gateway.access import service_access
from api.gateway.interactions import Search
from api.gateway.service import perform
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.people import service as people
from api.reminders import medicines, plans
from api.reminders.desk import Desk
from api.reminders.hours import is_not_daily, read_hours
from api.reminders.kinds import ReminderKind, Request, Stopped
from api.reminders.planning import Preferences, agree, preferences_of
from api.reminders.plans import Whose
from api.reminders.schedule import Recurring
from api.reminders.wall import Pattern, wall_at
from api.reminders.wishes import Nothing, Person, Wish, name_of_medicine, of_medicine, wish_at
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import Resource

_ACCESS = service_access("reminders", "system/MedicationRequest.rs")
_TO_PERSON = EngineReply("medicine_to_person", {})


@dataclass(frozen=True)
class Known:
    """The person and what they are prescribed, at one instant."""

    patient: PatientId
    person: people.Person
    wanted: Preferences
    medicines: list[Resource]
    now: datetime


async def ask(desk: Desk, patient: PatientId, what: Request, text: str) -> EngineReply:
    """Do what a text asks; what to say to it. What is not clear is a person's to answer."""
    known = await _known(desk, patient)
    if known is None or medicines.is_for_another(text):
        return _TO_PERSON
    if not known.medicines:
        return EngineReply("medicine_none", {})
    if what is Request.LIST:
        return await _list(desk, known)
    if what is Request.STOP:
        return await _stop(desk, known, text)
    return await _keep(desk, known, what, text)


async def _known(desk: Desk, patient: PatientId) -> Known | None:
    person = await people.person(desk.gateway, patient)
    if person is None or not person.alive or not person.numbers:
        return None
    query = Search("MedicationRequest", (("patient", patient), ("status", "active")))
    page = await perform(desk.gateway, _ACCESS, query)
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        wanted = await preferences_of(session, patient)
    found = [each.body for each in page.entries]
    return Known(patient, person, wanted, sorted(found, key=name_of_medicine), now)


async def _keep(desk: Desk, known: Known, what: Request, text: str) -> EngineReply:
    found = _meant(desk, known, text, reminders_will_do=what is Request.CHANGE)
    if len(found) != 1 or is_not_daily(text):
        return _TO_PERSON
    times = read_hours(text, known.wanted.day)
    zone = ZoneInfo(known.person.zone) if known.person.zone else desk.zone
    wish = _wish(known, found[0], times, zone)
    if isinstance(wish, Nothing) or (what is Request.CHANGE and not times):
        return EngineReply("medicine_which_times", {})
    await _remember(desk, known, wish, zone, is_own=bool(times))
    return await _told(desk, known, wish.source)


def _wish(
    known: Known, request: Resource, times: tuple[time, ...], zone: ZoneInfo
) -> Wish | Nothing:
    if times:
        return wish_at(request, Pattern(times, first_day=wall_at(known.now, zone).date()))
    return of_medicine(request, Person(zone=zone, day=known.wanted.day, wants_doses=True))


async def _remember(desk: Desk, known: Known, wish: Wish, zone: ZoneInfo, *, is_own: bool) -> None:
    """Record that they agreed, and the plan, in one commit."""
    async with desk.database.transaction() as session:
        wanted = replace(known.wanted, wants_doses=True)
        await agree(session, known.patient, wanted, now=known.now)
        number = min(known.person.numbers)
        thread = await find_or_open(session, desk.keyring, Channel.SMS, number, now=known.now)
        await plans.allow_again(session, wish.source)
        whose = Whose(known.patient, thread, zone)
        await plans.keep(session, desk.keyring, whose, wish, now=known.now, is_own=is_own)


async def _stop(desk: Desk, known: Known, text: str) -> EngineReply:
    is_all = medicines.says_all(text)
    found = known.medicines if is_all else _meant(desk, known, text, reminders_will_do=True)
    if not found or (len(found) > 1 and not is_all):
        return _TO_PERSON
    async with desk.database.transaction() as session:
        for each in found:
            source = f"MedicationRequest/{each['id']}"
            await plans.stop(session, source, Stopped.BY_PATIENT, now=known.now)
        if is_all:
            wanted = replace(known.wanted, wants_doses=False)
            await agree(session, known.patient, wanted, now=known.now)
    names = [name_of_medicine(each) for each in found] if known.wanted.names_medicines else []
    return EngineReply("medicine_stopped", {"names": names, "all": is_all})


async def _list(desk: Desk, known: Known) -> EngineReply:
    planned = [await _line(desk, known, each) for each in known.medicines]
    return EngineReply("medicine_list", {"medicines": planned})


async def _told(desk: Desk, known: Known, source: str) -> EngineReply:
    """The times as they now stand: those of an earlier choice may have been kept."""
    request = next(each for each in known.medicines if source.endswith(f"/{each['id']}"))
    return EngineReply("medicine_set", await _line(desk, known, request))


async def _line(desk: Desk, known: Known, request: Resource) -> dict[str, object]:
    """A medicine and when they are reminded of it; its name only for who agreed to that."""
    async with desk.database.transaction() as session:
        found = await plans.of_patient(session, desk.keyring, known.patient, ReminderKind.DOSE)
    source = f"MedicationRequest/{request['id']}"
    schedules = [each.schedule for each in found if each.source == source]
    times = [at for each in schedules if isinstance(each, Recurring) for at in each.pattern.times]
    name = name_of_medicine(request) if known.wanted.names_medicines else ""
    day = known.now.date()
    return {"medicine": name, "times": [datetime.combine(day, at).isoformat() for at in times]}


def _meant(desk: Desk, known: Known, text: str, *, reminders_will_do: bool) -> list[Resource]:
    names = [name_of_medicine(each) for each in known.medicines]
    places = medicines.named_in(text, names, desk.brands)
    if not places and reminders_will_do and len(names) == 1:
        return known.medicines if medicines.says_reminders_only(text) else []
    return [known.medicines[place] for place in places]
