"""Every refusal as an OperationOutcome with its HTTP status. None repeats what was sent."""

import re
from collections.abc import Sequence

from api.core.errors import CareError
from api.fhir.errors import WireError
from integrations.ports.errors import PortError
from integrations.ports.fhir import (
    FhirError,
    Gone,
    HoldExpired,
    InvalidQuery,
    InvalidResource,
    Issue,
    NotAllowedNow,
    NotFound,
    PreconditionFailed,
    Resource,
    SlotTaken,
    Unsupported,
    VersionConflict,
)

REFUSALS = "https://careline.example/fhir/CodeSystem/refusal"
# What may be named in an answer: words of our own and of FHIR, never free text.
SAFE_NAME = re.compile(r"_?[A-Za-z][A-Za-z:-]{0,39}")
STATUSES: dict[type[FhirError], int] = {
    NotFound: 404,
    Gone: 410,
    VersionConflict: 412,
    PreconditionFailed: 412,
    InvalidResource: 422,
    NotAllowedNow: 422,
    InvalidQuery: 400,
    Unsupported: 400,
    SlotTaken: 409,
    HoldExpired: 409,
}
SENTENCES: dict[type[FhirError], str] = {
    NotFound: "There is no such resource.",
    Gone: "The resource was deleted.",
    VersionConflict: "The resource has changed in the meantime.",
    PreconditionFailed: "Several resources match.",
    NotAllowedNow: "The resource's state does not permit this.",
    HoldExpired: "The hold has lapsed.",
}
CODES: dict[type[FhirError], str] = {
    SlotTaken: "slot_taken",
    HoldExpired: "hold_expired",
    NotAllowedNow: "not_allowed_now",
}


def outcome(issues: Sequence[Issue], *, code: str | None = None) -> Resource:
    """An OperationOutcome; `code` is our own stable name of the refusal."""
    return {"resourceType": "OperationOutcome", "issue": [_issue(one, code) for one in issues]}


def refusal_outcome(refusal: CareError) -> tuple[int, Resource]:
    """Status and outcome of a refusal of ours."""
    kind = refusal.issue if isinstance(refusal, WireError) else _kind_of(refusal)
    issue = Issue(kind, "", refusal.sentence)
    return refusal.status, outcome([issue], code=refusal.code)


def store_outcome(refusal: FhirError) -> tuple[int, Resource]:
    """Status and outcome of what the store refused."""
    status = STATUSES.get(type(refusal), 500)
    if isinstance(refusal, InvalidResource):
        return status, outcome(refusal.issues)
    issue = Issue(refusal.issue, "", _sentence(refusal))
    return status, outcome([issue], code=CODES.get(type(refusal)))


def world_outcome(failure: PortError) -> tuple[int, Resource]:
    """Status and outcome of a store that is away."""
    issue = Issue("transient", "", "The record cannot be reached right now.")
    return (503 if failure.retryable else 502), outcome([issue])


def ignored_outcome(names: Sequence[str]) -> Resource:
    """A warning that names the parameters a lenient search passed over."""
    issues = [Issue("not-supported", "", f"Ignored: {safe(name)}.") for name in names]
    made = outcome(issues)
    for one in made["issue"]:
        one["severity"] = "warning"
    return made


def safe(name: str) -> str:
    """A parameter's name, where it looks like one."""
    return name if SAFE_NAME.fullmatch(name) else "a parameter"


def _sentence(refusal: FhirError) -> str:
    match refusal:
        case SlotTaken(blocking=blocking):
            named = f" Blocking: {', '.join(blocking)}." if blocking else ""
            return f"Requested time slot is not available.{named}"
        case Unsupported(what=what):
            return f"Not supported: {safe(what)}."
        case InvalidQuery(param=param):
            return f"The value of {safe(param)} cannot be read."
        case _:
            return SENTENCES.get(type(refusal), "The request cannot be processed.")


def _kind_of(refusal: CareError) -> str:
    return {401: "login", 403: "forbidden", 413: "too-long", 503: "transient"}.get(
        refusal.status, "processing"
    )


def _issue(issue: Issue, code: str | None) -> Resource:
    made: Resource = {"severity": "error", "code": issue.code, "diagnostics": issue.detail}
    if code is not None:
        made["details"] = {"coding": [{"system": REFUSALS, "code": code}], "text": issue.detail}
    if issue.path:
        made["expression"] = [issue.path]
    return made
