"""The real ports behind a fault switch: down, slow, or in conflict, as the sandbox was told."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import override

from api.core.db import Database
from api.sandbox.faults import Fault, FaultReader, Service
from integrations.ports.dialogue import DialogueEngine, EngineReply, EngineTurn
from integrations.ports.errors import Unreachable
from integrations.ports.fhir import (
    FhirBackend,
    FhirSession,
    Found,
    HoldRequest,
    Page,
    Pairs,
    Query,
    Resource,
    Stored,
    VersionConflict,
    Wanted,
    Written,
)
from integrations.ports.record import RecordOf
from integrations.ports.visits import CancelRequest, MoveRequest

SLOW_S = 3.0
REMEMBERED_WRITES = 1_000

ReadFault = Callable[[], Awaitable[Fault]]


def faulty_engine(engine: DialogueEngine, database: Database) -> DialogueEngine:
    """The engine behind the sandbox's switch."""
    return FaultyEngine(engine, FaultReader(database, Service.RASA))


def faulty_backend(backend: FhirBackend, database: Database) -> FhirBackend:
    """The FHIR store behind the sandbox's switch."""
    return FaultyBackend(backend, FaultReader(database, Service.FHIR))


class FaultyEngine(DialogueEngine):
    """A dialogue engine that can be made unreachable or slow."""

    def __init__(
        self, engine: DialogueEngine, read_fault: ReadFault, *, slow_s: float = SLOW_S
    ) -> None:
        self._engine = engine
        self._read_fault = read_fault
        self._slow_s = slow_s

    @override
    async def turn(self, turn: EngineTurn) -> tuple[EngineReply, ...]:
        await self._suffer()
        return await self._engine.turn(turn)

    @override
    async def recall(self, *, sender: str, turn: str) -> tuple[EngineReply, ...] | None:
        await self._suffer()
        return await self._engine.recall(sender=sender, turn=turn)

    @override
    async def is_ready(self) -> bool:
        return await self._read_fault() is not Fault.DOWN and await self._engine.is_ready()

    async def _suffer(self) -> None:
        match await self._read_fault():
            case Fault.DOWN:
                raise Unreachable
            case Fault.SLOW:
                await asyncio.sleep(self._slow_s)
            case _:
                return


class FaultyBackend(FhirBackend):
    """A FHIR store that can be made unreachable, slow, or conflicting once per write."""

    def __init__(
        self, backend: FhirBackend, read_fault: ReadFault, *, slow_s: float = SLOW_S
    ) -> None:
        self._backend = backend
        self._read_fault = read_fault
        self._slow_s = slow_s
        self._refused: dict[str, None] = {}

    @override
    def on(self, connection: object) -> FhirSession:
        return _FaultySession(self._backend.on(connection), self._suffer)

    @override
    def capabilities(self) -> dict[str, dict[str, str]]:
        return self._backend.capabilities()

    async def _suffer(self, write: str | None, *, first: bool) -> None:
        match await self._read_fault():
            case Fault.DOWN:
                raise Unreachable
            case Fault.SLOW if first:
                await asyncio.sleep(self._slow_s)
            case Fault.CONFLICT if write is not None:
                self._conflict_once(write)
            case _:
                return

    def _conflict_once(self, write: str) -> None:
        """The same write goes through when it is tried again, as after a lost race."""
        if write in self._refused:
            del self._refused[write]
            return
        if len(self._refused) >= REMEMBERED_WRITES:
            self._refused.clear()
        self._refused[write] = None
        raise VersionConflict("Fault")


class _FaultySession(FhirSession):
    """One transaction's view; being slow costs its first call only."""

    def __init__(self, session: FhirSession, suffer: Callable[..., Awaitable[None]]) -> None:
        self._session = session
        self._suffer = suffer
        self._first = True

    async def _pass(self, write: str | None = None) -> FhirSession:
        first, self._first = self._first, False
        await self._suffer(write, first=first)
        return self._session

    @override
    async def create(
        self,
        resource: Resource,
        *,
        now: datetime,
        if_none_exist: Pairs | None = None,
        displace: bool = False,
    ) -> Written:
        session = await self._pass(_fingerprint("create", resource))
        return await session.create(
            resource, now=now, if_none_exist=if_none_exist, displace=displace
        )

    @override
    async def read(self, type_: str, id_: str) -> Stored:
        return await (await self._pass()).read(type_, id_)

    @override
    async def vread(self, type_: str, id_: str, version: int) -> Stored:
        return await (await self._pass()).vread(type_, id_, version)

    @override
    async def history(self, type_: str, id_: str) -> tuple[Stored, ...]:
        return await (await self._pass()).history(type_, id_)

    @override
    async def update(
        self,
        resource: Resource,
        *,
        now: datetime,
        if_match: int | None = None,
        displace: bool = False,
    ) -> Written:
        session = await self._pass(_fingerprint("update", resource))
        return await session.update(resource, now=now, if_match=if_match, displace=displace)

    @override
    async def search(self, query: Query) -> Page:
        return await (await self._pass()).search(query)

    @override
    async def everything(self, wanted: RecordOf) -> Page:
        return await (await self._pass()).everything(wanted)

    @override
    async def bulk_create(self, resources: Sequence[Resource], *, now: datetime) -> tuple[str, ...]:
        return await (await self._pass()).bulk_create(resources, now=now)

    @override
    async def find(self, wanted: Wanted, *, now: datetime) -> Found:
        return await (await self._pass()).find(wanted, now=now)

    @override
    async def hold(self, request: HoldRequest, *, now: datetime) -> Written:
        session = await self._pass(f"hold|{request.identifier}")
        return await session.hold(request, now=now)

    @override
    async def book(self, appointment_id: str, *, patient: str | None, now: datetime) -> Written:
        session = await self._pass(f"book|{appointment_id}")
        return await session.book(appointment_id, patient=patient, now=now)

    @override
    async def cancel(
        self, request: CancelRequest, *, patient: str | None, now: datetime
    ) -> Written:
        session = await self._pass(f"cancel|{request.appointment_id}")
        return await session.cancel(request, patient=patient, now=now)

    @override
    async def reschedule(
        self,
        request: MoveRequest,
        *,
        patient: str | None,
        now: datetime,
        displace: bool = False,
    ) -> Written:
        session = await self._pass(f"reschedule|{request}")
        return await session.reschedule(request, patient=patient, now=now, displace=displace)

    @override
    async def release_expired(self, *, now: datetime) -> tuple[Stored, ...]:
        return await (await self._pass()).release_expired(now=now)


def _fingerprint(verb: str, resource: Resource) -> str:
    """What makes two tries the same write: their content, whatever time they carry."""
    timeless = {key: value for key, value in resource.items() if key not in {"meta", "id"}}
    return f"{verb}|{hash(json.dumps(timeless, sort_keys=True, default=str))}"
