"""The FHIR R4 store behind the gateway: what may be asked of it, and how it refuses.

Resources are plain JSON objects, decimals kept as they were written. Ids and versions are made
by the store. The present is always an argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from integrations.ports.errors import PortError
from integrations.ports.record import RecordOf
from integrations.ports.visits import CancelRequest, MoveRequest

# FHIR JSON is typed by its definitions, which the store checks, not by Python's type system.
type Resource = dict[str, Any]
type Pairs = tuple[tuple[str, str], ...]

HOLD_IDENTIFIER = "https://careline.example/fhir/hold"
HOLD_EXPIRES = "https://careline.example/fhir/StructureDefinition/hold-expires"


@dataclass(frozen=True)
class Issue:
    """One thing wrong with a resource or a search. Never quotes what was sent.

    Attributes:
        code: an issue type of FHIR's required value set.
        path: the element or parameter that is meant.
        detail: a sentence that is safe to show.
    """

    code: str
    path: str
    detail: str


class FhirError(PortError):
    """The store refused or cannot."""

    issue = "processing"


class NotFound(FhirError):
    """No such resource, or none that this caller may know of."""

    issue = "not-found"


class Gone(FhirError):
    """The resource was deleted."""

    issue = "deleted"


class VersionConflict(FhirError):
    """The caller's version is not the current one."""

    issue = "conflict"


class PreconditionFailed(FhirError):
    """A conditional request matched several resources."""

    issue = "multiple-matches"


class NotAllowedNow(FhirError):
    """The resource's state does not permit this step, such as cancelling a past visit."""

    issue = "business-rule"


class InvalidResource(FhirError):
    """The resource breaks FHIR R4."""

    issue = "invalid"

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(f"{len(issues)} issues")
        self.issues = tuple(issues)


class InvalidQuery(FhirError):
    """A search parameter's value cannot be read. `param`: which."""

    issue = "value"

    def __init__(self, param: str) -> None:
        super().__init__(param)
        self.param = param


class Unsupported(FhirError):
    """This store does not do that. `what`: the type, parameter or modifier."""

    issue = "not-supported"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class SlotTaken(FhirError):
    """Somebody else has the time. `blocking`: references of the slots in the way."""

    issue = "conflict"

    def __init__(self, blocking: Sequence[str] = ()) -> None:
        super().__init__("slot taken")
        self.blocking = tuple(blocking)


class HoldExpired(FhirError):
    """The hold is no longer alive and cannot be had again."""

    issue = "expired"


@dataclass(frozen=True)
class Stored:
    """A version of a resource. `patients`: the ids of the patients in whose compartment it is."""

    body: Resource
    version: int
    updated_at: datetime
    patients: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The resource's type."""
        return str(self.body["resourceType"])

    @property
    def id(self) -> str:
        """The resource's id."""
        return str(self.body["id"])

    @property
    def reference(self) -> str:
        """`Type/id`."""
        return f"{self.type}/{self.id}"


@dataclass(frozen=True)
class Written:
    """What a write did.

    Attributes:
        stored: the resource as it is now.
        created: false where a conditional create or a repeated request found it already there.
        displaced: ids of Appointments that lost their hold to this write.
        also: other resources that changed with it: slots, holds that lapsed or were displaced.
    """

    stored: Stored
    created: bool = False
    displaced: tuple[str, ...] = ()
    also: tuple[Stored, ...] = ()


@dataclass(frozen=True)
class Query:
    """A search of one type.

    Attributes:
        type: the resource type.
        params: decoded name and value pairs as in a FHIR search URL.
        patient: only what is in this patient's compartment, whatever `params` say.
        lenient: ignore unknown parameters and report them instead of refusing.
    """

    type: str
    params: Pairs = ()
    patient: str | None = None
    lenient: bool = False


@dataclass(frozen=True)
class Page:
    """One page of matches, and `beside` it what they name; `next_cursor`: of the page after it."""

    entries: tuple[Stored, ...]
    total: int | None
    next_cursor: str | None = None
    ignored: tuple[str, ...] = ()
    beside: tuple[Stored, ...] = ()


@dataclass(frozen=True)
class Window:
    """A span of time that would suit: a visit must lie within it."""

    start_at: datetime
    end_at: datetime


