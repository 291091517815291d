"""The interactions of booking: find, hold, book, cancel, move, the release of lapsed holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, override

from api.gateway.errors import Forbidden
from api.gateway.interaction import (
    Interaction,
    Need,
    Ruling,
    Store,
    Writing,
    only_of,
    unnarrowed,
)
from integrations.ports.fhir import Found, HoldRequest, Stored, Wanted, Written
from integrations.ports.visits import BY_PATIENT, CancelRequest, MoveRequest


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
class Hold(Writing):
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
    def patient(self) -> str | None:
        return self.request.patient


@dataclass(frozen=True)
class Book(Writing):
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
    def target(self) -> str | None:
        return self.appointment


@dataclass(frozen=True)
class Cancel(Writing):
    """Give a hold or a booked visit up. `reason`: a code, such as patient or clinic.

    Again on what is cancelled already answers the same. A caller bound to one patient may not
    cancel a visit that is another patient's too.
    """

    appointment: str
    reason: str = BY_PATIENT
    if_match: int | None = None
    name: ClassVar[str] = "cancel"

    @override
    def need(self) -> Need:
        return Need("Appointment", "u", "update", "U")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Written:
        unnarrowed(ruling)
        request = CancelRequest(self.appointment, self.reason, self.if_match)
        written = await store.fhir.cancel(request, patient=ruling.patient, now=now)
        only_of(written.stored, ruling)
        return written

    @override
    def target(self) -> str | None:
        return self.appointment


@dataclass(frozen=True)
class Reschedule(Writing):
    """Move a pending or booked visit to other slots; its id and status stay.

    `slot_ids`: one or adjoining ones; none means those of `hold`, the patient's own pending
    Appointment, which is used up. Again with the same slots answers the same. What fails leaves
    the old time as it was.
    """

    appointment: str
    slot_ids: tuple[str, ...] = ()
    hold: str | None = None
    if_match: int | None = None
    name: ClassVar[str] = "reschedule"

    @override
    def need(self) -> Need:
        return Need("Appointment", "u", "update", "U")

    @override
    async def run(self, store: Store, ruling: Ruling, *, now: datetime) -> Written:
        unnarrowed(ruling)
        request = MoveRequest(self.appointment, self.slot_ids, self.hold, self.if_match)
        written = await store.fhir.reschedule(
            request, patient=ruling.patient, now=now, displace=ruling.may_displace
        )
        only_of(written.stored, ruling)
        return written

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

    @override
    def changed(self, answer: tuple[Stored, ...]) -> tuple[str, ...]:
        return tuple(one.reference for one in answer)
