"""A patient's whole record, as it is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordOf:
    """A patient's record, as FHIR's $everything asks for it.

    Attributes:
        patient: whose; nothing outside this compartment is a match.
        types: resources of these types only.
        beside: types that are in nobody's record, of which what the matches name comes along.
        params: `start` and `end` of care, `_since`, `_count`, `_cursor`; each once.
    """

    patient: str
    types: tuple[str, ...]
    beside: tuple[str, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
