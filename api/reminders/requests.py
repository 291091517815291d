"""What people ask of the reminders of their medicines: set up, changed, stopped, listed.

Everything that a turn comes to is one commit with the turn itself: the same turn again changes
nothing, and is answered the same.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, PatientId
from api.gateway.access import service_access
from api.gateway.interactions import Search
from api.gateway.service import perform
from api.people import service as people
from api.reminders import agreements, half_made, medicines, plans
from api.reminders.desk import Asking, Desk
from api.reminders.hours import is_not_daily
from api.reminders.kinds import Blank, ReminderKind, Request, Stopped
from api.reminders.meaning import (
    Ask,
    Drop,
    Keep,
    Medicine,
    Reader,
    Step,
    ToPerson,
    answers,
    begin,
    decide,
)
from api.reminders.models import RequestRow
from api.reminders.planning import Preferences, preferences_of, thread_of
from api.reminders.plans import Whose
from api.reminders.schedule import Recurring
from api.reminders.timing import Refusal
from api.reminders.wall import Pattern, wall_at
from api.reminders.wishes import name_of_medicine, prescribed, wish_at
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import Resource

# An answer that is no answer is asked for once more; then a person has it.
MOST_MISSES = 1
# For so long a wish that says no more than the one before it is no answer to our question about it.
ASKED_FOR = timedelta(minutes=30)
# As much of each line of a numbered question as is printed.
NAME_CHARS, MOST_TIMES = 20, 3
_ACCESS = service_access("reminders", "system/MedicationRequest.rs")


@dataclass(frozen=True)
class Record:
    """The person and what they are prescribed, by id, in the order of its names."""

    person: people.Person | None
    requests: dict[str, Resource]
    zone: ZoneInfo
    now: datetime

    @property
    def can_be_reminded(self) -> bool:
        """Whether there is somebody, with a phone."""
        return self.person is not None and self.person.alive and bool(self.person.numbers)


@dataclass(frozen=True)
class Case:
    """One turn about somebody's reminders, within its transaction."""

    desk: Desk
    session: AsyncSession
    asking: Asking
    record: Record
    wanted: Preferences
    listed: tuple[Medicine, ...]

    @property
    def reader(self) -> Reader:
        """What the turn's text is read with."""
        return Reader(self.listed, self.desk.vocabulary, self.wanted.day)


type Said = tuple[EngineReply, Ask | None]
_TO_PERSON: Said = (EngineReply("medicine_to_person", {}), None)


async def ask(desk: Desk, asking: Asking, what: Request, text: str) -> EngineReply:
    """Do what a text asks; what to say to it. What is not clear is asked, or a person's."""

    async def come_to(case: Case, row: RequestRow) -> Said:
        if not case.record.can_be_reminded or medicines.is_for_another(text, desk.vocabulary):
            return _TO_PERSON
        if not case.listed:
            return EngineReply("medicine_none", {}), None
        if what is Request.LIST:
            return EngineReply("medicine_list", {"medicines": _lines(case)}), None
        if is_not_daily(text):
            return _TO_PERSON
        step = decide(begin(what, text, case.reader), case.listed)
        before = await _asked_before(case, row)
        if isinstance(step, Ask) and before is not None and step.says_no_more_than(before):
            return _missed(case, before)
        return await _do(case, step, what)

    return await _once(desk, asking, come_to)


async def answer(desk: Desk, conversation: ConversationId, turn: str, text: str) -> EngineReply:
    """Take the answer to the question that is open in a conversation.

    What is no answer is asked for once more; after that, and for "none of these", a person has it.
    """
    async with desk.database.transaction() as session:
        patient = await half_made.asker_in(session, conversation)
    if patient is None:
        return _TO_PERSON[0]

    async def come_to(case: Case, row: RequestRow) -> Said:
        waiting = await half_made.opened(desk.keyring, row)
        if waiting is None or not case.record.can_be_reminded or not case.listed:
            return _TO_PERSON
        reader = replace(case.reader, listed=waiting.listed)
        read = answers(text, waiting.half, waiting.blank, reader)
        if read is None:
            return _missed(case, Ask(waiting.half, waiting.blank))
        step = read if isinstance(read, ToPerson) else decide(read, case.listed)
        if isinstance(step, Ask):
            step = replace(step, half=replace(step.half, misses=0))
        return await _do(case, step, waiting.half.what)

    return await _once(desk, Asking(patient, conversation, turn), come_to)


