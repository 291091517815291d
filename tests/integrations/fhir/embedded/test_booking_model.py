"""Any sequence of hold, book, cancel and move against a model that fits on a page."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.db import Database
from integrations.ports.fhir import (
    FhirBackend,
    FhirError,
    FhirSession,
    HoldRequest,
    Query,
    Wanted,
    Written,
)
from integrations.ports.visits import CancelRequest, MoveRequest
from tests.support.fhir import NOW, a_slot, at, open_clinic

# Start minutes of the slots, by physician; those of one physician overlap or adjoin.
STARTS = {0: (60, 75, 90), 1: (60, 90, 105)}
LASTS = 30
HOLD_LASTS = timedelta(hours=1)  # none lapses within a sequence
LIVE = {"pending": "busy-tentative", "booked": "busy"}


@dataclass
class Visit:
    """What the model knows of an Appointment. `slots`: numbers."""

    patient: int
    slots: frozenset[int]
    status: str = "pending"


@dataclass
class Model:
    """Who has which slots, by the rules as a person would say them."""

    spans: list[tuple[int, int]]
    visits: list[Visit] = field(default_factory=list)

    def hold(self, slot: int, patient: int) -> bool:
        """The patient's other hold does not stand in the way: it is dropped, unless this fails."""
        mine = [one for one in self.visits if one.patient == patient and one.status == "pending"]
        if not self.is_free({slot}, without=mine):
            return False
        for other in mine:
            other.status = "cancelled"
        self.visits.append(Visit(patient, frozenset({slot})))
        return True

    def book(self, number: int) -> bool:
        visit = self.visits[number]
        if visit.status == "pending":
            visit.status = "booked"
        return visit.status == "booked"

    def cancel(self, number: int) -> bool:
        self.visits[number].status = "cancelled"
        return True

    def move(self, number: int, slots: frozenset[int], hold: int | None) -> bool:
        """Its own time, and the hold that it uses up, do not stand in the way."""
        visit = self.visits[number]
        used = None if hold is None else self.visits[hold]
        if used is visit or visit.status not in LIVE:
            return False
        if visit.slots == slots:
            return True
        if not self.adjoin(slots) or (used is not None and not self.fits(used, visit, slots)):
            return False
        gone = [visit] if used is None else [visit, used]
        if not self.is_free(slots, without=gone):
            return False
        if used is not None:
            used.status = "cancelled"
        visit.slots = slots
        return True

    def fits(self, used: Visit, visit: Visit, slots: frozenset[int]) -> bool:
        return (used.patient, used.slots, used.status) == (visit.patient, slots, "pending")

    def is_free(self, slots: frozenset[int] | set[int], *, without: list[Visit]) -> bool:
        taken = {
            slot
            for one in self.visits
            if one.status in LIVE and not any(one is other for other in without)
            for slot in one.slots
        }
        return not any(self.overlap(one, other) for one in slots for other in taken)

    def overlap(self, one: int, other: int) -> bool:
        (who, start), (whose, begun) = self.spans[one], self.spans[other]
        return who == whose and abs(start - begun) < LASTS

    def adjoin(self, slots: frozenset[int]) -> bool:
        """Whether no gap is left, and no physician is wanted twice at once."""
        starts = sorted(self.spans[one][1] for one in slots)
        twice = any(self.overlap(a, b) for a in slots for b in slots if a != b)
        gap = any(b - a > LASTS for a, b in pairwise(starts))
        return not twice and not gap


