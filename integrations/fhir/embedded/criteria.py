"""Search parameters as SQL conditions on the index tables.

Source: FHIR R4 4.0.1, search, https://hl7.org/fhir/R4/search.html.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Table, and_, exists, not_, or_, select, true, type_coerce

from integrations.fhir.embedded import tables
from integrations.fhir.embedded.dates import Range, read_range
from integrations.fhir.embedded.index import canonical_parts, fold
from integrations.fhir.embedded.kinds import Kind, Param
from integrations.fhir.embedded.types import TYPES
from integrations.ports.fhir import InvalidQuery, Unsupported

type Condition = ColumnElement[bool]

MOST_VALUES = 100
PREFIXED = re.compile(r"(eq|ne|gt|ge|lt|le|sa|eb|ap)?(\d.*)")
ALLOWED_MODIFIERS = {
    Kind.TOKEN: frozenset({"", "not", "missing"}),
    Kind.STRING: frozenset({"", "exact", "contains", "missing"}),
    Kind.DATE: frozenset({"", "missing"}),
    Kind.REFERENCE: frozenset({"", "missing"}),
    Kind.CANONICAL: frozenset({"", "missing"}),
    Kind.URI: frozenset({"", "missing"}),
}
TABLES = {
    Kind.TOKEN: tables.token,
    Kind.CANONICAL: tables.token,
    Kind.URI: tables.token,
    Kind.REFERENCE: tables.reference,
    Kind.DATE: tables.date,
    Kind.STRING: tables.string,
}


def condition(type_: str, name: str, value: str) -> Condition:
    """The condition that one name and value pair of a search stands for.

    Raises:
        Unsupported: unknown parameter or modifier. InvalidQuery: the value cannot be read.
    """
    param_name, _, modifier = name.partition(":")
    if "\x00" in value or not value:
        raise InvalidQuery(param_name)
    parts = split_escaped(value, ",")
    if len(parts) > MOST_VALUES:
        raise InvalidQuery(param_name)
    if param_name in {"_id", "_lastUpdated"} and not modifier:
        return or_(*(OWN[param_name](part) for part in parts))
    param = TYPES[type_].params.get(param_name)
    if param is None:
        raise Unsupported(param_name)
    return _of_param(param, modifier, parts)


def split_escaped(value: str, separator: str) -> list[str]:
    r"""Split at a separator that has no backslash before it; escapes are kept."""
    parts, escaped = [""], False
    for char in value:
        if char == separator and not escaped:
            parts.append("")
        else:
            parts[-1] += char
        escaped = char == "\\" and not escaped
    return parts


def unescape(value: str) -> str:
    r"""`\,` `\|` `\$` `\\` as the characters themselves."""
    return re.sub(r"\\([,|$\\])", r"\1", value)


def _of_param(param: Param, modifier: str, parts: list[str]) -> Condition:
    table = TABLES[param.kind]
    is_type = param.kind is Kind.REFERENCE and modifier in TYPES
    if modifier not in ALLOWED_MODIFIERS[param.kind] and not is_type:
        raise Unsupported(param.name + ":modifier")
    if modifier == "missing":
        return _missing(table, param.name, parts)
    matches = [_matcher(param, modifier)(part) for part in parts]
    found = _has(table, param.name, or_(*matches))
    return not_(found) if modifier == "not" else found


def _has(table: Table, param: str, match: Condition) -> Condition:
    own = tables.resource.c
    return exists(
        select(1).where(
            table.c.type == own.type, table.c.id == own.id, table.c.param == param, match
        )
    )


def _missing(table: Table, param: str, parts: list[str]) -> Condition:
    if parts not in (["true"], ["false"]):
        raise InvalidQuery(param)
    found = _has(table, param, true())
    return not_(found) if parts == ["true"] else found


def _matcher(param: Param, modifier: str) -> Callable[[str], Condition]:
    match param.kind:
        case Kind.TOKEN:
            return _token
        case Kind.URI:
            return lambda part: tables.token.c.code == unescape(part)
        case Kind.CANONICAL:
            return lambda part: _canonical(unescape(part))
        case Kind.REFERENCE:
            return lambda part: _reference(param.name, modifier, unescape(part))
        case Kind.DATE:
            return lambda part: _date(param.name, part)
        case Kind.STRING:
            return lambda part: _string(param.name, modifier, unescape(part))


def _token(part: str) -> Condition:
    column = tables.token.c
    pieces = [unescape(piece) for piece in split_escaped(part, "|")]
    if len(pieces) == 1:
        # A phone number's plus sign that was not encoded in a URL arrives as a space.
        return column.code == re.sub(r"^ (?=\d+$)", "+", pieces[0])
    if len(pieces) != 2 or not any(pieces):
        raise InvalidQuery("token")
    system, code = pieces
    if not code:
        return column.system == system
    return and_(column.system == system, column.code == code)


def _canonical(value: str) -> Condition:
    """An address with a version asks for that version, one without for any."""
    column = tables.token.c
    version, url = canonical_parts(value)
    return and_(column.code == url, column.system == version) if version else column.code == url


def _reference(name: str, modifier: str, value: str) -> Condition:
    column = tables.reference.c
    type_, _, id_ = value.rpartition("/")
    wanted = modifier or type_
    if not id_ or (type_ and wanted != type_) or (wanted and not wanted.isalpha()):
        raise InvalidQuery(name)
    if not wanted:
        return column.target_id == id_
    return and_(column.target_type == wanted, column.target_id == id_)


def _string(name: str, modifier: str, value: str) -> Condition:
    column = tables.string.c
    folded = fold(value)
    if not folded:
        raise InvalidQuery(name)
    if modifier == "exact":
        return column.exact == value
    if modifier == "contains":
        return column.folded.contains(folded, autoescape=True)
    return column.folded.startswith(folded, autoescape=True)


def _date(name: str, part: str) -> Condition:
    column = tables.date.c
    prefix, asked = _prefixed(name, part)
    return _compare(prefix, column.start_at, column.end_at, asked)


def _prefixed(name: str, part: str) -> tuple[str, Range]:
    found = PREFIXED.fullmatch(part)
    if found is None:
        raise InvalidQuery(name)
    # A plus sign that was not encoded in a URL arrives as a space.
    try:
        return found[1] or "eq", read_range(found[2].replace(" ", "+"))
    except InvalidQuery:
        raise InvalidQuery(name) from None


def _compare(
    prefix: str, start: ColumnElement[datetime], end: ColumnElement[datetime], asked: Range
) -> Condition:
    """Ranges compared as R4 says: eq when the asked range contains the other, and so on."""
    within = and_(start >= asked.start_at, end <= asked.end_at)
    comparisons: dict[str, Condition] = {
        "eq": within,
        "ne": not_(within),
        "gt": end > asked.end_at,
        "lt": start < asked.start_at,
        "ge": or_(end > asked.end_at, within),
        "le": or_(start < asked.start_at, within),
        "sa": start >= asked.end_at,
        "eb": end <= asked.start_at,
        "ap": and_(start < asked.end_at, end > asked.start_at),
    }
    return comparisons[prefix]


def _own_id(value: str) -> Condition:
    return tables.resource.c.id == unescape(value)


def _own_update(value: str) -> Condition:
    column = tables.resource.c.updated_at
    prefix, asked = _prefixed("_lastUpdated", value)
    end = type_coerce(column + timedelta(milliseconds=1), tables.Instant)
    return _compare(prefix, column, end, asked)


OWN: dict[str, Callable[[str], Condition]] = {"_id": _own_id, "_lastUpdated": _own_update}