async def is_answer(
    session: AsyncSession, desk: Desk, conversation: ConversationId, text: str
) -> bool:
    """Whether a text answers the question about a medicine that is open in a conversation."""
    waiting = await half_made.open_in(session, desk.keyring, conversation)
    if waiting is None:
        return False
    wanted = await preferences_of(session, waiting.patient)
    reader = Reader(waiting.listed, desk.vocabulary, wanted.day)
    return answers(text, waiting.half, waiting.blank, reader) is not None


async def _once(
    desk: Desk, asking: Asking, come_to: Callable[[Case, RequestRow], Awaitable[Said]]
) -> EngineReply:
    record = await _record(desk, asking.patient)
    async with desk.database.transaction() as session:
        row = await half_made.take(session, asking, now=record.now)
        before = await half_made.said_in(desk.keyring, row, asking.turn)
        if before is not None:
            return before
        case = await _case(desk, session, asking, record)
        said = await come_to(case, row)
        await half_made.remember(desk.keyring, row, asking, said, case.listed, now=record.now)
        return said[0]


async def _record(desk: Desk, patient: PatientId) -> Record:
    person = await people.person(desk.gateway, patient)
    query = Search("MedicationRequest", (("patient", patient), ("status", "active")))
    page = await perform(desk.gateway, _ACCESS, query)
    found = sorted((each.body for each in page.entries), key=name_of_medicine)
    zone = ZoneInfo(person.zone) if person and person.zone else desk.zone
    requests = {str(each["id"]): each for each in found if not each.get("doNotPerform")}
    return Record(person, requests, zone, await desk.clock.now())


async def _case(desk: Desk, session: AsyncSession, asking: Asking, record: Record) -> Case:
    wanted = await preferences_of(session, asking.patient)
    planned = await _planned(desk, session, asking.patient)
    listed = tuple(
        _medicine(request, prescribed(request, record.zone, wanted.day), planned.get(id_, ()))
        for id_, request in record.requests.items()
    )
    return Case(desk, session, asking, record, wanted, listed)


async def _planned(
    desk: Desk, session: AsyncSession, patient: PatientId
) -> dict[str, tuple[time, ...]]:
    """When they are reminded of each medicine, by its id."""
    found = await plans.of_patient(session, desk.keyring, patient, ReminderKind.DOSE)
    return {
        each.source.partition("/")[2]: each.schedule.pattern.times
        for each in found
        if isinstance(each.schedule, Recurring)
    }


def _medicine(request: Resource, given: Pattern | Refusal, planned: tuple[time, ...]) -> Medicine:
    id_, name = str(request["id"]), name_of_medicine(request)
    if isinstance(given, Pattern):
        return Medicine(id_, name, planned, prescribed=given.times)
    return Medicine(id_, name, planned, refusal=given)


async def _do(case: Case, step: Step, what: Request) -> Said:
    match step:
        case Ask():
            tellable = _tellable(case, step)
            return _question(case, tellable), tellable
        case Keep(medicine, times):
            return await _keep(case, medicine, times, is_new=what is Request.SET_UP), None
        case Drop(some, is_all):
            return await _drop(case, some, is_all=is_all), None
        case ToPerson():
            return _TO_PERSON


async def _asked_before(case: Case, row: RequestRow) -> Ask | None:
    """The question that stands open, if one was asked a short while ago."""
    is_fresh = case.record.now - row.changed_at <= ASKED_FOR
    waiting = await half_made.opened(case.desk.keyring, row) if is_fresh else None
    if waiting is None or waiting.patient != case.asking.patient:
        return None
    return Ask(waiting.half, waiting.blank)


def _missed(case: Case, ask: Ask) -> Said:
    if ask.half.misses >= MOST_MISSES:
        return _TO_PERSON
    again = replace(ask, half=replace(ask.half, misses=ask.half.misses + 1))
    return _question(case, again), again


def _tellable(case: Case, ask: Ask) -> Ask:
    """The question without its numbers where their lines would not tell one from another."""
    lines = [_label(case, each) for each in _offered(case, ask)]
    if all(lines) and len(set(lines)) == len(lines):
        return ask
    return replace(ask, half=replace(ask.half, offered=(), offers_all=False))


