"""A small clinic behind a gateway, whose store can be made to fail for some types only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import override

import pytest

from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import new_id
from api.gateway.service import Gateway
from integrations.fhir.embedded.backend import EmbeddedBackend, EmbeddedSession
from integrations.ports.errors import Unreachable
from integrations.ports.fhir import Page, Query, Resource, Stored
from tests.support.fhir import NOW
from tests.support.gateway import StoppedClock, clinic, clock

__all__ = ["clinic", "clock", "gateway", "store"]


@dataclass(frozen=True)
class PartlyFailing(EmbeddedBackend):
    """A store that is down for some types, and answers others with what R4 does not allow."""

    down: set[str] = field(default_factory=set)
    odd: dict[str, Resource] = field(default_factory=dict)

    @override
    def on(self, connection: object) -> "PartlyFailingSession":
        inner = super().on(connection)
        return PartlyFailingSession(inner, self)


class PartlyFailingSession(EmbeddedSession):
    """One transaction's view of it."""

    def __init__(self, inner: EmbeddedSession, store: PartlyFailing) -> None:
        super().__init__(inner._connection, inner._new_id)
        self._store = store

    @override
    async def read(self, type_: str, id_: str) -> Stored:
        if type_ in self._store.down:
            raise Unreachable
        return await super().read(type_, id_)

    @override
    async def search(self, query: Query) -> Page:
        if query.type in self._store.down:
            raise Unreachable
        if query.type in self._store.odd:
            return Page((_as_stored(self._store.odd[query.type], query, NOW),), 1, None)
        return await super().search(query)


def _as_stored(body: Resource, query: Query, now: datetime) -> Stored:
    patients: Sequence[str] = (query.patient,) if query.patient else ()
    return Stored({"resourceType": query.type, "id": "odd", **body}, 1, now, tuple(patients))


@pytest.fixture
def store() -> PartlyFailing:
    return PartlyFailing(new_id)


@pytest.fixture
def gateway(database: Database, clock: StoppedClock, store: PartlyFailing) -> Gateway:
    keyring = Keyring(database, kek="k" * 32, lookup_key="l" * 32)
    return Gateway(database, store, keyring, clock)
