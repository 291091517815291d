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
from integrations.ports.fhir import Pairs, Resource

OWNER = "projection"
KEPT_FOR = timedelta(days=7)
BACK_OFF_STEPS_S = (1, 2, 5, 15, 60)
CONDITION = "?identifier="
"""A reference with this names a resource by its identifier: "Type?identifier=<system>|<value>"."""
_SHOWN = (
    *("Task", "Consent", "Communication", "CommunicationRequest", "MedicationStatement"),
    *("AppointmentResponse", "Provenance"),
)
_ACCESS = service_access("projection", " ".join(f"system/{type_}.crus" for type_ in _SHOWN))


@dataclass(frozen=True)
class Projection:
    """A resource as it should be now. `key`: what it shows; its first identifier finds it again.

    A Provenance has no identifier: it is found by what it is of, and what that came from.
    """

    key: str
    resource: Resource


async def project(
    session: AsyncSession,
    keyring: Keyring,
    projection: Projection,
    *,
    now: datetime,
    wakes: bool = True,
) -> None:
    """Write a state to show, with the fact that it shows; it is delivered once this commits.

    `wakes`: false for whoever writes several and wakes the deliverer after the last.
    """
    row_key = new_id()
    place = Place("projection", "resource", row_key)
    sealed = await keyring.seal(json.dumps(projection.resource), owner=OWNER, place=place)
    session.add(
        ProjectionRow(row_key=row_key, key=projection.key, resource_sealed=sealed, written_at=now)
    )
    if wakes:
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
    wanted = await _resolved(gateway, resource)
    token = _found_by(wanted)
    written = await perform(gateway, _ACCESS, Create(wanted, if_none_exist=token))
    current = written.stored
    gateway.references.remember(resource["resourceType"], token, current.reference)
    if written.created or _without_meta(current.body) == {**wanted, "id": current.id}:
        return
    update = Update({**wanted, "id": current.id}, if_match=current.version)
    await perform(gateway, _ACCESS, update)


async def _resolved(gateway: Gateway, resource: Resource) -> Resource:
    """The same with a literal reference wherever it names a resource by its identifier."""
    reference = resource.get("reference")
    if isinstance(reference, str) and CONDITION in reference:
        rest = {name: value for name, value in resource.items() if name != "reference"}
        return rest | await _literal(gateway, reference)
    return {name: await _resolved_value(gateway, value) for name, value in resource.items()}


async def _resolved_value(gateway: Gateway, value: object) -> object:
    match value:
        case dict():
            return await _resolved(gateway, value)
        case list():
            return [await _resolved_value(gateway, each) for each in value]
        case _:
            return value


async def _literal(gateway: Gateway, reference: str) -> Resource:
    """Where that resource is; what the store does not have is named by its identifier alone."""
    type_, _, condition = reference.partition(CONDITION)
    system, _, value = condition.partition("|")
    token = _token(system, value)
    known = gateway.references.recall(type_, token)
    if known is None:
        page = await perform(gateway, _ACCESS, Search(type_, token))
        if not page.entries:
            return {"identifier": {"system": system, "value": value}}
        known = page.entries[0].reference
        gateway.references.remember(type_, token, known)
    return {"reference": known}


def _found_by(wanted: Resource) -> Pairs:
    """The search that finds it again.

    Raises:
        KeyError: it has neither an identifier nor what it is of.
    """
    if wanted["resourceType"] == "Provenance":
        named = (("target", wanted["target"][0]), ("entity", wanted["entity"][0]["what"]))
        # What the store does not have has no address to be found by.
        pairs = tuple((name, to["reference"]) for name, to in named if "reference" in to)
        return pairs or (("target", wanted["target"][0]["reference"]),)
    identifier = wanted["identifier"][0]
    return _token(identifier["system"], identifier["value"])


def _token(system: str, value: str) -> Pairs:
    return (("identifier", f"{system}|{value}"),)


def _without_meta(resource: Resource) -> Resource:
    return {key: value for key, value in resource.items() if key != "meta"}
