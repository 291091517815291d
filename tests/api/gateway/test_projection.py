"""What FHIR must show too: every state, in order, also when many are delivered at once."""

import asyncio

from api.gateway import projection
from api.gateway.projection import Projection
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
