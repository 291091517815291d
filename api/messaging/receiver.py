"""What is true of a message's receiver at the moment of sending, for the gate."""

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
from api.messaging.gate import Facts, Purpose
from api.messaging.models import InboundRow, OutboundRow
from api.messaging.threads import lookup_of
from api.people import service as people
from api.people.service import Person
from integrations.ports.errors import PortError


class Receivers:
    """Looks receivers up: consent in our ledger, life and zone in the record."""

    def __init__(
        self, database: Database, keyring: Keyring, gateway: Gateway, clinic: Clinic
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._gateway = gateway
        self._clinic = clinic

    async def facts_of(self, row: OutboundRow) -> Facts:
        """Everything that the gate decides by."""
        async with self._database.transaction() as session:
            standing = await consent.standing_of(session, await _number(session, row))
            wrote_at = await _wrote_at(session, row.thread_id)
        person = await self._person(row)
        return Facts(
            purpose=Purpose(row.purpose),
            opted_in=standing.state is ConsentState.OPTED_IN,
            opted_out=standing.state is ConsentState.OPTED_OUT,
            alive=person is None or person.alive,
            zone=ZoneInfo(person.zone) if person and person.zone else self._clinic.zone,
            patient_wrote_at=wrote_at,
        )

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
            patient=PatientId(row.patient_id) if row.patient_id else None,
        )
        await consent.record(session, self._keyring, act, now=real_now())

    async def _person(self, row: OutboundRow) -> Person | None:
        """Only what nobody asked for depends on the record; a reply must go when it is away."""
        if row.patient_id is None or row.purpose in {Purpose.SAFETY, Purpose.CONSENT}:
            return None
        try:
            return await people.person(self._gateway, PatientId(row.patient_id))
        except PortError:
            if row.purpose == Purpose.NOTICE:
                raise
            return None


async def _number(session: AsyncSession, row: OutboundRow) -> bytes:
    return await lookup_of(session, ConversationId(row.thread_id))


async def _wrote_at(session: AsyncSession, thread_id: str) -> datetime | None:
    return await session.scalar(
        select(func.max(InboundRow.received_at)).where(InboundRow.thread_id == thread_id)
    )
