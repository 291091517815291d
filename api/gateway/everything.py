"""A patient's whole record in one request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, override
from urllib.parse import urlencode

from api.core.errors import CareError
from api.gateway.access import Access
from api.gateway.errors import Forbidden
from api.gateway.interaction import Interaction, Need, Ruling, Store, unnarrowed, within
from api.gateway.rest import Read, Search
from api.gateway.rules import IN_NO_RECORD, judge
from integrations.ports.fhir import NotFound, Page, Pairs, Stored
from integrations.ports.record import RecordOf


@dataclass(frozen=True)
class Whole:
    """A page of a record, and whose it is."""

    patient: Stored
    page: Page


@dataclass(frozen=True)
class Everything(Interaction[Whole]):
    """One page of what is in a patient's record, of these types.

    Every type must be open to the caller for this patient, to read and to search, without a
    search that narrows it; `readable` says which are.
    """

    id: str
    types: tuple[str, ...]
    params: Pairs = ()
    name: ClassVar[str] = "everything"

    @override
    def need(self) -> Need:
        return Need("Patient", "r", "operation", "E")

    @override
    def parts(self) -> Sequence[Interaction[Any]]:
        return [part for type_ in self.types for part in _parts(type_, self.id)]

    @override
    def patient(self) -> str | None:
        return self.id

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Whole:
        unnarrowed(ruling)
        if not self.types:
            raise Forbidden
        patient = await store.fhir.read("Patient", self.id)
        within(patient, ruling)
        wanted = RecordOf(
            self.id,
            types=tuple(one for one in self.types if one not in IN_NO_RECORD),
            beside=tuple(one for one in self.types if one in IN_NO_RECORD),
            params=self.params,
        )
        page = await store.fhir.everything(wanted)
        if any(self.id not in stored.patients for stored in page.entries):
            raise NotFound("Patient")
        return Whole(patient, page)

    @override
    def touched(self, answer: Whole) -> tuple[Stored, ...]:
        return (answer.patient, *answer.page.entries)

    @override
    def target(self) -> str | None:
        return self.id

    @override
    def query(self) -> str | None:
        query = urlencode((*self.params, ("_type", ",".join(self.types))), errors="surrogatepass")
        return f"Patient/{self.id}/$everything?{query}"


def readable(access: Access, patient: str, types: Iterable[str]) -> tuple[str, ...]:
    """Those of these types that a caller may read and search in a patient's record."""
    return tuple(type_ for type_ in types if _is_open(access, type_, patient))


def _is_open(access: Access, type_: str, patient: str) -> bool:
    try:
        rulings = [judge(access, part) for part in _parts(type_, patient)]
    except (CareError, NotFound):
        return False
    return all(not each.narrow and each.patient in {None, patient} for each in rulings)


def _parts(type_: str, patient: str) -> tuple[Interaction[Any], ...]:
    return Read(type_, patient), Search(type_)
