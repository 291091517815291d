"""The switches around the real ports."""

from collections.abc import Awaitable, Callable

import pytest

from api.core.db import Database
from api.sandbox.faults import Fault, FaultReader, Service, set_faults
from api.sandbox.faulty import FaultyBackend, FaultyEngine
from integrations.fakes.engine import FakeEngine
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.dialogue import EngineTurn
from integrations.ports.errors import Unreachable
from integrations.ports.fhir import Query, VersionConflict
from tests.support.fhir import NOW, a_patient

TURN = EngineTurn("conversation:1", "turn", "hello", {})


def _standing(fault: Fault) -> Callable[[], Awaitable[Fault]]:
    async def read() -> Fault:
        return fault

    return read


async def test_switch_is_read_when_the_service_is_used(database: Database) -> None:
    read = FaultReader(database, Service.RASA)
    engine = FaultyEngine(FakeEngine(), read)
    assert await engine.turn(TURN)
    async with database.transaction() as session:
        await set_faults(session, {Service.RASA: Fault.DOWN})
    with pytest.raises(Unreachable):
        await engine.turn(TURN)


async def test_engine_that_is_down_is_not_ready_and_hears_nothing() -> None:
    inner = FakeEngine()
    engine = FaultyEngine(inner, _standing(Fault.DOWN))
    with pytest.raises(Unreachable):
        await engine.recall(sender="conversation:1", turn="turn")
    assert not await engine.is_ready()
    assert inner.turns == []


async def test_slow_engine_answers_all_the_same() -> None:
    engine = FaultyEngine(FakeEngine(), _standing(Fault.SLOW), slow_s=0.01)
    assert await engine.turn(TURN)
    assert await engine.is_ready()


async def test_store_that_is_down_neither_reads_nor_writes(database: Database) -> None:
    backend = FaultyBackend(EmbeddedBackend(), _standing(Fault.DOWN))
    async with database.engine.begin() as connection:
        with pytest.raises(Unreachable):
            await backend.on(connection).create(a_patient(), now=NOW)
        with pytest.raises(Unreachable):
            await backend.on(connection).search(Query("Patient"))
        found = await EmbeddedBackend().on(connection).search(Query("Patient"))
    assert found.entries == ()


async def test_each_write_conflicts_once_and_then_goes_through(database: Database) -> None:
    backend = FaultyBackend(EmbeddedBackend(), _standing(Fault.CONFLICT))
    async with database.engine.begin() as connection:
        fhir = backend.on(connection)
        for mrn in ("1001", "1002"):
            with pytest.raises(VersionConflict):
                await fhir.create(a_patient(mrn), now=NOW)
            assert (await fhir.create(a_patient(mrn), now=NOW)).created
        assert len((await fhir.search(Query("Patient"))).entries) == 2


async def test_slow_store_is_slow_once_per_transaction(database: Database) -> None:
    backend = FaultyBackend(EmbeddedBackend(), _standing(Fault.SLOW), slow_s=0.01)
    async with database.engine.begin() as connection:
        fhir = backend.on(connection)
        stored = (await fhir.create(a_patient(), now=NOW)).stored
        assert (await fhir.read("Patient", stored.id)).body == stored.body


def test_switches_say_what_the_store_can_do() -> None:
    backend = FaultyBackend(EmbeddedBackend(), _standing(Fault.DOWN))
    assert backend.capabilities() == EmbeddedBackend().capabilities()
