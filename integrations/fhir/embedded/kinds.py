"""What a search parameter and a resource type are, and how the tables of them are read."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a search parameter compares."""

    TOKEN = "token"  # noqa: S105 -- a kind of search parameter
    REFERENCE = "reference"
    CANONICAL = "canonical"
    URI = "uri"
    DATE = "date"
    STRING = "string"

    @property
    def stated(self) -> str:
        """As R4 names it: to R4 a canonical address is a reference, too."""
        return Kind.REFERENCE.value if self is Kind.CANONICAL else self.value


@dataclass(frozen=True)
class Param:
    """One search parameter. `paths`: where its values are; see paths.py for the notation."""

    name: str
    kind: Kind
    paths: tuple[str, ...]


@dataclass(frozen=True)
class ResourceType:
    """One type. `compartment`: paths of the references that put it into a patient's record."""

    params: dict[str, Param]
    compartment: tuple[str, ...] = ()


def resource_type(table: str, *compartment: str) -> ResourceType:
    """A type from its table: a line per search parameter, with name, kind and paths."""
    rows = [line.split(maxsplit=2) for line in table.splitlines() if line]
    params = {
        name: Param(name, Kind(kind), tuple(path.strip() for path in paths.split("|")))
        for name, kind, paths in rows
    }
    return ResourceType(params, compartment)
