"""The embedded FHIR store: the port, spoken over Postgres."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import override

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import (
    everything,
    moving,
    occupancy,
    proposals,
    scheduling,
    search,
    store,
)
from integrations.fhir.embedded.ids import make_id
from integrations.fhir.embedded.slots import Step, index_slots
from integrations.fhir.embedded.types import TYPES
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import (
    FhirBackend,
    FhirSession,
    Found,
    HoldRequest,
    NotFound,
    Page,
    Pairs,
    PreconditionFailed,
    Query,
    Resource,
    Stored,
    Unsupported,
    VersionConflict,
    Wanted,
    Written,
)
from integrations.ports.record import RecordOf
from integrations.ports.visits import CancelRequest, MoveRequest


@dataclass(frozen=True)
class EmbeddedBackend(FhirBackend):
    """The store on the caller's own database. `new_id` makes resource ids."""

    new_id: Callable[[], str] = make_id

    @override
    def on(self, connection: object) -> "EmbeddedSession":
        """The store within a SQLAlchemy AsyncConnection's transaction."""
        if not isinstance(connection, AsyncConnection):
            raise TypeError
        return EmbeddedSession(connection, self.new_id)

    @override
    def capabilities(self) -> dict[str, dict[str, str]]:
        """Types and their search parameters, from the tables that the store itself reads."""
        return {
            name: {param.name: param.kind.stated for param in type_.params.values()}
            for name, type_ in TYPES.items()
        }


