"""Facts of ours that FHIR must show too: written with the fact, delivered when the store is there.

Append-only and in order per key, so that a resource's history shows every state, also the ones
that passed while the store was away.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import real_now
from api.core.crypto import Keyring, Place
from api.core.ids import new_id
from api.core.jobs import Job, wake
from api.core.logging import describe, get_logger
from api.gateway.access import service_access
from api.gateway.interactions import Create, Search, Update
from api.gateway.models import ProjectionRow
from api.gateway.service import Gateway, perform
from integrations.ports.errors import PortError
from integrations.ports.fhir import Resource

OWNER = "projection"
KEPT_FOR = timedelta(days=7)
BACK_OFF_STEPS_S = (1, 2, 5, 15, 60)
_ACCESS = service_access(
    "projection", "system/Task.crus system/Consent.crus system/Communication.crus"
)


@dataclass(frozen=True)
class Projection:
    """A resource as it should be now. `key`: what it shows; its first identifier finds it again."""

    key: str
    resource: Resource


async def project(
    session: AsyncSession, keyring: Keyring, projection: Projection, *, now: datetime
) -> None:
    """Write a state to show, with the fact that it shows; it is delivered once this commits."""
    row_key = new_id()
    place = Place("projection", "resource", row_key)
    sealed = await keyring.seal(json.dumps(projection.resource), owner=OWNER, place=place)
    session.add(
        ProjectionRow(row_key=row_key, key=projection.key, resource_sealed=sealed, written_at=now)
    )
    await wake(session, Job.PROJECT_FHIR, projection.key)


async def deliver(gateway: Gateway, key: str) -> None:
    """Show every state of a key that is not shown yet, oldest first; stop where the store fails."""
    while True:
        async with gateway.database.nesting, gateway.database.transaction() as session:
            if not await _is_alone(session, key):
                return
            row = await session.scalar(
                select(ProjectionRow)
                .where(ProjectionRow.key == key, ProjectionRow.done_at.is_(None))
                .order_by(ProjectionRow.id)
                .limit(1)
            )
            if row is None or (row.retry_at is not None and row.retry_at > real_now()):
                return
            if not await _show(gateway, row):
                return


async def _is_alone(session: AsyncSession, key: str) -> bool:
    """One deliverer a key: a second one would take the next state while the first is under way."""
    lock = func.hashtextextended(f"projection|{key}", 0)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(lock))))


async def keys_to_deliver(session: AsyncSession) -> list[str]:
    """Keys with a state that may be tried now."""
    found = await session.scalars(
        select(ProjectionRow.key)
        .where(
            ProjectionRow.done_at.is_(None),
            (ProjectionRow.retry_at.is_(None)) | (ProjectionRow.retry_at <= real_now()),
        )
        .distinct()
    )
    return list(found)


async def drop_shown(session: AsyncSession) -> None:
    """Forget states that the store has shown for a week: the store's history has them."""
    shown_before = real_now() - KEPT_FOR
    await session.execute(delete(ProjectionRow).where(ProjectionRow.done_at < shown_before))


async def count_open(session: AsyncSession) -> int:
    """How many states are not shown yet."""
    statement = select(func.count()).where(ProjectionRow.done_at.is_(None))
    return int(await session.scalar(statement) or 0)


async def _show(gateway: Gateway, row: ProjectionRow) -> bool:
    place = Place("projection", "resource", row.row_key)
    body = await gateway.keyring.unseal(row.resource_sealed, owner=OWNER, place=place)
    try:
        await _put(gateway, json.loads(body))
    except PortError as failure:
        row.tries += 1
        step = BACK_OFF_STEPS_S[min(row.tries, len(BACK_OFF_STEPS_S)) - 1]
        row.retry_at = real_now() + timedelta(seconds=step)
        get_logger().warning("projection_failed", key=row.key, **describe(failure))
        return False
    row.done_at = real_now()
    return True


async def _put(gateway: Gateway, resource: Resource) -> None:
    """Create the resource, or the next version of the one with its identifier."""
    identifier = resource["identifier"][0]
    token = (("identifier", f"{identifier['system']}|{identifier['value']}"),)
    page = await perform(gateway, _ACCESS, Search(resource["resourceType"], token))
    if not page.entries:
        await perform(gateway, _ACCESS, Create(resource, if_none_exist=token))
        return
    current = page.entries[0]
    if _without_meta(current.body) == {**resource, "id": current.id}:
        return
    update = Update({**resource, "id": current.id}, if_match=current.version)
    await perform(gateway, _ACCESS, update)


def _without_meta(resource: Resource) -> Resource:
    return {key: value for key, value in resource.items() if key != "meta"}