@dataclass(frozen=True)
class Wanted:
    """What kind of visit is looked for.

    Attributes:
        service: code of Slot.serviceType.
        windows: spans that suit; none means any time from now on.
        practitioner: id of the Practitioner, or None for anybody.
        limit: most proposals to return.
        offset: how many to pass over first, for paging.
        exclude: ids of Slots not to propose.
    """

    service: str
    windows: tuple[Window, ...] = ()
    practitioner: str | None = None
    limit: int = 10
    offset: int = 0
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A free time. `body`: a proposed Appointment that contains its Slot and has its id."""

    slot_ids: tuple[str, ...]
    start_at: datetime
    end_at: datetime
    body: Resource


@dataclass(frozen=True)
class Found:
    """Free times in order. `total`: how many there are in all."""

    proposals: tuple[Proposal, ...]
    total: int


@dataclass(frozen=True)
class HoldRequest:
    """Keep this time for this patient.

    Attributes:
        identifier: the request's own key; the same key returns the same hold.
        expires_at: when the hold lapses.
        reason: why the visit is wanted, in the patient's words.
    """

    slot_ids: tuple[str, ...]
    patient: str
    identifier: str
    expires_at: datetime
    reason: str | None = None


class FhirSession(Protocol):
    """A store within one transaction of its caller."""

    async def create(
        self,
        resource: Resource,
        *,
        now: datetime,
        if_none_exist: Pairs | None = None,
        displace: bool = False,
    ) -> Written:
        """Store a new resource under an id of the store's own making.

        Raises:
            InvalidResource: it breaks R4. PreconditionFailed: several match `if_none_exist`.
            SlotTaken: its time is booked, or held and `displace` is false.
        """
        ...

    async def read(self, type_: str, id_: str) -> Stored:
        """The current version.

        Raises:
            NotFound: never existed. Gone: deleted. Unsupported: not a type of this store.
        """
        ...

    async def vread(self, type_: str, id_: str, version: int) -> Stored:
        """One version of a resource."""
        ...

    async def history(self, type_: str, id_: str) -> tuple[Stored, ...]:
        """Every version, the newest first."""
        ...

    async def update(
        self,
        resource: Resource,
        *,
        now: datetime,
        if_match: int | None = None,
        displace: bool = False,
    ) -> Written:
        """Replace an existing resource; its id is in the body.

        Raises:
            VersionConflict: `if_match` is not the current version. NotFound, InvalidResource,
            SlotTaken: as for `create`.
        """
        ...

    async def search(self, query: Query) -> Page:
        """One page of what matches.

        Raises:
            Unsupported: unknown parameter or modifier. InvalidQuery: a value cannot be read.
        """
        ...

    async def everything(self, wanted: RecordOf) -> Page:
        """One page of a patient's record, the Patient first; raises as `search` does."""
        ...

    async def bulk_create(self, resources: Sequence[Resource], *, now: datetime) -> tuple[str, ...]:
        """Store many resources fast; they occupy no time. Returns their ids in order."""
        ...

    async def find(self, wanted: Wanted, *, now: datetime) -> Found:
        """Free times in order; never one that is booked or held by a live hold."""
        ...

    async def hold(self, request: HoldRequest, *, now: datetime) -> Written:
        """A pending Appointment; the patient's other live hold is dropped.

        Raises:
            SlotTaken: somebody else has the time. NotFound: no such Slot.
            NotAllowedNow: the time has passed. InvalidResource: the slots do not adjoin.
            HoldExpired: the same request's hold has lapsed or was given up.
        """
        ...

    async def book(self, appointment_id: str, *, patient: str | None, now: datetime) -> Written:
        """Turn a hold into a booked visit; a second time answers the same.

        Raises:
            NotFound: not this patient's. SlotTaken: it lapsed and somebody else has the time.
            HoldExpired: it was given up. NotAllowedNow: no hold at all.
            VersionConflict: it was moved in this very moment.
        """
        ...

    async def cancel(
        self, request: CancelRequest, *, patient: str | None, now: datetime
    ) -> Written:
        """Give a hold or a booked visit up; its slots are free again.

        A second time answers the same, whatever `if_match` says. Where the patient gives it up
        (`patient` is set, or the reason is BY_PATIENT), the patient's participation is declined.

        Raises:
            NotFound: not this patient's. NotAllowedNow: neither pending nor booked.
            VersionConflict: `if_match` is not the current version.
        """
        ...

    async def reschedule(
        self,
        request: MoveRequest,
        *,
        patient: str | None,
        now: datetime,
        displace: bool = False,
    ) -> Written:
        """Move a pending or booked visit; all of it or nothing. A second time answers the same.

        It keeps its id, its status and its service. Its own old time never stands in its way.
        The old schedules' actors make way for the new ones', every other participant stays. The
        patient has accepted the new time where the patient moves the visit (`patient` is set),
        and needs to answer where somebody else does.

        Raises:
            NotFound: not this patient's, nor is the hold; no such Slot.
            NotAllowedNow: neither pending nor booked; the old or the new time has passed.
            InvalidResource: the slots do not adjoin, are for another service or not the hold's.
            SlotTaken: somebody has the time, or holds it and `displace` is false.
            HoldExpired: what is to be moved is a lapsed hold, or the hold was given up.
            VersionConflict: `if_match` is not the current version, or it was moved just now.
        """
        ...

    async def release_expired(self, *, now: datetime) -> tuple[Stored, ...]:
        """Cancel every lapsed hold. Returns the Appointments, cancelled."""
        ...


class FhirBackend(Protocol):
    """A store of FHIR resources."""

    def on(self, connection: object) -> FhirSession:
        """The store within the transaction of this database connection."""
        ...

    def capabilities(self) -> dict[str, dict[str, str]]:
        """For each type served, the search parameters with their kinds."""
        ...
