"""Writing audit rows within the transaction of what they record, and reading them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import queries
from api.audit.balp import as_fhir
from api.audit.models import AuditPendingRow, AuditRow
from api.core.crypto import Keyring, Place, SealBroken
from api.core.ids import new_id
from integrations.ports.fhir import Page, Pairs, Stored

OWNER = "audit"
WRITER = "careline"


class Action(StrEnum):
    """What kind of act. Source: FHIR R4 4.0.1, value set audit-event-action."""

    CREATE = "C"
    READ = "R"
    UPDATE = "U"
    DELETE = "D"
    EXECUTE = "E"


class Result(StrEnum):
    """How it went. Source: FHIR R4 4.0.1, value set audit-event-outcome."""

    DONE = "0"
    FAILED = "4"
    DENIED = "8"


@dataclass(frozen=True)
class Who:
    """Who acted, from where and why.

    Attributes:
        kind: turn, client, service, staff or system.
        id: which of that kind.
        patient: on whose behalf, where a patient acts through an assistant.
        purpose: purpose of use, such as TREAT.
        origin: an address or a channel.
    """

    kind: str
    id: str
    patient: str | None = None
    purpose: str | None = None
    origin: str | None = None
    request_id: str | None = None
    turn: str | None = None


@dataclass(frozen=True)
class Entry:
    """One act to record.

    Attributes:
        tag: "domain:subject:action"; new ones need no change here.
        subtype: the interaction, such as read, search-type, create.
        patient: whose data.
        query: the search as it was asked; stored sealed, since it may name a person.
    """

    tag: str
    action: Action
    subtype: str
    result: Result = Result.DONE
    patient: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    resource_version: int | None = None
    query: str | None = None


async def record(
    session: AsyncSession,
    keyring: Keyring,
    entries: Sequence[Entry],
    *,
    who: Who,
    now: datetime,
) -> None:
    """Record acts of one caller; they commit with the session's transaction or not at all."""
    rows = [await _row(keyring, entry, who, now) for entry in entries]
    if rows:
        await _insert(session, rows)


async def record_event(
    session: AsyncSession,
    *,
    tag: str,
    agent: str,
    now: datetime,
    patient: str | None = None,
    action: Action = Action.EXECUTE,
) -> None:
    """Record an act that is no FHIR interaction: an opt-out, an escalation, a takeover.

    `agent` is "kind/id"; `tag` is "domain:subject:action".
    """
    kind, _, id_ = agent.partition("/")
    entry = Entry(tag=tag, action=action, subtype=tag.rsplit(":", 1)[-1], patient=patient)
    await _insert(session, [_plain_row(entry, Who(kind, id_ or kind), now)])


@dataclass(frozen=True)
class Happened:
    """One recorded act, as reviewers read it."""

    id: str
    at: datetime
    tag: str
    action: str
    outcome: str
    agent_kind: str
    agent_id: str
    patient: str | None
    purpose: str | None
    resource_type: str | None
    resource_id: str | None


async def happened(
    session: AsyncSession,
    *,
    patient: str | None,
    agent: str,
    before: str,
    limit: int,
) -> list[Happened]:
    """Acts on a patient's data, by somebody, or both, the newest first; `before`: an act's id.

    The caller records this look itself.
    """
    rows = await queries.newest(session, patient=patient, agent=agent, before=before, limit=limit)
    return [
        Happened(
            id=row.id,
            at=row.at,
            tag=row.tag,
            action=row.action,
            outcome=row.outcome,
            agent_kind=row.agent_kind,
            agent_id=row.agent_id,
            patient=row.patient_id,
            purpose=row.purpose,
            resource_type=row.resource_type,
            resource_id=row.resource_id,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Events:
    """The audit, read as AuditEvents within one transaction."""

    session: AsyncSession
    keyring: Keyring

    async def read(self, id_: str) -> Stored:
        """One AuditEvent.

        Raises:
            NotFound: there is none.
        """
        return await _event(self.keyring, await queries.get(self.session, id_))

    async def search(self, params: Pairs) -> Page:
        """A page of AuditEvents that match FHIR search parameters, the newest first.

        Raises:
            Unsupported: unknown parameter. InvalidQuery: a value cannot be read.
        """
        found = await queries.search(self.session, params)
        entries = [await _event(self.keyring, row) for row in found.rows]
        return Page(tuple(entries), found.total, found.cursor)


async def who(session: AsyncSession, patient_id: str) -> tuple[AuditRow, ...]:
    """Every act on one patient's data, the oldest first. The caller records this look itself."""
    return await queries.who(session, patient_id)


def search_params() -> dict[str, str]:
    """The search parameters of AuditEvent with their kinds."""
    return dict(queries.SEARCH_PARAMS)


async def _event(keyring: Keyring, row: AuditRow) -> Stored:
    query = None
    if row.query is not None:
        try:
            query = await keyring.unseal(row.query, owner=OWNER, place=query_place(row.id))
        except SealBroken:  # its key was destroyed; the rest of the row still stands
            query = None
    patients = (row.patient_id,) if row.patient_id else ()
    return Stored(as_fhir(row, query), 1, row.at, patients)


async def _insert(session: AsyncSession, rows: list[dict[str, object]]) -> None:
    await session.execute(insert(AuditRow), rows)
    await session.execute(insert(AuditPendingRow), [{"id": row["id"]} for row in rows])


async def _row(keyring: Keyring, entry: Entry, who: Who, now: datetime) -> dict[str, object]:
    row = _plain_row(entry, who, now)
    if entry.query is not None:
        place = query_place(str(row["id"]))
        row["query"] = await keyring.seal(entry.query, owner=OWNER, place=place)
    return row


def query_place(id_: str) -> Place:
    """Where a row's sealed query lives."""
    return Place("audit_event", "query", id_)


def _plain_row(entry: Entry, who: Who, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "at": now,
        "writer": WRITER,
        "tag": entry.tag,
        "action": entry.action.value,
        "subtype": entry.subtype,
        "outcome": entry.result.value,
        "agent_kind": who.kind,
        "agent_id": who.id,
        "on_behalf_of": who.patient,
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "resource_version": entry.resource_version,
        "patient_id": entry.patient,
        "purpose": who.purpose,
        "origin": who.origin,
        "request_id": who.request_id,
        "turn_id": who.turn,
        "query": None,
    }
