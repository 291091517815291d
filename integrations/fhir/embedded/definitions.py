"""R4's elements, types and required codes, read from r4.json."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("r4.json")


@dataclass(frozen=True)
class Element:
    """What R4 says about one element.

    Attributes:
        type: name of a datatype, of a nested path, or `#path` of the element it repeats.
        required: at least one is needed.
        many: a list in JSON.
        codes: name of the required value set, if its codes are listed.
        targets: types a Reference may point to; empty for any.
        choice: the name with `[x]` that it is one form of.
    """

    type: str
    required: bool
    many: bool
    codes: str | None
    targets: tuple[str, ...]
    choice: str | None


@dataclass(frozen=True)
class Definitions:
    """The whole table."""

    types: dict[str, dict[str, Element]]
    codes: dict[str, frozenset[str]]

    def elements(self, type_: str) -> dict[str, Element] | None:
        """The elements of a type or nested path, or None for primitives and unknown types."""
        return self.types.get(type_.removeprefix("#"))


@cache
def definitions() -> Definitions:
    """The table, read once."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    types = {
        name: {key: _element(row) for key, row in rows.items()}
        for name, rows in table["types"].items()
    }
    return Definitions(types, {name: frozenset(codes) for name, codes in table["codes"].items()})


def _element(row: list[object]) -> Element:
    type_, low, high, codes, targets, choice = row
    return Element(
        type=str(type_),
        required=low != 0,
        many=high == 0,
        codes=None if codes is None else str(codes),
        targets=tuple(targets) if isinstance(targets, list) else (),
        choice=None if choice is None else str(choice),
    )
