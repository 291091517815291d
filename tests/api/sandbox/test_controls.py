"""The controls that testers drive the sandbox by, with a worker at work."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import text

from api.sandbox.faults import Fault
from integrations.ports.dialogue import EngineReply, EngineTurn
from tests.api.sandbox.conftest import Served

GRACE = "+12125550103"
SAM = "+12125550101"


def _greeting(_turn: EngineTurn) -> tuple[EngineReply, ...]:
    return (EngineReply("greet"),)


async def _now(served: Served) -> datetime:
    return datetime.fromisoformat((await served.client.get("/sandbox/clock")).json()["now"])


async def _set_clock(served: Served, **wanted: object) -> datetime:
    answer = await served.client.post("/sandbox/clock", json=wanted)
    assert answer.status_code == 200, answer.text
    return datetime.fromisoformat(answer.json()["now"])


async def test_text_is_answered_on_the_phone_once_settled(working: Served) -> None:
    working.engine.answer = _greeting
    await working.text(GRACE, "Hello")
    assert await working.settle() == 0
    (answer,) = await working.texts_to(GRACE)
    assert "Lakeside" in answer


async def test_engine_that_is_down_is_waited_for_and_answers_when_it_is_back(
    working: Served,
) -> None:
    working.engine.answer = _greeting
    await working.faults(rasa="down")
    await working.text(GRACE, "Hello")
    assert await working.settle() == 1
    held = await working.texts_to(GRACE)
    await working.faults(rasa="ok")
    assert await working.settle() == 0
    assert len(await working.texts_to(GRACE)) == len(held) + 1


async def test_provider_that_refuses_calls_is_waited_for_and_gets_the_text_once(
    working: Served,
) -> None:
    working.engine.answer = _greeting
    await working.faults(twilio="429")
    await working.text(GRACE, "Hello")
    assert await working.settle() == 1
    assert await working.texts_to(GRACE) == []
    await working.faults(twilio="ok")
    assert await working.settle() == 0
    assert len(await working.texts_to(GRACE)) == 1


async def test_store_that_is_down_is_waited_for(working: Served) -> None:
    working.engine.answer = _greeting
    await working.faults(fhir="down")
    await working.text(GRACE, "Hello")
    await working.settle()
    await working.faults(fhir="ok")
    await working.settle()
    assert len(await working.texts_to(GRACE)) == 1


async def test_clock_ticks_on_from_where_it_was_set(working: Served) -> None:
    target = await _now(working) + timedelta(hours=2)
    now = await _set_clock(working, now=target.isoformat())
    assert target <= now < target + timedelta(minutes=1)
    assert await _now(working) >= now


async def test_clock_takes_a_span_and_keeps_free_times_sixty_days_ahead(working: Served) -> None:
    before = await _now(working)
    after = await _set_clock(working, advance="P20D")
    assert after - before >= timedelta(days=20)
    async with working.ports.database.transaction() as session:
        last = await session.scalar(text("SELECT max(start_at) FROM booking_slot"))
    assert last is not None
    assert after + timedelta(days=57) < last <= after + timedelta(days=60)


async def test_clock_refuses_two_wishes_at_once(working: Served) -> None:
    wishes = {"advance": "PT1H", "real": True}
    answer = await working.client.post("/sandbox/clock", json=wishes)
    assert answer.status_code == 422


async def test_question_of_ours_closes_on_the_way_forward(working: Served) -> None:
    await working.text(SAM, "Hello")
    await working.settle()
    async with working.ports.database.transaction() as session:
        expires = await session.scalar(text("SELECT max(expires_at) FROM expectation"))
    assert expires is not None
    assert await _set_clock(working, now=(expires + timedelta(minutes=1)).isoformat()) > expires


async def test_clock_set_back_begins_the_demo_anew(working: Served) -> None:
    await working.text(GRACE, "Hello")
    await working.settle()
    back = await _now(working) - timedelta(days=3)
    now = await _set_clock(working, now=back.isoformat())
    assert now < back + timedelta(minutes=1)
    assert await working.thread(GRACE) == []


async def test_reset_empties_all_but_the_audit_and_keeps_the_clock(working: Served) -> None:
    await _set_clock(working, advance="P2D")
    await working.text(GRACE, "STOP")
    await working.settle()
    await working.faults(rasa="down")
    before = await _now(working)
    audited = await _count(working, "audit_event")
    answer = await working.client.post("/sandbox/reset")
    assert answer.status_code == 200
    assert await _now(working) >= before
    assert await working.thread(GRACE) == []
    state = await working.state()
    assert (state["inbox"], state["outbox"]) == ({}, {})
    assert (await working.client.get("/sandbox/faults")).json()["rasa"] == Fault.OK
    assert await _count(working, "audit_event") > audited
    assert await _count(working, "twilio_block") == 0


async def test_reset_twice_keeps_the_clinic_and_makes_new_patients(working: Served) -> None:
    async def ids(type_: str) -> set[str]:
        async with working.ports.database.transaction() as session:
            query = text("SELECT id FROM fhir_resource WHERE type = :type")
            return set((await session.scalars(query, {"type": type_})).all())

    clinicians, patients = await ids("Practitioner"), await ids("Patient")
    for _ in range(2):
        assert (await working.client.post("/sandbox/reset")).status_code == 200
    assert await ids("Practitioner") == clinicians
    now_patients = await ids("Patient")
    assert len(now_patients) == len(patients)
    assert not now_patients & patients


async def test_reset_waits_for_who_is_at_work(served: Served) -> None:
    async with served.ports.database.transaction() as at_work:
        await at_work.execute(text("LOCK TABLE thread IN ROW EXCLUSIVE MODE"))
        resetting = asyncio.create_task(served.client.post("/sandbox/reset"))
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        async with asyncio.timeout(20):
            while not await at_work.scalar(waits):
                pass
        # It holds other tables now, and lets go of them when we want one.
        await at_work.execute(text("SELECT count(*) FROM booking"))
        assert not resetting.done()
    assert (await resetting).status_code == 200


async def test_texting_goes_on_after_a_reset(working: Served) -> None:
    working.engine.answer = _greeting
    await working.text(GRACE, "Hello")
    await working.settle()
    await working.client.post("/sandbox/reset")
    await working.text(GRACE, "Hello")
    assert await working.settle() == 0
    assert len(await working.texts_to(GRACE)) == 1


async def test_mail_and_processes_are_listed(working: Served) -> None:
    assert (await working.client.get("/sandbox/mail")).json() == {"messages": []}
    assert (await working.client.get("/sandbox/processes")).json() == {"processes": []}


async def _count(served: Served, table: str) -> int:
    async with served.ports.database.transaction() as session:
        return int(await session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608
