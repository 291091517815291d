"""Reading one patient's record for its chart: searches to their end, and what they come to."""

from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from api.core.ids import PatientId
from api.gateway.access import Access
from api.gateway.interactions import Read, Search
from api.gateway.service import Gateway, perform
from api.people.chart_kinds import Item, State
from integrations.ports.fhir import Gone, NotFound, Pairs, Resource

PAGE, MOST_PAGES = 100, 5


@dataclass(frozen=True)
class Loaded:
    """What a card's loader has found."""

    items: tuple[Item, ...]
    is_known_empty: bool = False
    more: bool = False

    @property
    def state(self) -> State:
        """What is known by it."""
        if self.items:
            return State.OK
        return State.EMPTY_KNOWN if self.is_known_empty else State.EMPTY


@dataclass(frozen=True)
class Found:
    """What a search has found; `more` when there is more than was read."""

    resources: tuple[Resource, ...]
    more: bool = False


@dataclass(frozen=True)
class Reader:
    """One look at one patient's record by one member of staff."""

    gateway: Gateway
    access: Access
    patient: PatientId
    now: datetime
    zone: tzinfo
    _named: dict[str, Resource | None] = field(default_factory=dict)

    async def all_of(self, type_: str, *params: tuple[str, str]) -> Found:
        """Every match, to a bound that no patient's record should reach."""
        found: list[Resource] = []
        asked = self._about_the_patient(params, PAGE)
        cursor: Pairs = ()
        for _ in range(MOST_PAGES):
            page = await perform(self.gateway, self.access, Search(type_, (*asked, *cursor)))
            found += [stored.body for stored in page.entries]
            if page.next_cursor is None:
                return Found(tuple(found))
            cursor = (("_cursor", page.next_cursor),)
        return Found(tuple(found), more=True)

    async def first_of(self, type_: str, count: int, *params: tuple[str, str]) -> Found:
        """The first matches of an order."""
        asked = self._about_the_patient(params, count)
        page = await perform(self.gateway, self.access, Search(type_, asked))
        resources = tuple(stored.body for stored in page.entries)
        return Found(resources, more=page.next_cursor is not None)

    async def named(self, reference: str) -> Resource | None:
        """A resource that another one points to, read once; None where it is not there."""
        if reference not in self._named:
            self._named[reference] = await self._read(reference)
        return self._named[reference]

    def _about_the_patient(self, params: Pairs, count: int) -> Pairs:
        """The compartment alone would not do: it also has what the patient said of a child."""
        own = ("patient", f"Patient/{self.patient}")
        return (own, *params, ("_count", str(count)), ("_total", "none"))

    async def _read(self, reference: str) -> Resource | None:
        type_, _, id_ = reference.partition("/")
        try:
            return (await perform(self.gateway, self.access, Read(type_, id_))).body
        except (NotFound, Gone):
            return None
