"""One page of a search: which parameters there are, order, paging, totals, elements."""

from dataclasses import dataclass, replace

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import tables
from integrations.fhir.embedded.criteria import Condition, condition
from integrations.fhir.embedded.definitions import definitions
from integrations.fhir.embedded.sorting import Order, after, cursor_of, read_order
from integrations.fhir.embedded.store import from_row
from integrations.fhir.embedded.types import TYPES
from integrations.ports.fhir import InvalidQuery, Page, Query, Resource, Stored, Unsupported

DEFAULT_COUNT, MOST_COUNT, MOST_PARAMS = 50, 500, 50
CONTROLS = frozenset({"_count", "_cursor", "_sort", "_total", "_elements", "_summary"})
# Never ignored, also when the caller asks for leniency: they would reach into other records.
REFUSED = ("_include", "_revinclude", "_has", "_filter", "_query", "_contained", "_list")
SUBSETTED = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "SUBSETTED",
}


@dataclass(frozen=True)
class Plan:
    """A search, read."""

    conditions: tuple[Condition, ...]
    controls: dict[str, str]
    ignored: tuple[str, ...]
    order: Order
    count: int


async def search(connection: AsyncConnection, query: Query) -> Page:
    """One page of matches.

    Raises:
        Unsupported: unknown type, parameter or modifier. InvalidQuery: unreadable value.
    """
    plan = read_query(query)
    total = None
    if plan.controls.get("_total") != "none":
        counting = select(func.count()).select_from(tables.resource).where(*plan.conditions)
        total = int(await connection.scalar(counting) or 0)
    if plan.count == 0:
        return Page((), total, None, plan.ignored)
    entries, cursor = await _entries(connection, plan)
    return Page(entries, total, cursor, plan.ignored)


def read_query(query: Query) -> Plan:
    """Read a search without running it; raises as `search` does."""
    if query.type not in TYPES:
        raise Unsupported(query.type)
    if len(query.params) > MOST_PARAMS:
        raise InvalidQuery("parameters")
    controls: dict[str, str] = {}
    conditions: list[Condition] = [tables.resource.c.type == query.type]
    ignored: list[str] = []
    for name, value in query.params:
        if name in CONTROLS:
            controls[name] = value
            continue
        try:
            conditions.append(_condition(query.type, name, value))
        except Unsupported as refusal:
            if not query.lenient or _is_refused(name):
                raise
            ignored.append(refusal.what)
    if query.patient is not None:
        conditions.append(_in_compartment(query.patient))
    order = read_order(query.type, controls.get("_sort", "_id"))
    return Plan(tuple(conditions), controls, tuple(ignored), order, _count(controls))


def _condition(type_: str, name: str, value: str) -> Condition:
    if _is_refused(name):
        raise Unsupported(name.split(":", maxsplit=1)[0])
    return condition(type_, name, value)


def _is_refused(name: str) -> bool:
    return "." in name or name.startswith(REFUSED)


def _in_compartment(patient: str) -> Condition:
    own, mine = tables.resource.c, tables.compartment.c
    return exists(
        select(1).where(mine.patient_id == patient, mine.type == own.type, mine.id == own.id)
    )


def _count(controls: dict[str, str]) -> int:
    summary = controls.get("_summary", "false")
    if summary not in {"false", "count"}:
        raise Unsupported("_summary")
    if controls.get("_total", "accurate") not in {"none", "estimate", "accurate"}:
        raise InvalidQuery("_total")
    asked = controls.get("_count", str(DEFAULT_COUNT))
    if not asked.isascii() or not asked.isdigit() or len(asked) > 9:
        raise InvalidQuery("_count")
    return 0 if summary == "count" else min(int(asked), MOST_COUNT)


async def _entries(
    connection: AsyncConnection, plan: Plan
) -> tuple[tuple[Stored, ...], str | None]:
    sort_value = plan.order.expression.label("sort_value")
    statement = select(tables.resource, sort_value).where(*plan.conditions)
    if "_cursor" in plan.controls:
        statement = statement.where(after(plan.order, plan.controls["_cursor"]))
    statement = statement.order_by(*plan.order.clauses()).limit(plan.count + 1)
    rows = (await connection.execute(statement)).all()
    shown = rows[: plan.count]
    more = len(rows) > plan.count
    cursor = cursor_of(plan.order, shown[-1].sort_value, shown[-1].id) if more else None
    stored = (from_row(row) for row in shown)
    wanted = plan.controls.get("_elements")
    return tuple(_trimmed(one, wanted) if wanted else one for one in stored), cursor


def _trimmed(stored: Stored, wanted: str) -> Stored:
    """The asked elements and the mandatory ones, marked as a part of the resource."""
    elements = definitions().types[stored.type]
    keep = {"resourceType", "id", "meta", *wanted.split(",")}
    keep |= {name for name, element in elements.items() if element.required}
    body: Resource = {key: value for key, value in stored.body.items() if key in keep}
    meta = body["meta"]
    body["meta"] = {**meta, "tag": [*meta.get("tag", []), SUBSETTED]}
    return replace(stored, body=body)
