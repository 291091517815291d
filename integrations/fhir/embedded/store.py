"""Rows of resources: write with history and index, read by id.

Knows nothing of validity, booking or access.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Row, delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import tables
from integrations.fhir.embedded.bodies import from_bytes, to_bytes
from integrations.fhir.embedded.index import IndexRows, add_rows, patients_of
from integrations.ports.fhir import NotFound, Resource, Stored

INDEXES = ("token", "reference", "date", "string", "compartment")


async def add(
    connection: AsyncConnection, resources: Sequence[Resource], *, now: datetime
) -> list[Stored]:
    """Store new resources, which have their ids, at version 1."""
    stored = [_stamped(resource, 1, now) for resource in resources]
    rows = [(one.type, one.id, 1, now, to_bytes(one.body)) for one in stored]
    await copy(connection, "fhir_resource", rows)
    await _add_index(connection, [one.body for one in stored])
    return stored


async def replace(
    connection: AsyncConnection, current: Stored, resource: Resource, *, now: datetime
) -> Stored:
    """Store the next version of a resource. What changes nothing makes no version."""
    if _content(current.body) == _content(resource):
        return current
    fresh = _stamped(resource, current.version + 1, now)
    old = (current.type, current.id, current.version, current.updated_at, to_bytes(current.body))
    await copy(connection, "fhir_history", [old])
    await connection.execute(
        update(tables.resource)
        .where(tables.resource.c.type == fresh.type, tables.resource.c.id == fresh.id)
        .values(version=fresh.version, updated_at=now, body=to_bytes(fresh.body))
    )
    for name in INDEXES:
        table = tables.metadata.tables[f"fhir_{name}"]
        await connection.execute(
            delete(table).where(table.c.type == fresh.type, table.c.id == fresh.id)
        )
    await _add_index(connection, [fresh.body])
    return fresh


async def load(connection: AsyncConnection, type_: str, id_: str, *, lock: bool = False) -> Stored:
    """The current version; with `lock` nobody else can replace it in the meantime.

    Raises:
        NotFound: there is none.
    """
    table = tables.resource
    statement = select(table).where(table.c.type == type_, table.c.id == id_)
    row = (await connection.execute(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise NotFound(type_)
    return from_row(row)


async def load_many(
    connection: AsyncConnection, type_: str, ids: Sequence[str]
) -> dict[str, Stored]:
    """Current versions by id, those that exist."""
    table = tables.resource
    statement = select(table).where(table.c.type == type_, table.c.id.in_(ids))
    return {row.id: from_row(row) for row in await connection.execute(statement)}


async def versions(connection: AsyncConnection, type_: str, id_: str) -> tuple[Stored, ...]:
    """Every version, the newest first.

    Raises:
        NotFound: no such resource.
    """
    current = await load(connection, type_, id_)
    table = tables.history
    statement = select(table).where(table.c.type == type_, table.c.id == id_)
    rows = await connection.execute(statement.order_by(table.c.version.desc()))
    return (current, *(from_row(row) for row in rows))


def from_row(row: Row[tuple[object, ...]]) -> Stored:
    """A row of fhir_resource or fhir_history."""
    body = from_bytes(row.body)
    return Stored(body, row.version, row.updated_at, patients_of(body))


async def copy(connection: AsyncConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Append rows by COPY, the fastest way in; in the connection's transaction."""
    if not rows:
        return
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None  # noqa: S101 -- an open connection has one
    if not driver.is_in_transaction():
        # SQLAlchemy begins with its first statement; before it, COPY would commit by itself.
        await connection.execute(text("SELECT 1"))
    columns = [c.name for c in tables.metadata.tables[table].columns if c.identity is None]
    await driver.copy_records_to_table(table, records=rows, columns=columns)


async def _add_index(connection: AsyncConnection, resources: Sequence[Resource]) -> None:
    rows = IndexRows()
    for resource in resources:
        add_rows(rows, resource)
    for name in INDEXES:
        await copy(connection, f"fhir_{name}", getattr(rows, name))


def _stamped(resource: Resource, version: int, now: datetime) -> Stored:
    at = now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": at}
    head = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta}
    body = head | {key: value for key, value in resource.items() if key not in head}
    return Stored(body, version, now, patients_of(body))


def _content(resource: Resource) -> Resource:
    """A resource without what the store itself writes."""
    own = {"versionId", "lastUpdated"}
    meta = {key: value for key, value in resource.get("meta", {}).items() if key not in own}
    return {**resource, "meta": meta}