def _question(case: Case, ask: Ask) -> EngineReply:
    """A numbered one, of a single medicine whether it is that one, else for its name."""
    notice = "again" if ask.half.misses else None
    stops = ask.half.what is Request.STOP
    if ask.blank is Blank.TIMES:
        return EngineReply("medicine_which_times", {"notice": notice})
    if not ask.half.offered:
        return EngineReply("medicine_which_name", {"notice": notice})
    about: dict[str, object] = {"notice": notice, "stops": stops}
    if len(ask.half.offered) == 1:
        (only,) = _offered(case, ask)
        return EngineReply("medicine_is_it", _line(case, only, only.times) | about)
    options = [_line(case, each, each.times) for each in _offered(case, ask)]
    told = {"options": options, "all": ask.half.offers_all, "choices": ask.half.choices}
    return EngineReply("medicine_which", told | about)


def _offered(case: Case, ask: Ask) -> list[Medicine]:
    return [each for id_ in ask.half.offered for each in case.listed if each.id == id_]


def _label(case: Case, medicine: Medicine) -> str:
    """What a line tells it by: its name as far as it is printed, or its times."""
    name = medicine.name[:NAME_CHARS] if case.wanted.names_medicines else ""
    return name or ", ".join(at.isoformat() for at in medicine.times[:MOST_TIMES])


def _lines(case: Case) -> list[dict[str, object]]:
    return [_line(case, each, each.planned) for each in case.listed]


def _line(case: Case, medicine: Medicine, times: Sequence[time]) -> dict[str, object]:
    """A medicine and when they are reminded of it; its name only for who agreed to that."""
    name = medicine.name if case.wanted.names_medicines else ""
    day = case.record.now.date()
    return {"medicine": name, "times": [datetime.combine(day, at).isoformat() for at in times]}


async def _keep(
    case: Case, medicine: Medicine, times: tuple[time, ...], *, is_new: bool
) -> EngineReply:
    """Record that they agreed, and the plan; what to say is how it stands then."""
    request, now = case.record.requests[medicine.id], case.record.now
    given = prescribed(request, case.record.zone, case.wanted.day)
    pattern = _pattern(given, times, case)
    wanted = await agreements.to_doses(case.session, case.asking, wants=True, now=now)
    wish = wish_at(request, pattern)
    thread = await thread_of(case.desk, case.session, min(_numbers(case)), now)
    await plans.allow_again(case.session, wish.source)
    whose = Whose(case.asking.patient, thread, case.record.zone)
    keyring = case.desk.keyring
    await plans.keep(case.session, keyring, whose, wish, now=now, is_own=bool(times))
    planned = await _planned(case.desk, case.session, case.asking.patient)
    stands = planned.get(medicine.id, ())
    asks = is_new and await agreements.asks_names(case.session, case.asking, wanted, now=now)
    arguments = _line(case, medicine, stands) | {
        "daily": pattern.every_days == 1 and len(pattern.weekdays) == 7,
        "only": 0 < len(stands) < len(medicine.planned),
    }
    return EngineReply("medicine_set_may_name" if asks else "medicine_set", arguments)


def _pattern(given: Pattern | Refusal, times: tuple[time, ...], case: Case) -> Pattern:
    """The person may choose the hour; the days, and for how long, are the prescription's."""
    if isinstance(given, Pattern):
        return replace(given, times=times or given.times)
    return Pattern(times, first_day=wall_at(case.record.now, case.record.zone).date())


async def _drop(case: Case, some: Sequence[Medicine], *, is_all: bool) -> EngineReply:
    for each in some:
        source = f"MedicationRequest/{each.id}"
        now, keyring = case.record.now, case.desk.keyring
        await plans.stop(case.session, keyring, source, Stopped.BY_PATIENT, now=now)
    if is_all:
        await agreements.to_doses(case.session, case.asking, wants=False, now=case.record.now)
    names = [each.name for each in some] if case.wanted.names_medicines else []
    return EngineReply("medicine_stopped", {"names": names, "all": is_all})


def _numbers(case: Case) -> Sequence[str]:
    return tuple(case.record.person.numbers) if case.record.person else ()
