"""Bytes in and out: strict JSON bodies, query strings, content negotiation."""

import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Never
from urllib.parse import parse_qsl

import orjson
from fastapi import Request

from api.fhir.errors import BodyTooLarge, Malformed, NotAcceptable, UnsupportedMedia
from integrations.ports.fhir import Pairs, Resource

MEDIA = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
READABLE = frozenset({MEDIA, "application/json"})
ANY = frozenset({"*/*", "application/*"})
FORMATS = frozenset({"json", *READABLE})
VERSIONS = frozenset({"4.0", "4.0.1"})

MOST_BYTES = 1024 * 1024
MOST_DEPTH = 64
MOST_FIELDS = 100
ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')
# FHIR decimals: far more than any measurement needs, far less than what ties up a server.
MOST_DIGITS, MOST_EXPONENT = 40, 40


def dumps(resource: Resource) -> bytes:
    """A resource as bytes; decimals as they were written."""
    return orjson.dumps(resource, default=_fragment)


async def read_resource(request: Request) -> Resource:
    """The request's body as a JSON object that names its resource type.

    Raises:
        UnsupportedMedia: not FHIR JSON. BodyTooLarge: over the limit. Malformed: not strict JSON,
            a key twice, nested too deeply, no resource type.
    """
    if not _is_readable(request.headers.get("content-type", "")):
        raise UnsupportedMedia
    resource = loads(await _body(request))
    if not isinstance(resource.get("resourceType"), str):
        raise Malformed
    return resource


def loads(body: bytes) -> Resource:
    """Strict JSON: one object, no key twice, no NaN, no absurd number, no deep nesting.

    Raises:
        Malformed: anything else.
    """
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_refuse,
            parse_float=_decimal,
            parse_int=_integer,
        )
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(value, dict) or _is_deep(value):
        raise Malformed
    return value


async def form_pairs(request: Request) -> Pairs:
    """The pairs of a `_search` body.

    Raises:
        UnsupportedMedia: not a form. BodyTooLarge, Malformed: as for a resource.
    """
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != FORM:
        raise UnsupportedMedia
    return read_pairs((await _body(request)).decode("latin-1"))


def query_pairs(request: Request) -> Pairs:
    """The pairs of the URL, decoded.

    Raises:
        Malformed: not UTF-8, or too many.
    """
    return read_pairs(request.url.query)


def read_pairs(text: str) -> Pairs:
    """The pairs of a query string, decoded.

    Raises:
        Malformed: not UTF-8, or too many.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Malformed from None
    return tuple(pairs)


def if_match(request: Request) -> int | None:
    """The version that the client means.

    Raises:
        Malformed: not an ETag of this server.
    """
    header = request.headers.get("if-match")
    if header is None:
        return None
    found = ETAG.fullmatch(header.strip())
    if found is None:
        raise Malformed
    return int(found[1])


def check_accept(request: Request, pairs: Pairs) -> None:
    """Return if the client takes FHIR JSON. `_format` goes before the Accept header.

    Raises:
        NotAcceptable: XML, another version of FHIR, HTML only.
    """
    asked = [value for name, value in pairs if name == "_format"]
    if asked:
        if not all(value.split(";")[0].replace(" ", "+") in FORMATS for value in asked):
            raise NotAcceptable
        return
    header = request.headers.get("accept", "*/*")
    if not any(_is_acceptable(one) for one in header.split(",")):
        raise NotAcceptable


def without_format(pairs: Pairs) -> Pairs:
    """The search parameters among the pairs."""
    return tuple(pair for pair in pairs if pair[0] not in {"_format", "_pretty"})


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BodyTooLarge
    return bytes(body)


def _is_readable(content_type: str) -> bool:
    media, version = _media(content_type)
    return media in READABLE and version in VERSIONS


def _is_acceptable(one: str) -> bool:
    media, version = _media(one)
    return (
        media in READABLE | ANY and version in VERSIONS and not re.search(r";\s*q=0(\.0*)?$", one)
    )


def _media(text: str) -> tuple[str, str]:
    media, *parameters = [part.strip() for part in text.split(";")]
    versions = [p.split("=", 1)[1] for p in parameters if p.lower().startswith("fhirversion=")]
    return media.lower(), versions[0] if versions else "4.0"


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse(_constant: str) -> Never:
    raise ValueError


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError
    return int(text)


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError from None
    exponent = number.as_tuple().exponent
    if len(text) > MOST_DIGITS or not isinstance(exponent, int) or abs(exponent) > MOST_EXPONENT:
        raise ValueError
    return number


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [item for one in level for item in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    """The objects and lists directly in one."""
    items: Iterable[object] = ()
    if isinstance(value, dict):
        items = value.values()
    elif isinstance(value, list):
        items = value
    return [item for item in items if isinstance(item, dict | list)]


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError
