"""Resources as bytes and back, with every decimal as it was written."""

import json
from decimal import Decimal

import orjson

from integrations.ports.fhir import Resource


def to_bytes(resource: Resource) -> bytes:
    """Compact JSON; `1.00` stays `1.00`."""
    return orjson.dumps(resource, default=_decimal)


def from_bytes(body: bytes) -> Resource:
    """The resource; decimals as Decimal."""
    resource: Resource = json.loads(body, parse_float=Decimal)
    return resource


def _decimal(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError
