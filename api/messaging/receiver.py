"""What is true of a message's receiver at the moment of sending, for the gate."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.core.clock import real_now
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.gateway.service import Gateway
from api.messaging.clinic import Clinic
from api.messaging.gate import Facts, Hours, Purpose, Refusal
from api.messaging.models import InboundRow, OutboundRow
from api.messaging.threads import address_of, lookup_of
from api.people import service as people
from api.people.service import Person
from integrations.ports.errors import PortError

StillTrue = Callable[[str], Awaitable[Refusal | None]]
"""Why what a message speaks of is not so any more; None while it is."""
Frozen = Callable[[AsyncSession, ConversationId, PatientId | None], Awaitable[bool]]
"""Whether nobody but people may write to whoever a message is for."""


async def never(
    _session: AsyncSession, _conversation: ConversationId, _patient: PatientId | None
) -> bool:
    """Nobody is frozen."""
    return False


class Receivers:
    """Looks receivers up: consent in our ledger, life and zone in the record."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        gateway: Gateway,
        clinic: Clinic,
        still_true: Mapping[str, StillTrue] | None = None,
        *,
        frozen: Frozen = never,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._gateway = gateway
        self._clinic = clinic
        self._still_true = still_true or {}
        self._frozen = frozen

    async def facts_of(self, row: OutboundRow) -> Facts:
        """Everything that the gate decides by."""
        async with self._database.transaction() as session:
            standing = await consent.standing_of(session, await _number(session, row))
            wrote_at = await _wrote_at(session, row.thread_id)
            frozen = await self._frozen(session, ConversationId(row.thread_id), _patient(row))
        person = await self._person(row)
        return Facts(
            purpose=Purpose(row.purpose),
            opted_in=standing.state is ConsentState.OPTED_IN,
            opted_out=standing.state is ConsentState.OPTED_OUT,
            alive=person is None or person.alive,
            zone=ZoneInfo(person.zone) if person and person.zone else self._clinic.zone,
            patient_wrote_at=wrote_at,
            number_is_theirs=await self._is_theirs(row, person),
            frozen=frozen,
            untrue=await self._untrue(row),
            useful_until=row.useful_until,
            hours=Hours(row.hours),
        )

    async def _is_theirs(self, row: OutboundRow, person: Person | None) -> bool:
        """Whoever writes from a number has it; only a reminder may come to one that was theirs."""
        if person is None or row.purpose != Purpose.REMINDER:
            return True
        async with self._database.transaction() as session:
            number = await address_of(session, self._keyring, ConversationId(row.thread_id))
        return number in person.numbers

    async def _untrue(self, row: OutboundRow) -> Refusal | None:
        """Asked of whoever planned the message; it may have to ask the record."""
        kind, _, id_ = (row.about or "").partition(":")
        return await self._still_true[kind](id_) if kind else None

    async def opted_out(self, session: AsyncSession, row: OutboundRow) -> None:
        """The carrier says that the number is blocked: the ledger learns it."""
        number = await _number(session, row)
        if (await consent.standing_of(session, number)).state is ConsentState.OPTED_OUT:
            return
        act = consent.Act(
            conversation=ConversationId(row.thread_id),
            number_lookup=number,
            state=ConsentState.OPTED_OUT,
            channel=row.channel,
            language=Language.EN,
            evidence=f"carrier refused {row.id}",
            patient=_patient(row),
        )
        await consent.record(session, self._keyring, act, now=real_now())

    async def _person(self, row: OutboundRow) -> Person | None:
        """Only what nobody asked for depends on the record; a reply must go when it is away."""
        if row.patient_id is None or row.purpose in {Purpose.SAFETY, Purpose.CONSENT}:
            return None
        try:
            return await people.person(self._gateway, PatientId(row.patient_id))
        except PortError:
            if row.purpose in {Purpose.NOTICE, Purpose.REMINDER}:
                raise
            return None


def _patient(row: OutboundRow) -> PatientId | None:
    return PatientId(row.patient_id) if row.patient_id else None


async def _number(session: AsyncSession, row: OutboundRow) -> bytes:
    return await lookup_of(session, ConversationId(row.thread_id))


async def _wrote_at(session: AsyncSession, thread_id: str) -> datetime | None:
    return await session.scalar(
        select(func.max(InboundRow.received_at)).where(InboundRow.thread_id == thread_id)
    )
