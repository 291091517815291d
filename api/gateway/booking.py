"""The interactions of booking: find, hold, book, cancel, and the release of lapsed holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, override

from api.gateway.errors import Forbidden
from api.gateway.interaction import Interaction, Need, Ruling, Store, all_of, unnarrowed
from integrations.ports.fhir import Found, HoldRequest, Stored, Wanted, Written


@dataclass(frozen=True)
class Find(Interaction[Found]):
    """Free times for a visit."""

    wanted: Wanted
    name: ClassVar[str] = "find"

    @override
    def need(self) -> Need:
        return Need("Slot", "s", "find", "E")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Found:
        unnarrowed(ruling)
        return await store.fhir.find(self.wanted, now=now)

    @override
    def touched(self, answer: Found) -> tuple[Stored, ...]:
        return ()


@dataclass(frozen=True)
class Hold(Interaction[Written]):
    """Keep a time for a patient for a while."""

    request: HoldRequest
    name: ClassVar[str] = "hold"

    @override
    def need(self) -> Need:
        return Need("Appointment", "c", "create", "C")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Written:
        unnarrowed(ruling)
        await store.fhir.read("Patient", self.request.patient)
        return await store.fhir.hold(self.request, now=now)

    @override
    def touched(self, answer: Written) -> tuple[Stored, ...]:
        return all_of(answer)

    @override
    def patient(self) -> str | None:
        return self.request.patient


@dataclass(frozen=True)
class Book(Interaction[Written]):
    """Turn a hold into a booked visit."""

    appointment: str
    name: ClassVar[str] = "book"

    @override
    def need(self) -> Need:
        return Need("Appointment", "u", "update", "U")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Written:
        unnarrowed(ruling)
        return await store.fhir.book(self.appointment, patient=ruling.patient, now=now)

    @override
    def touched(self, answer: Written) -> tuple[Stored, ...]:
        return all_of(answer)

    @override
    def target(self) -> str | None:
        return self.appointment


@dataclass(frozen=True)
class Cancel(Interaction[Written]):
    """Give a hold or a booked visit up. `reason`: a code, such as patient or clinic."""

    appointment: str
    reason: str = "patient"
    name: ClassVar[str] = "cancel"

    @override
    def need(self) -> Need:
        return Need("Appointment", "u", "update", "U")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Written:
        unnarrowed(ruling)
        return await store.fhir.cancel(
            self.appointment, patient=ruling.patient, reason=self.reason, now=now
        )

    @override
    def touched(self, answer: Written) -> tuple[Stored, ...]:
        return all_of(answer)

    @override
    def target(self) -> str | None:
        return self.appointment


@dataclass(frozen=True)
class ReleaseExpired(Interaction[tuple[Stored, ...]]):
    """Cancel every hold that has lapsed; the cancelled Appointments."""

    name: ClassVar[str] = "release-expired"
    # The sweep asks every few seconds.
    is_recorded_when_empty: ClassVar[bool] = False

    @override
    def need(self) -> Need:
        return Need("Appointment", "u", "update", "U")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> tuple[Stored, ...]:
        if ruling.patient is not None:
            raise Forbidden
        return await store.fhir.release_expired(now=now)

    @override
    def touched(self, answer: tuple[Stored, ...]) -> tuple[Stored, ...]:
        return answer
