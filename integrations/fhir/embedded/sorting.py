"""Order of matches and the opaque cursor that continues after the last one shown."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from integrations.fhir.embedded import tables
from integrations.fhir.embedded.criteria import TABLES
from integrations.fhir.embedded.dates import EARLIEST, LATEST
from integrations.fhir.embedded.kinds import Kind
from integrations.fhir.embedded.types import TYPES
from integrations.ports.fhir import InvalidQuery, Unsupported

SORTED_COLUMN = {
    Kind.TOKEN: "code",
    Kind.URI: "code",
    Kind.DATE: "start_at",
    Kind.STRING: "folded",
}


@dataclass(frozen=True)
class Order:
    """By what, and which way. Ties are broken by id, so that pages never overlap."""

    name: str
    expression: ColumnElement[Any]
    descending: bool
    is_date: bool

    def clauses(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """The ORDER BY of it."""
        first = self.expression.desc() if self.descending else self.expression.asc()
        return first, tables.resource.c.id.asc()


def read_order(type_: str, text: str) -> Order:
    """The order that `_sort` asks for.

    Raises:
        Unsupported: several keys, or one that cannot be sorted by.
    """
    descending, name = text.startswith("-"), text.removeprefix("-")
    own: dict[str, ColumnElement[Any]] = {
        "_id": tables.resource.c.id,
        "_lastUpdated": tables.resource.c.updated_at,
    }
    if name in own:
        return Order(text, own[name], descending, name == "_lastUpdated")
    param = TYPES[type_].params.get(name)
    if param is None or param.kind not in SORTED_COLUMN:
        raise Unsupported("_sort")
    is_date = param.kind is Kind.DATE
    return Order(text, _lowest(param.kind, name, descending=descending), descending, is_date)


def after(order: Order, cursor: str) -> ColumnElement[bool]:
    """What comes after a cursor.

    Raises:
        InvalidQuery: not a cursor of this order.
    """
    name, text, last_id = _decode(cursor)
    if name != order.name:
        raise InvalidQuery("_cursor")
    value = _instant(text) if order.is_date else text
    further = order.expression < value if order.descending else order.expression > value
    return or_(further, and_(order.expression == value, tables.resource.c.id > last_id))


def cursor_of(order: Order, value: object, last_id: str) -> str:
    """The cursor behind a match."""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    raw = json.dumps([order.name, text, last_id]).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _lowest(kind: Kind, name: str, *, descending: bool) -> ColumnElement[Any]:
    """A resource's lowest value of a parameter; one without any comes last."""
    table, own = TABLES[kind], tables.resource.c
    value = (
        select(func.min(table.c[SORTED_COLUMN[kind]]))
        .where(table.c.type == own.type, table.c.id == own.id, table.c.param == name)
        .scalar_subquery()
    )
    none: object = "" if kind is not Kind.DATE else EARLIEST if descending else LATEST
    return func.coalesce(value, none)


def _decode(cursor: str) -> tuple[str, str, str]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        parts = json.loads(raw)
        name, text, last_id = (str(part) for part in parts)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidQuery("_cursor") from None
    if "\x00" in text + last_id:
        raise InvalidQuery("_cursor")
    return name, text, last_id


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidQuery("_cursor") from None
    if at.tzinfo is None:
        raise InvalidQuery("_cursor")
    return at
