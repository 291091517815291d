"""A patient's record for staff at work: every card is loaded, and fails, on its own.

Least privilege: the scopes asked for are those of the member's role, for this one patient.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.core.errors import CareError
from api.core.ids import PatientId
from api.core.logging import describe, get_logger
from api.gateway.access import Access, ActorKind
from api.gateway.errors import Forbidden
from api.gateway.interactions import Read
from api.gateway.scopes import parse_scopes
from api.gateway.service import Gateway, perform
from api.people import chart_clinical, chart_visits
from api.people.chart_facts import facts_of
from api.people.chart_kinds import (
    Card,
    CardKind,
    Chart,
    Facts,
    Flag,
    Item,
    State,
    Trend,
    Withheld,
)
from api.people.chart_reader import Loaded, Reader
from api.staff.kinds import Member, Permission
from api.staff.service import may
from integrations.ports.errors import PortError

__all__ = [
    "Card",
    "CardKind",
    "Chart",
    "Charts",
    "Facts",
    "Flag",
    "Item",
    "Loader",
    "State",
    "Trend",
    "Withheld",
    "staff_access",
]

LOADS_AT_ONCE: Final = 3  # one connection each, so that charts leave some to everybody else
RECORD_SCOPES: Final = (
    "patient/Patient.r patient/AllergyIntolerance.s patient/MedicationRequest.s "
    "patient/MedicationStatement.s patient/Medication.r patient/Appointment.s "
    "patient/Practitioner.r patient/Consent.s patient/QuestionnaireResponse.s "
    "patient/Task.s?code=complete-questionnaire"
)
CLINICAL_SCOPES: Final = "patient/Condition.s patient/Observation.s"
CLINICAL: Final = frozenset({CardKind.PROBLEMS, CardKind.READINGS})

type Loader = Callable[[Reader], Awaitable[Loaded]]

LOADERS: Final[dict[CardKind, Loader]] = {
    CardKind.ALLERGIES: chart_clinical.allergies,
    CardKind.PROBLEMS: chart_clinical.problems,
    CardKind.MEDICINES: chart_clinical.medicines,
    CardKind.READINGS: chart_clinical.readings,
    CardKind.VISITS: chart_visits.visits,
    CardKind.CONSENTS: chart_visits.consents,
}
# What a record from elsewhere may do to its reader: a card that cannot be read has failed.
FAILURES: Final = (
    CareError,
    PortError,
    SQLAlchemyError,
    OSError,
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    AttributeError,
)


@dataclass(frozen=True)
class Charts:
    """Charts of one record. `more`: loaders of cards whose domain is not ours."""

    gateway: Gateway
    more: Mapping[CardKind, Loader] = field(default_factory=dict)

    async def of(
        self,
        member: Member,
        patient: PatientId,
        *,
        now: datetime,
        zone: tzinfo = UTC,
        origin: str | None = None,
    ) -> Chart:
        """A patient's record as that member of staff may see it; each look is in the audit.

        Takes connections of its own: call it without one in hand. `zone` is the clinic's, in
        which times are told; `origin` the network address that the audit keeps.

        Raises:
            Forbidden: the role reads no record at all.
        """
        reader = Reader(self.gateway, staff_access(member, patient, origin), patient, now, zone)
        gate = asyncio.Semaphore(LOADS_AT_ONCE)
        loaders = {**LOADERS, **self.more}
        kinds = [kind for kind in CardKind if kind in loaders]
        shown = [kind for kind in kinds if _sees(member, kind)]
        async with asyncio.TaskGroup() as group:
            facts = group.create_task(_facts(reader, gate))
            cards = [group.create_task(_card(reader, kind, loaders[kind], gate)) for kind in shown]
        withheld = tuple(Withheld(kind) for kind in kinds if kind not in shown)
        return Chart(facts.result(), tuple(card.result() for card in cards), withheld, now)


def staff_access(member: Member, patient: PatientId, origin: str | None = None) -> Access:
    """A member's standing towards one patient's record.

    Raises:
        Forbidden: the role reads no record at all.
    """
    if not may(member.role, Permission.READ_RECORD):
        raise Forbidden
    scopes = RECORD_SCOPES
    if may(member.role, Permission.READ_CLINICAL):
        scopes += " " + CLINICAL_SCOPES
    granted = parse_scopes(scopes)
    return Access(ActorKind.STAFF, str(member.id), granted, patient=patient, origin=origin)


def _sees(member: Member, kind: CardKind) -> bool:
    return kind not in CLINICAL or may(member.role, Permission.READ_CLINICAL)


async def _facts(reader: Reader, gate: asyncio.Semaphore) -> Facts | None:
    try:
        async with gate:
            asked = Read("Patient", reader.patient)
            return facts_of((await perform(reader.gateway, reader.access, asked)).body)
    except FAILURES as failure:
        get_logger().warning("chart_facts_failed", **describe(failure))
        return None


async def _card(reader: Reader, kind: CardKind, load: Loader, gate: asyncio.Semaphore) -> Card:
    try:
        async with gate:
            loaded = await load(reader)
    except FAILURES as failure:
        get_logger().warning("chart_card_failed", key=kind.value, **describe(failure))
        return Card(kind, State.FAILED, (), reader.now)
    return Card(kind, loaded.state, loaded.items, reader.now, loaded.more)