class EmbeddedSession(FhirSession):
    """One transaction's view of the store."""

    def __init__(self, connection: AsyncConnection, new_id: Callable[[], str]) -> None:
        self._connection = connection
        self._new_id = new_id

    @override
    async def create(
        self,
        resource: Resource,
        *,
        now: datetime,
        if_none_exist: Pairs | None = None,
        displace: bool = False,
    ) -> Written:
        _known(str(resource.get("resourceType")))
        body = {**resource, "id": self._new_id()}
        validate(body)
        same = await self._same(body["resourceType"], if_none_exist)
        if same is not None:
            return Written(same)
        step = Step(self._connection, now)
        displaced = await self._occupy_new(step, body, displace=displace)
        (stored,) = await store.add(self._connection, [body], now=now)
        return Written(stored, created=True, displaced=displaced, also=tuple(step.changed))

    @override
    async def read(self, type_: str, id_: str) -> Stored:
        return await store.load(self._connection, _known(type_), id_)

    @override
    async def vread(self, type_: str, id_: str, version: int) -> Stored:
        for stored in await self.history(type_, id_):
            if stored.version == version:
                return stored
        raise NotFound(type_)

    @override
    async def history(self, type_: str, id_: str) -> tuple[Stored, ...]:
        return await store.versions(self._connection, _known(type_), id_)

    @override
    async def update(
        self,
        resource: Resource,
        *,
        now: datetime,
        if_match: int | None = None,
        displace: bool = False,
    ) -> Written:
        type_, id_ = _known(str(resource.get("resourceType"))), str(resource.get("id"))
        await store.load(self._connection, type_, id_)
        validate(resource)
        step = Step(self._connection, now)
        displaced: tuple[str, ...] = ()
        # Actors are locked before the resource's row: booking takes them in that order too.
        if type_ == "Appointment":
            visit = await occupancy.prepare_visit(step, resource, id_)
            current = await self._locked(type_, id_, if_match)
            displaced = await occupancy.occupy(step, visit, id_, displace=displace)
        elif type_ == "Slot":
            spans = await occupancy.lock_slot(step, resource)
            current = await self._locked(type_, id_, if_match)
            displaced = await occupancy.change_slot(
                step, current, resource, spans=spans, displace=displace
            )
            # A displaced hold has freed this very slot: its row has moved on.
            current = await store.load(self._connection, type_, id_, lock=True)
        else:
            current = await self._locked(type_, id_, if_match)
        stored = await store.replace(self._connection, current, resource, now=now)
        return Written(stored, displaced=displaced, also=tuple(step.changed))

    @override
    async def search(self, query: Query) -> Page:
        return await search.search(self._connection, query)

    @override
    async def everything(self, wanted: RecordOf) -> Page:
        return await everything.everything(self._connection, wanted)

    @override
    async def bulk_create(self, resources: Sequence[Resource], *, now: datetime) -> tuple[str, ...]:
        bodies = [{**resource, "id": self._new_id()} for resource in resources]
        for body in bodies:
            _known(str(body.get("resourceType")))
            validate(body)
            if _takes_time(body):
                raise Unsupported("bulk")
        await index_slots(self._connection, [b for b in bodies if b["resourceType"] == "Slot"])
        await store.add(self._connection, bodies, now=now)
        return tuple(body["id"] for body in bodies)

    @override
    async def find(self, wanted: Wanted, *, now: datetime) -> Found:
        return await proposals.find(self._connection, wanted, now=now)

    @override
    async def hold(self, request: HoldRequest, *, now: datetime) -> Written:
        step = Step(self._connection, now)
        stored, created = await scheduling.hold(step, request, self._new_id())
        return Written(stored, created=created, also=tuple(step.changed))

    @override
    async def book(self, appointment_id: str, *, patient: str | None, now: datetime) -> Written:
        step = Step(self._connection, now)
        stored = await scheduling.book(step, appointment_id, patient)
        return Written(stored, also=tuple(step.changed))

    @override
    async def cancel(
        self, request: CancelRequest, *, patient: str | None, now: datetime
    ) -> Written:
        step = Step(self._connection, now)
        stored = await scheduling.cancel(step, request, patient)
        return Written(stored, also=tuple(step.changed))

    @override
    async def reschedule(
        self,
        request: MoveRequest,
        *,
        patient: str | None,
        now: datetime,
        displace: bool = False,
    ) -> Written:
        step = Step(self._connection, now)
        stored, displaced = await moving.reschedule(
            step, request, patient=patient, displace=displace
        )
        return Written(stored, displaced=displaced, also=tuple(step.changed))

    @override
    async def release_expired(self, *, now: datetime) -> tuple[Stored, ...]:
        return await scheduling.release_expired(Step(self._connection, now))

    async def _same(self, type_: str, criteria: Pairs | None) -> Stored | None:
        """What a conditional create finds; equal requests wait for each other."""
        if not criteria:
            return None
        number = func.hashtextextended(f"{type_}|{sorted(criteria)}", 0)
        await self._connection.execute(select(func.pg_advisory_xact_lock(number)))
        wanted = (*criteria, ("_count", "2"), ("_total", "none"))
        found = (await search.search(self._connection, Query(type_, wanted))).entries
        if len(found) > 1:
            raise PreconditionFailed(type_)
        return found[0] if found else None

    async def _occupy_new(self, step: Step, body: Resource, *, displace: bool) -> tuple[str, ...]:
        if body["resourceType"] == "Appointment":
            visit = await occupancy.prepare_visit(step, body, None)
            return await occupancy.occupy(step, visit, body["id"], displace=displace)
        if body["resourceType"] == "Slot":
            return await occupancy.open_slot(step, body, displace=displace)
        return ()

    async def _locked(self, type_: str, id_: str, if_match: int | None) -> Stored:
        current = await store.load(self._connection, type_, id_, lock=True)
        if if_match is not None and if_match != current.version:
            raise VersionConflict(type_)
        return current


def _known(type_: str) -> str:
    if type_ not in TYPES:
        raise Unsupported(type_)
    return type_


def _takes_time(body: Resource) -> bool:
    type_, status = body["resourceType"], body.get("status")
    return (type_ == "Slot" and status not in occupancy.OPEN) or (
        type_ == "Appointment" and status in occupancy.OCCUPYING
    )
