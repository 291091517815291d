"""How soon a webhook is acknowledged while messages pour in and are answered meanwhile."""

import asyncio
import time
from typing import Final

import httpx

from tests.bench.engine_rows import MS
from tests.bench.rows import Against, Row, percentile, row
from tests.support.patients import World, signed_webhook, sms_fields

PER_SECOND: Final = 50
SECONDS: Final = 20
LIMIT_MS: Final = 100.0
# The whole range of invented numbers but the clinic's own.
SENDERS: Final = tuple(f"+12125550{number}" for number in range(100, 199))


async def acknowledgement_rows(world: World) -> list[Row]:
    """Requests leave by the clock, answered or not: a slow answer holds no later one back."""
    async with httpx.AsyncClient(base_url=world.base_url, timeout=60, trust_env=False) as http:
        calls = [_request(http, world, number) for number in range(PER_SECOND * SECONDS)]
        first = time.perf_counter() + 0.5
        async with asyncio.TaskGroup() as group:
            sent = [
                group.create_task(_acknowledged(http, call, first + number / PER_SECOND))
                for number, call in enumerate(calls)
            ]
    took = [task.result() for task in sent]
    what = f"a signed SMS webhook acknowledged, {PER_SECOND} a second for {SECONDS} s"
    against = Against("limit", LIMIT_MS, goal=1.0)
    return [
        row(f"webhook.ack_p{per_cent}", what, percentile(took, per_cent), "ms", against)
        for per_cent in (50, 99)
    ]


def _request(http: httpx.AsyncClient, world: World, number: int) -> httpx.Request:
    """Built and signed before the clock runs. Every text differs: nobody repeats oneself."""
    sender = SENDERS[number % len(SENDERS)]
    body, headers = signed_webhook(
        world, sms_fields(sender, f"what are your hours on day {number}")
    )
    return http.build_request("POST", "/webhooks/twilio/sms", content=body, headers=headers)


async def _acknowledged(http: httpx.AsyncClient, call: httpx.Request, due: float) -> float:
    """The milliseconds from when the request was due to its answer."""
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    answer = await http.send(call)
    answer.raise_for_status()
    return (time.perf_counter() - due) * MS
