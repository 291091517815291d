"""`/metrics`: what an operator watches, in Prometheus' text format. Counts only, of nobody.

Every figure is read from the tables when it is asked for, so it is the same whichever process
answers, and right after a restart. No label ever holds a number, a name or an id.
"""

import ipaddress
from dataclasses import dataclass
from typing import override

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import Database

CONTENT_TYPE = "text/plain; version=0.0.4"
_QUERIES = {
    "careline_inbound_messages": ("state", "SELECT state, count(*) FROM inbound GROUP BY state"),
    "careline_outbound_messages": ("state", "SELECT state, count(*) FROM outbound GROUP BY state"),
    "careline_escalations": (
        "priority",
        "SELECT priority, count(*) FROM escalation WHERE state = 'open' GROUP BY priority",
    ),
    "careline_projections_waiting": (
        "state",
        "SELECT 'waiting', count(*) FROM projection WHERE done_at IS NULL",
    ),
    "careline_audit_records": ("state", "SELECT 'written', count(*) FROM audit_event"),
}


@dataclass(frozen=True)
class Sample:
    """One figure: `name{label="value"} count`."""

    name: str
    label: str
    value: str
    count: int

    @override
    def __str__(self) -> str:
        return f'{self.name}{{{self.label}="{self.value}"}} {self.count}'


def router(database: Database) -> APIRouter:
    """The one route; to this host and to private networks only."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/metrics")
    async def metrics(request: Request) -> Response:
        if request.client is None or not _is_private(request.client.host):
            return Response(status_code=404)
        async with database.transaction() as session:
            samples = await read(session)
        lines = "\n".join(str(each) for each in samples)
        return PlainTextResponse(f"{lines}\n", media_type=CONTENT_TYPE)

    return routes


async def read(session: AsyncSession) -> list[Sample]:
    """Every figure as it is now."""
    return [
        Sample(name, label, str(row[0]), int(row[1]))
        for name, (label, query) in _QUERIES.items()
        for row in await session.execute(text(query))
    ]


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
