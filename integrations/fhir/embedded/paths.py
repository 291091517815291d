"""Finding values in a resource by a path.

`a.b.c` descends through objects and lists. `telecom[system=phone]` keeps objects with that
value; `actor[Patient]` keeps references to that type.
"""

import re
from collections.abc import Iterator
from functools import cache

STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<key>\w+)(?:=(?P<wanted>[\w-]+))?\])?")


def values(resource: object, path: str) -> Iterator[object]:
    """Every value at a path, lists unfolded."""
    found: list[object] = [resource]
    for name, key, wanted in _steps(path):
        found = [
            item
            for parent in found
            if isinstance(parent, dict)
            for item in _as_list(parent.get(name))
            if key is None or _passes(item, key, wanted)
        ]
    yield from found


@cache
def _steps(path: str) -> tuple[tuple[str, str | None, str | None], ...]:
    matches = [STEP.fullmatch(step) for step in path.split(".")]
    return tuple((m["name"], m["key"], m["wanted"]) for m in matches if m is not None)


def _as_list(value: object) -> list[object]:
    if isinstance(value, list):
        return [item for item in value if item is not None]
    return [] if value is None else [value]


def _passes(item: object, key: str, wanted: str | None) -> bool:
    if not isinstance(item, dict):
        return False
    if wanted is None:
        return str(item.get("reference", "")).startswith(f"{key}/")
    return bool(item.get(key) == wanted)
