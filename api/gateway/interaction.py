"""What an interaction is: which scope it needs, how it asks the store, whom its answer touched."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, override

from api.gateway.errors import Forbidden
from integrations.ports.fhir import FhirSession, NotFound, Page, Pairs, Query, Stored, Written


@dataclass(frozen=True)
class Ruling:
    """What the rules made of a request.

    Attributes:
        patient: the one patient whose record may be touched, or None for any.
        narrow: search parameters that the granting scope adds.
        may_displace: whether a write may take a held time.
    """

    patient: str | None = None
    narrow: Pairs = ()
    may_displace: bool = False


class EventReader(Protocol):
    """The audit, read as AuditEvents."""

    async def read(self, id_: str) -> Stored:
        """One event."""
        ...

    async def search(self, params: Pairs) -> Page:
        """A page of events."""
        ...


@dataclass(frozen=True)
class Store:
    """Where answers come from: the FHIR store, and the audit for AuditEvents."""

    fhir: FhirSession
    events: EventReader


@dataclass(frozen=True)
class Need:
    """The type and the scope letters that an interaction needs, and its audit subtype."""

    type: str
    letter: str
    subtype: str
    action: str


class Interaction[R](ABC):
    """One thing asked of the gateway; R is its answer."""

    name: ClassVar[str]
    # Whether an answer that touched nothing is worth an audit row.
    is_recorded_when_empty: ClassVar[bool] = True

    @abstractmethod
    def need(self) -> Need:
        """What it takes to be let in."""

    @abstractmethod
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> R:
        """Ask the store, within the ruling."""

    @abstractmethod
    def touched(self, answer: R) -> tuple[Stored, ...]:
        """Resources whose patients' audit this belongs in."""

    def changed(self, answer: R) -> tuple[str, ...]:
        """References of what was written."""
        del answer
        return ()

    def target(self) -> str | None:
        """The id of the resource that is meant, where there is one."""
        return None

    def patient(self) -> str | None:
        """The patient that the request itself names, where it does."""
        return None

    def parts(self) -> "Sequence[Interaction[Any]]":
        """What it does besides: the caller must be let into each, and not only for a part of it."""
        return ()

    def query(self) -> str | None:
        """The search as asked, for the audit."""
        return None


class Writing(Interaction[Written]):
    """An interaction that writes one resource, and others along with it."""

    @override
    def touched(self, answer: Written) -> tuple[Stored, ...]:
        return (answer.stored, *(one for one in answer.also if one.patients))

    @override
    def changed(self, answer: Written) -> tuple[str, ...]:
        return tuple(one.reference for one in (answer.stored, *answer.also))


def within(stored: Stored, ruling: Ruling) -> None:
    """Another patient's resource does not exist for a caller bound to one patient."""
    if ruling.patient is not None and ruling.patient not in stored.patients:
        raise NotFound(stored.type)


def only_of(stored: Stored, ruling: Ruling) -> None:
    """What a caller bound to one patient writes is in that record and in no other."""
    if ruling.patient is not None and stored.patients != (ruling.patient,):
        raise Forbidden


async def matches(fhir: FhirSession, stored: Stored, ruling: Ruling) -> None:
    """A scope with search parameters opens what they match, and nothing else."""
    if ruling.narrow:
        params = (("_id", stored.id), *ruling.narrow)
        if not (await fhir.search(Query(stored.type, params, ruling.patient))).entries:
            raise NotFound(stored.type)


def unnarrowed(ruling: Ruling) -> None:
    """A scope with search parameters opens reading only: nothing here could judge a write."""
    if ruling.narrow:
        raise Forbidden
