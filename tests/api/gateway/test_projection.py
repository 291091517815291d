"""What FHIR must show too: every state, in order, also when many are delivered at once."""

import asyncio
from dataclasses import replace

from api.gateway import projection
from api.gateway.projection import Projection
from api.gateway.references import References
from api.gateway.service import Gateway
from integrations.ports.fhir import Query, Resource
from tests.support.fhir import NOW

SYSTEM = "https://careline.example/escalation"


def a_task(number: int, status: str) -> Projection:
    resource: Resource = {
        "resourceType": "Task",
        "identifier": [{"system": SYSTEM, "value": str(number)}],
        "status": status,
        "intent": "order",
    }
    return Projection(key=f"escalation/{number}", resource=resource)


async def write(gateway: Gateway, *projections: Projection) -> None:
    async with gateway.database.transaction() as session:
        for each in projections:
            await projection.project(session, gateway.keyring, each, now=NOW)


async def history(gateway: Gateway, number: int) -> list[str]:
    async with gateway.database.engine.begin() as connection:
        fhir = gateway.backend.on(connection)
        query = Query("Task", (("identifier", f"{SYSTEM}|{number}"),))
        page = await fhir.search(query)
        versions = await fhir.history("Task", page.entries[0].id)
        return [each.body["status"] for each in reversed(versions)]


async def test_every_state_is_shown_in_order_by_two_deliverers(gateway: Gateway) -> None:
    states = ("requested", "accepted", "completed")
    await write(gateway, *(a_task(1, status) for status in states))
    await asyncio.gather(*(projection.deliver(gateway, "escalation/1") for _ in range(4)))
    await projection.deliver(gateway, "escalation/1")
    assert await history(gateway, 1) == list(states)


async def test_forty_at_once_do_not_wait_for_each_others_connections(gateway: Gateway) -> None:
    await write(gateway, *(a_task(number, "requested") for number in range(40)))
    keys = [f"escalation/{number}" for number in range(40)]
    await asyncio.gather(*(projection.deliver(gateway, key) for key in keys))
    async with gateway.database.transaction() as session:
        assert await projection.count_open(session) == 0


async def test_a_resource_named_by_its_identifier_is_referred_to_where_it_is(
    gateway: Gateway,
) -> None:
    task = a_task(1, "requested").resource
    focus = {"reference": f"Task?identifier={SYSTEM}|1", "display": "the first"}
    second = a_task(2, "requested").resource | {"focus": focus, "partOf": [dict(focus)]}
    await write(gateway, Projection("both", task), Projection("both", second))
    await projection.deliver(gateway, "both")
    first, stored = await found(gateway, 1), await found(gateway, 2)
    literal = {"reference": f"Task/{first['id']}", "display": "the first"}
    assert (stored["focus"], stored["partOf"]) == (literal, [literal])
    # Another process finds it by a search.
    fresh = replace(gateway, references=References())
    await write(fresh, Projection("both", a_task(3, "requested").resource | {"focus": focus}))
    await projection.deliver(fresh, "both")
    assert (await found(gateway, 3))["focus"] == literal


async def test_what_the_store_does_not_have_is_named_by_its_identifier_alone(
    gateway: Gateway,
) -> None:
    focus = {"reference": f"Task?identifier={SYSTEM}|9"}
    await write(gateway, Projection("alone", a_task(4, "requested").resource | {"focus": focus}))
    await projection.deliver(gateway, "alone")
    assert (await found(gateway, 4))["focus"] == {"identifier": {"system": SYSTEM, "value": "9"}}


async def found(gateway: Gateway, number: int) -> Resource:
    async with gateway.database.engine.begin() as connection:
        query = Query("Task", (("identifier", f"{SYSTEM}|{number}"),))
        page = await gateway.backend.on(connection).search(query)
        return page.entries[0].body
