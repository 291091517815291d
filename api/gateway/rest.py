"""The interactions of FHIR's REST: read, history, search, create, update."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, override
from urllib.parse import urlencode

from api.gateway.errors import Forbidden
from api.gateway.interaction import (
    Interaction,
    Need,
    Ruling,
    Store,
    Writing,
    matches,
    only_of,
    unnarrowed,
    within,
)
from integrations.ports.fhir import Page, Pairs, Query, Resource, Stored, Written


@dataclass(frozen=True)
class Read(Interaction[Stored]):
    """The current version of a resource, or version `version` of it."""

    type: str
    id: str
    version: int | None = None
    name: ClassVar[str] = "read"

    @override
    def need(self) -> Need:
        return Need(self.type, "r", "read" if self.version is None else "vread", "R")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Stored:
        if self.type == "AuditEvent":
            stored = await store.events.read(self.id)
        elif self.version is None:
            stored = await store.fhir.read(self.type, self.id)
        else:
            stored = await store.fhir.vread(self.type, self.id, self.version)
        within(stored, ruling)
        await matches(store.fhir, stored, ruling)
        return stored

    @override
    def touched(self, answer: Stored) -> tuple[Stored, ...]:
        return (answer,)

    @override
    def target(self) -> str | None:
        return self.id


@dataclass(frozen=True)
class History(Interaction[tuple[Stored, ...]]):
    """Every version of a resource, the newest first."""

    type: str
    id: str
    name: ClassVar[str] = "history"

    @override
    def need(self) -> Need:
        return Need(self.type, "r", "history-instance", "R")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> tuple[Stored, ...]:
        versions = await store.fhir.history(self.type, self.id)
        for stored in versions:
            within(stored, ruling)
        await matches(store.fhir, versions[0], ruling)
        return versions

    @override
    def touched(self, answer: tuple[Stored, ...]) -> tuple[Stored, ...]:
        return answer[:1]

    @override
    def target(self) -> str | None:
        return self.id


@dataclass(frozen=True)
class Search(Interaction[Page]):
    """One page of the resources that match."""

    type: str
    params: Pairs = ()
    lenient: bool = False
    name: ClassVar[str] = "search"

    @override
    def need(self) -> Need:
        return Need(self.type, "s", "search-type", "E")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Page:
        params = (*self.params, *ruling.narrow)
        if self.type == "AuditEvent":
            mine = (("patient", ruling.patient),) if ruling.patient else ()
            page = await store.events.search((*params, *mine))
        else:
            query = Query(self.type, params, ruling.patient, self.lenient)
            page = await store.fhir.search(query)
        for stored in page.entries:
            within(stored, ruling)
        return page

    @override
    def touched(self, answer: Page) -> tuple[Stored, ...]:
        return answer.entries

    @override
    def query(self) -> str | None:
        return f"{self.type}?{urlencode(self.params, errors='surrogatepass')}"


@dataclass(frozen=True)
class Create(Writing):
    """A new resource; with `if_none_exist` only where nothing matches."""

    resource: Resource
    if_none_exist: Pairs | None = None
    name: ClassVar[str] = "create"

    @override
    def need(self) -> Need:
        return Need(str(self.resource.get("resourceType")), "c", "create", "C")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Written:
        unnarrowed(ruling)
        if ruling.patient is not None and self.if_none_exist is not None:
            # Its answer would tell what is in other patients' records.
            raise Forbidden
        written = await store.fhir.create(
            self.resource,
            now=now,
            if_none_exist=self.if_none_exist,
            displace=ruling.may_displace,
        )
        only_of(written.stored, ruling)
        return written


@dataclass(frozen=True)
class Update(Writing):
    """The next version of a resource; its id is in the body."""

    resource: Resource
    if_match: int | None = None
    name: ClassVar[str] = "update"

    @override
    def need(self) -> Need:
        return Need(str(self.resource.get("resourceType")), "u", "update", "U")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Written:
        unnarrowed(ruling)
        if ruling.patient is not None:
            need = self.need()
            within(await store.fhir.read(need.type, str(self.resource.get("id"))), ruling)
        written = await store.fhir.update(
            self.resource, now=now, if_match=self.if_match, displace=ruling.may_displace
        )
        only_of(written.stored, ruling)
        return written

    @override
    def target(self) -> str | None:
        id_ = self.resource.get("id")
        return None if id_ is None else str(id_)


@dataclass(frozen=True)
class BulkCreate(Interaction[tuple[str, ...]]):
    """Many new resources of one type that are in nobody's record, such as slots."""

    resources: tuple[Resource, ...]
    name: ClassVar[str] = "bulk-create"

    @override
    def need(self) -> Need:
        types = {str(one.get("resourceType")) for one in self.resources}
        return Need(types.pop() if len(types) == 1 else "*", "c", "create", "C")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> tuple[str, ...]:
        if ruling.patient is not None:
            raise Forbidden
        return await store.fhir.bulk_create(self.resources, now=now)

    @override
    def touched(self, answer: tuple[str, ...]) -> tuple[Stored, ...]:
        return ()

    @override
    def changed(self, answer: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(f"{self.need().type}/{id_}" for id_ in answer)
