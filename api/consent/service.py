"""The ledger's use cases: record an act, read where a number stands."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.consent.kinds import ConsentState
from api.consent.models import ConsentRow
from api.core.crypto import Keyring, Place
from api.core.ids import ConversationId, PatientId, new_id
from api.core.language import Language


@dataclass(frozen=True)
class Act:
    """An act of consent. `shown`: the exact words asked with; `said`: the exact answer."""

    conversation: ConversationId
    number_lookup: bytes
    state: ConsentState
    channel: str
    language: Language
    evidence: str
    shown: str = ""
    said: str = ""
    patient: PatientId | None = None


@dataclass(frozen=True)
class Standing:
    """Where a number stands. `mark` changes with every act; 0: there is none."""

    state: ConsentState
    mark: int


NOBODY_ASKED = Standing(ConsentState.UNKNOWN, 0)


async def record(session: AsyncSession, keyring: Keyring, act: Act, *, now: datetime) -> None:
    """Append an act; nothing in the ledger is ever changed but the person it is bound to."""
    key = new_id()
    words = json.dumps({"shown": act.shown, "said": act.said})
    sealed = await keyring.seal(
        words, owner=f"conversation/{act.conversation}", place=Place("consent", "words", key)
    )
    session.add(
        ConsentRow(
            number_lookup=act.number_lookup,
            conversation_id=act.conversation,
            state=act.state,
            channel=act.channel,
            language=act.language,
            evidence=act.evidence,
            words_sealed=sealed,
            row_key=key,
            patient_id=act.patient,
            at=now,
        )
    )


async def standing_of(session: AsyncSession, number_lookup: bytes) -> Standing:
    """Where a number stands now."""
    row = await _latest(session, number_lookup)
    return NOBODY_ASKED if row is None else Standing(ConsentState(row.state), row.id)


async def words_of(session: AsyncSession, keyring: Keyring, number_lookup: bytes) -> Act | None:
    """The newest act of a number with its words, for staff and for the FHIR Consent."""
    row = await _latest(session, number_lookup)
    if row is None or row.words_sealed is None:
        return None
    place = Place("consent", "words", row.row_key)
    owner = f"conversation/{row.conversation_id}"
    words = json.loads(await keyring.unseal(row.words_sealed, owner=owner, place=place))
    return Act(
        conversation=ConversationId(row.conversation_id),
        number_lookup=row.number_lookup,
        state=ConsentState(row.state),
        channel=row.channel,
        language=Language(row.language),
        evidence=row.evidence,
        shown=words["shown"],
        said=words["said"],
        patient=PatientId(row.patient_id) if row.patient_id else None,
    )


async def bind(session: AsyncSession, number_lookup: bytes, patient: PatientId) -> bool:
    """Bind the number's newest act to the person now known; whether that was news."""
    row = await _latest(session, number_lookup)
    if row is None or row.patient_id is not None:
        return False
    await session.execute(
        update(ConsentRow).where(ConsentRow.id == row.id).values(patient_id=patient)
    )
    return True


async def bound_to(session: AsyncSession, number_lookup: bytes) -> PatientId | None:
    """The person whom the number's acts were last bound to."""
    found = await session.scalar(
        select(ConsentRow.patient_id)
        .where(ConsentRow.number_lookup == number_lookup, ConsentRow.patient_id.is_not(None))
        .order_by(ConsentRow.id.desc())
        .limit(1)
    )
    return PatientId(found) if found else None


async def _latest(session: AsyncSession, number_lookup: bytes) -> ConsentRow | None:
    return await session.scalar(
        select(ConsentRow)
        .where(ConsentRow.number_lookup == number_lookup)
        .order_by(ConsentRow.id.desc())
        .limit(1)
    )
