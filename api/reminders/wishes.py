"""What the record says somebody should be reminded of, before it becomes a plan. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api.reminders.hours import is_not_daily
from api.reminders.kinds import ReminderKind, Stopped
from api.reminders.schedule import Fixed, Recurring, Schedule
from api.reminders.timing import Day, NotRemindable, Refusal, pattern_of
from api.reminders.wall import Pattern, wall_at

type Json = Mapping[str, Any]

# Two days before, and two hours before, where a service asks for nothing else.
DEFAULT_LEAD = (timedelta(days=2), timedelta(hours=2))


@dataclass(frozen=True)
class Wish:
    """Something to be reminded of. `facts`: what the prompt says of it."""

    kind: ReminderKind
    source: str
    schedule: Schedule
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Nothing:
    """There is nothing to be reminded of, and why."""

    because: Stopped


@dataclass(frozen=True)
class Person:
    """What planning needs of somebody: where they are, their hours, what they agreed to."""

    zone: ZoneInfo
    day: Day = field(default_factory=Day)
    wants_doses: bool = False
    wants_visits: bool = True
    alive: bool = True


def of_medicine(request: Json, person: Person) -> Wish | Nothing:
    """The doses of a MedicationRequest.

    Several dosage instructions are one plan where each is at times of the day: "one in the
    morning, two at night" is two times.
    """
    if not person.alive:
        return Nothing(Stopped.DECEASED)
    if request.get("status") != "active" or request.get("doNotPerform"):
        return Nothing(Stopped.MEDICINE_STOPPED)
    if not person.wants_doses:
        return Nothing(Stopped.NOT_AGREED)
    try:
        pattern = _merged(request, person)
    except NotRemindable:
        return Nothing(Stopped.NO_TIMES)
    return wish_at(request, pattern)


def prescribed(request: Json, zone: ZoneInfo, day: Day) -> Pattern | Refusal:
    """The times of the day that a MedicationRequest gives, or why it gives none."""
    try:
        return _merged(request, Person(zone, day))
    except NotRemindable as refused:
        # "Once weekly", in words alone, is not to be mistaken for every day.
        written = [str(each.get("text", "")) for each in request.get("dosageInstruction") or []]
        is_odd = refused.refusal is Refusal.NO_TIMING and any(map(is_not_daily, written))
        return Refusal.NOT_DAILY if is_odd else refused.refusal


def wish_at(request: Json, pattern: Pattern) -> Wish:
    """The doses of a MedicationRequest at times that are known."""
    source = f"MedicationRequest/{request['id']}"
    facts = {"medicine": name_of_medicine(request), "medication": json.dumps(_medication(request))}
    return Wish(ReminderKind.DOSE, source, Recurring(pattern), facts)


def of_visit(
    appointment: Json,
    person: Person,
    lead: tuple[timedelta, ...] = DEFAULT_LEAD,
    *,
    with_name: str = "",
) -> Wish | Nothing:
    """The reminders of a booked Appointment: days before at its own wall time, hours before it."""
    if not person.alive:
        return Nothing(Stopped.DECEASED)
    if appointment.get("status") != "booked" or "start" not in appointment:
        return Nothing(Stopped.VISIT_CANCELLED)
    if not person.wants_visits:
        return Nothing(Stopped.NOT_AGREED)
    start = datetime.fromisoformat(appointment["start"])
    walls = sorted({_before(start, each, person.zone) for each in lead})
    source = f"Appointment/{appointment['id']}"
    return Wish(ReminderKind.VISIT, source, Fixed(tuple(walls), start), {"with": with_name})


def name_of_medicine(request: Json) -> str:
    """The medicine's name as the prescription gives it; empty where it names none in words."""
    concept: Json = request.get("medicationCodeableConcept") or {}
    displays = [str(each["display"]) for each in concept.get("coding", []) if "display" in each]
    reference: Json = request.get("medicationReference") or {}
    return str(concept.get("text") or next(iter(displays), reference.get("display", "")))


def _medication(request: Json) -> Json:
    """Which medicine it is, in the words of the prescription: statements repeat them."""
    return {key: request[key] for key in request if key.startswith("medication")}


def _merged(request: Json, person: Person) -> Pattern:
    authored = _day(str(request.get("authoredOn", "")), person.zone)
    instructions = request.get("dosageInstruction") or [{}]
    patterns = [
        pattern_of(each, authored=authored, zone=person.zone, day=person.day)
        for each in instructions
    ]
    first = patterns[0]
    if len({(each.weekdays, each.every_days) for each in patterns}) > 1:
        raise NotRemindable(Refusal.NOT_DAILY)  # "on Mondays one, on Thursdays two"
    times = sorted({time for pattern in patterns for time in pattern.times})
    return Pattern(
        times=tuple(times),
        first_day=min(pattern.first_day for pattern in patterns),
        last_day=_latest([pattern.last_day for pattern in patterns]),
        weekdays=first.weekdays,
        every_days=first.every_days,
        count=first.count if len(patterns) == 1 else None,
    )


def _latest(days: list[date | None]) -> date | None:
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def _day(written: str, zone: ZoneInfo) -> date:
    if "T" in written:
        return datetime.fromisoformat(written).astimezone(zone).date()
    return date.fromisoformat((written + "1970-01-01"[len(written) :])[:10])


def _before(start: datetime, lead: timedelta, zone: ZoneInfo) -> datetime:
    """Whole days keep the wall time over a clock change; hours are counted."""
    if lead % timedelta(days=1) == timedelta():
        return wall_at(start, zone) - lead
    return wall_at(start - lead, zone)