@dataclass
class Both:
    """The store and the model, taken through the same steps."""

    connection: AsyncConnection
    fhir: FhirSession
    model: Model
    slots: list[str]
    patients: list[str]
    visits: list[str] = field(default_factory=list)

    async def step(self, name: str, one: int, other: int, third: int) -> None:
        number, slot = one % max(len(self.visits), 1), other % len(self.slots)
        if name == "hold":
            await self.hold(slot, one % len(self.patients))
        elif not self.visits:
            return
        elif name == "book":
            done = await self.does(self.fhir.book(self.visits[number], patient=None, now=NOW))
            assert done == self.model.book(number)
        elif name == "cancel":
            asked = CancelRequest(self.visits[number], "clinic")
            done = await self.does(self.fhir.cancel(asked, patient=None, now=NOW))
            assert done == self.model.cancel(number)
        else:
            await self.move(name, number, slot, third)

    async def hold(self, slot: int, patient: int) -> None:
        request = HoldRequest(
            (self.slots[slot],),
            self.patients[patient],
            f"key {len(self.visits)}",
            expires_at=NOW + HOLD_LASTS,
        )
        before = len(self.model.visits)
        done = await self.does(self.fhir.hold(request, now=NOW))
        assert done == self.model.hold(slot, patient)
        if len(self.model.visits) > before:
            self.visits.append((await self.fhir.hold(request, now=NOW)).stored.id)

    async def move(self, name: str, number: int, slot: int, third: int) -> None:
        wanted, hold = frozenset({slot}), None
        if name == "move far":
            wanted |= {third % len(self.slots)}
        if name == "move by hold":
            hold = third % len(self.visits)
            wanted = self.model.visits[hold].slots
        asked = MoveRequest(
            self.visits[number],
            tuple(self.slots[one] for one in sorted(wanted)),
            None if hold is None else self.visits[hold],
        )
        done = await self.does(self.fhir.reschedule(asked, patient=None, now=NOW))
        assert done == self.model.move(number, wanted, hold)

    async def does(self, doing: Awaitable[Written]) -> bool:
        """Whether the store agrees; what it refuses is rolled back, as the gateway does."""
        try:
            async with self.connection.begin_nested():
                await doing
        except FhirError:
            return False
        return True

    async def agree(self) -> None:
        """Every visit has the status and the slots of the model, every slot the right status."""
        page = await self.fhir.search(Query("Appointment", (("_count", "200"),)))
        assert {one.id for one in page.entries} == set(self.visits)
        found = {one.id: one.body for one in page.entries}
        expected = dict.fromkeys(self.slots, "free")
        for id_, visit in zip(self.visits, self.model.visits, strict=True):
            assert found[id_]["status"] == visit.status
            assert {one["reference"] for one in found[id_]["slot"]} == {
                f"Slot/{self.slots[slot]}" for slot in visit.slots
            }
            if visit.status in LIVE:
                expected |= {self.slots[slot]: LIVE[visit.status] for slot in visit.slots}
        for slot, status in expected.items():
            assert (await self.fhir.read("Slot", slot)).body["status"] == status
        proposals = (await self.fhir.find(Wanted("family-medicine"), now=NOW)).proposals
        assert {one.slot_ids[0] for one in proposals} == {
            self.slots[n] for n in range(len(self.slots)) if self.model.is_free({n}, without=[])
        }


async def both(connection: AsyncConnection, fhir: FhirSession) -> Both:
    clinic = await open_clinic(fhir)
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    spans = [(who, start) for who, starts in STARTS.items() for start in starts]
    slots = [
        (await fhir.create(a_slot(schedules[who], at(start)), now=NOW)).stored.id
        for who, start in spans
    ]
    return Both(connection, fhir, Model(spans), slots, [clinic.sam, clinic.grace])


NAMES = ["hold", "hold", "book", "cancel", "move", "move", "move far", "move by hold"]
STEP = st.tuples(
    st.sampled_from(NAMES), *(st.integers(min_value=0, max_value=20) for _ in range(3))
)


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=6, max_size=24))
async def test_store_does_what_the_model_does(
    database: Database, backend: FhirBackend, steps: list[tuple[str, int, int, int]]
) -> None:
    """No time in two live visits, every freed slot free again, every id kept."""
    async with database.engine.connect() as connection:
        transaction = await connection.begin()
        world = await both(connection, backend.on(connection))
        for step in steps:
            await world.step(*step)
            await world.agree()
        await transaction.rollback()
