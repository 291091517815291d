"""Patient/$everything: what is in a patient's compartment, page by page.

Source: FHIR R4 4.0.1, operation Patient/$everything,
https://hl7.org/fhir/R4/operation-patient-everything.html.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Select, and_, case, exists, func, not_, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import store, tables
from integrations.fhir.embedded.criteria import Condition
from integrations.fhir.embedded.dates import EARLIEST, LATEST, Range, read_range
from integrations.fhir.embedded.search import MOST_COUNT
from integrations.fhir.embedded.types import TYPES
from integrations.ports.fhir import InvalidQuery, Page, Stored, Unsupported
from integrations.ports.record import RecordOf

# When care took place. What holds until it is ended (an allergy, an illness, a prescription, a
# consent) is in every span of time: who asks for a week must not read that there is no allergy.
CARE_DATES: Final = (
    ("Appointment", "date"),
    ("Communication", "sent"),
    ("CommunicationRequest", "occurrence"),
    ("MedicationStatement", "effective"),
    ("Observation", "date"),
    ("Provenance", "recorded"),
    ("QuestionnaireResponse", "authored"),
    ("Task", "authored-on"),
)
PARAMS: Final = frozenset({"start", "end", "_since", "_count", "_cursor"})

_own, _mine = tables.resource.c, tables.compartment.c
# The patient first, for whoever reads from the top.
_rank = case((_own.type == "Patient", 0), else_=1)
_ORDER: Final = (_rank, _own.type, _own.id)


async def everything(connection: AsyncConnection, wanted: RecordOf) -> Page:
    """One page of a patient's record, and what it names that is in nobody's record.

    Raises:
        Unsupported: unknown type or parameter. InvalidQuery: unreadable value.
    """
    params = _read(wanted)
    found = (
        select(tables.resource)
        .join(tables.compartment, and_(_mine.type == _own.type, _mine.id == _own.id))
        .where(_mine.patient_id == wanted.patient, _own.type.in_(wanted.types))
        .where(*_since(params), *_within(params))
    )
    total = await connection.scalar(select(func.count()).select_from(found.subquery()))
    count = _count(params)
    if count == 0:
        return Page((), int(total or 0))
    shown, cursor = await _page(connection, found, params.get("_cursor"), count)
    beside = await _beside(connection, shown, wanted.beside)
    return Page(tuple(shown), int(total or 0), cursor, beside=beside)


def _read(wanted: RecordOf) -> dict[str, str]:
    for type_ in (*wanted.types, *wanted.beside):
        if type_ not in TYPES:
            raise Unsupported(type_)
    params = dict(wanted.params)
    for name, value in wanted.params:
        if name not in PARAMS:
            raise Unsupported(name)
        if params[name] != value or "\x00" in value:
            raise InvalidQuery(name)
    return params


async def _page(
    connection: AsyncConnection, found: Select[Any], cursor: str | None, count: int
) -> tuple[list[Stored], str | None]:
    if cursor is not None:
        type_, id_ = _decode(cursor)
        found = found.where(tuple_(*_ORDER) > tuple_(int(type_ != "Patient"), type_, id_))
    rows = (await connection.execute(found.order_by(*_ORDER).limit(count + 1))).all()
    shown = [store.from_row(row) for row in rows[:count]]
    return shown, _encode(shown[-1]) if len(rows) > count else None


async def _beside(
    connection: AsyncConnection, shown: Sequence[Stored], types: Sequence[str]
) -> tuple[Stored, ...]:
    """The practitioners, places and the like that these name, each once."""
    named = {reference for one in shown for reference in _references(one.body)}
    keys = [tuple(each.split("/")) for each in sorted(named) if each.count("/") == 1]
    keys = [key for key in keys if key[0] in types and "\x00" not in key[1]]
    if not keys:
        return ()
    statement = select(tables.resource).where(tuple_(_own.type, _own.id).in_(keys))
    rows = await connection.execute(statement.order_by(_own.type, _own.id))
    return tuple(store.from_row(row) for row in rows)


def _references(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from _references(each)


def _since(params: dict[str, str]) -> list[Condition]:
    since = params.get("_since")
    return [] if since is None else [_own.updated_at >= _range("_since", since).start_at]


def _within(params: dict[str, str]) -> list[Condition]:
    """Care within the span; what has no date of care is in every span."""
    if "start" not in params and "end" not in params:
        return []
    start = _range("start", params["start"]).start_at if "start" in params else EARLIEST
    end = _range("end", params["end"]).end_at if "end" in params else LATEST
    if end <= start:
        raise InvalidQuery("end")
    date = tables.date.c
    dated = and_(
        date.type == _own.type,
        date.id == _own.id,
        tuple_(date.type, date.param).in_(CARE_DATES),
    )
    overlaps = and_(date.start_at < end, date.end_at > start)
    return [or_(not_(exists().where(dated)), exists().where(dated, overlaps))]


def _range(name: str, value: str) -> Range:
    try:
        # A plus sign that was not encoded in a URL arrives as a space.
        return read_range(value.replace(" ", "+"))
    except InvalidQuery:
        raise InvalidQuery(name) from None


def _count(params: dict[str, str]) -> int:
    asked = params.get("_count", str(MOST_COUNT))
    if not asked.isascii() or not asked.isdigit() or len(asked) > 9:
        raise InvalidQuery("_count")
    return min(int(asked), MOST_COUNT)


def _encode(last: Stored) -> str:
    raw = json.dumps([last.type, last.id]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(cursor: str) -> tuple[str, str]:
    try:
        type_, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError):
        raise InvalidQuery("_cursor") from None
    if not isinstance(type_, str) or not isinstance(id_, str) or "\x00" in type_ + id_:
        raise InvalidQuery("_cursor")
    return type_, id_
