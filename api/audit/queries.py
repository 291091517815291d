"""Reading the audit: FHIR search parameters of AuditEvent, and who touched one patient's data."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.models import AuditRow
from api.audit.periods import read_period
from integrations.ports.fhir import InvalidQuery, NotFound, Unsupported

DEFAULT_COUNT, MOST_COUNT, MOST_PARAMS = 50, 500, 50
SEARCH_PARAMS = {
    "_id": "token",
    "patient": "reference",
    "date": "date",
    "action": "token",
    "subtype": "token",
    "outcome": "token",
    "agent": "reference",
    "entity": "reference",
}


@dataclass(frozen=True)
class AuditPage:
    """Rows, the newest first. `cursor`: the `_cursor` of the page after it."""

    rows: tuple[AuditRow, ...]
    total: int
    cursor: str | None


async def get(session: AsyncSession, id_: str) -> AuditRow:
    """One row.

    Raises:
        NotFound: there is none.
    """
    row = await session.get(AuditRow, id_)
    if row is None:
        raise NotFound("AuditEvent")
    return row


async def search(session: AsyncSession, params: tuple[tuple[str, str], ...]) -> AuditPage:
    """Rows that match FHIR search parameters.

    Raises:
        Unsupported: unknown parameter. InvalidQuery: a value cannot be read.
    """
    if len(params) > MOST_PARAMS:
        raise InvalidQuery("parameters")
    controls = {name: value for name, value in params if name in {"_count", "_cursor"}}
    conditions = [
        _condition(name, value) for name, value in params if name not in controls and value
    ]
    total = await session.scalar(select(func.count()).select_from(AuditRow).where(*conditions))
    count = _count(controls.get("_count", str(DEFAULT_COUNT)))
    if "_cursor" in controls:
        conditions.append(AuditRow.id < controls["_cursor"])
    newest = select(AuditRow).where(*conditions).order_by(AuditRow.id.desc()).limit(count + 1)
    rows = tuple(await session.scalars(newest)) if count else ()
    cursor = rows[count - 1].id if len(rows) > count else None
    return AuditPage(rows[:count], int(total or 0), cursor)


async def who(session: AsyncSession, patient_id: str) -> tuple[AuditRow, ...]:
    """Every act on one patient's data, the oldest first."""
    mine = select(AuditRow).where(AuditRow.patient_id == patient_id)
    return tuple(await session.scalars(mine.order_by(AuditRow.id)))


async def newest(
    session: AsyncSession, *, patient: str | None, agent: str, before: str, limit: int
) -> tuple[AuditRow, ...]:
    """Acts on one patient's data, by one actor, or both, the newest first."""
    wanted = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if patient:
        wanted = wanted.where(AuditRow.patient_id == patient)
    if agent:
        wanted = wanted.where(AuditRow.agent_id == agent)
    if before:
        wanted = wanted.where(AuditRow.id < before)
    return tuple(await session.scalars(wanted))


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidQuery("_count")
    return min(int(text), MOST_COUNT)


def _condition(name: str, value: str) -> ColumnElement[bool]:
    if name not in SEARCH_PARAMS:
        raise Unsupported(name)
    if "\x00" in value:
        raise InvalidQuery(name)
    if name == "date":
        return _date(value)
    return or_(*(CONDITIONS[name](part) for part in value.split(",")))


def _date(value: str) -> ColumnElement[bool]:
    prefix, start, end = read_period(value)
    comparisons: dict[str, Callable[[], ColumnElement[bool]]] = {
        "eq": lambda: AuditRow.at.between(start, end) & (AuditRow.at < end),
        "gt": lambda: AuditRow.at >= end,
        "sa": lambda: AuditRow.at >= end,
        "ge": lambda: AuditRow.at >= start,
        "lt": lambda: AuditRow.at < start,
        "eb": lambda: AuditRow.at < start,
        "le": lambda: AuditRow.at < end,
    }
    if prefix not in comparisons:
        raise InvalidQuery("date")
    return comparisons[prefix]()


def _code(value: str) -> str:
    """The code of `code` or `system|code`."""
    return value.rpartition("|")[2]


def _entity(value: str) -> ColumnElement[bool]:
    type_, _, id_ = value.rpartition("/")
    mine = AuditRow.resource_id == id_
    return mine & (AuditRow.resource_type == type_) if type_ else mine


def _patient(value: str) -> ColumnElement[bool]:
    type_, _, id_ = value.rpartition("/")
    if type_ not in {"", "Patient"}:
        raise InvalidQuery("patient")
    return AuditRow.patient_id == id_


def _agent(value: str) -> ColumnElement[bool]:
    """An actor's own id, or the patient who acted through an assistant."""
    return or_(AuditRow.agent_id == value, AuditRow.on_behalf_of == value.removeprefix("Patient/"))


CONDITIONS: dict[str, Callable[[str], ColumnElement[bool]]] = {
    "_id": lambda value: AuditRow.id == value,
    "patient": _patient,
    "action": lambda value: AuditRow.action == _code(value),
    "subtype": lambda value: AuditRow.subtype == _code(value),
    "outcome": lambda value: AuditRow.outcome == _code(value),
    "agent": _agent,
    "entity": _entity,
}
