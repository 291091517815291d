"""The embedded store on a fresh database, in one transaction of the test's own."""

from collections.abc import AsyncIterator

import pytest

from api.core.db import Database
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.fhir import FhirSession


@pytest.fixture
def backend() -> EmbeddedBackend:
    return EmbeddedBackend()


@pytest.fixture
async def fhir(database: Database, backend: EmbeddedBackend) -> AsyncIterator[FhirSession]:
    async with database.engine.begin() as connection:
        yield backend.on(connection)
