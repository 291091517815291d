"""R4 rules of the clinical types that the definitions' table cannot say.

Source: FHIR R4 4.0.1, constraints of each resource page, https://hl7.org/fhir/R4/.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from integrations.fhir.embedded.paths import values
from integrations.ports.fhir import Issue, Resource

ENTERED_IN_ERROR = "entered-in-error"
ENDED = frozenset({"inactive", "resolved", "remission"})


@dataclass(frozen=True)
class Rule:
    """One constraint. `is_broken` expects nothing of the resource's shape."""

    path: str
    sentence: str
    is_broken: Callable[[Resource], bool]


def broken_clinical_invariants(resource: Resource) -> Iterator[Issue]:
    """Each rule of its type that the resource breaks."""
    for rule in RULES.get(str(resource.get("resourceType")), ()):
        if rule.is_broken(resource):
            yield Issue("invariant", rule.path, rule.sentence)


def _is_in_error(resource: Resource) -> bool:
    return ENTERED_IN_ERROR in values(resource, "verificationStatus.coding.code")


def _lacks_clinical_status(resource: Resource) -> bool:
    return "clinicalStatus" not in resource and not _is_in_error(resource)


def _has_status_in_error(resource: Resource) -> bool:
    return "clinicalStatus" in resource and _is_in_error(resource)


def _is_over_but_active(resource: Resource) -> bool:
    is_over = any(name.startswith("abatement") for name in resource)
    statuses = {str(code) for code in values(resource, "clinicalStatus.coding.code")}
    return is_over and not ENDED & statuses


def _any_without(path: str, *wanted: str) -> Callable[[Resource], bool]:
    """Whether an object at the path has none of the wanted elements."""

    def check(resource: Resource) -> bool:
        found = values(resource, path)
        return any(isinstance(one, dict) and not set(wanted) & set(one) for one in found)

    return check


def _has_value(resource: Resource) -> bool:
    return any(name.startswith("value") for name in resource)


def _has_value_and_reason(resource: Resource) -> bool:
    return "dataAbsentReason" in resource and _has_value(resource)


def _repeats_its_code(resource: Resource) -> bool:
    if not _has_value(resource):
        return False
    return bool(_codings(resource, "code.coding") & _codings(resource, "component.code.coding"))


def _codings(resource: Resource, path: str) -> set[tuple[str, str]]:
    found = values(resource, path)
    return {(str(c.get("system")), str(c.get("code"))) for c in found if isinstance(c, dict)}


def _repeats_a_link(resource: Resource) -> bool:
    links = list(_link_ids(resource))
    return len(set(links)) < len(links)


def _link_ids(parent: Resource) -> Iterator[str]:
    for item in values(parent, "item"):
        if isinstance(item, dict):
            yield str(item.get("linkId"))
            yield from _link_ids(item)


def _lacks_actor_and_role(resource: Resource) -> bool:
    return not {"actor", "participantType"} & set(resource)


RULES: dict[str, tuple[Rule, ...]] = {
    "AllergyIntolerance": (
        Rule(
            "AllergyIntolerance.clinicalStatus",
            "ait-1: needed unless entered in error.",
            _lacks_clinical_status,
        ),
        Rule(
            "AllergyIntolerance.clinicalStatus",
            "ait-2: must not be there when entered in error.",
            _has_status_in_error,
        ),
    ),
    "Condition": (
        Rule(
            "Condition.clinicalStatus",
            "con-4: what has abated is inactive, resolved or in remission.",
            _is_over_but_active,
        ),
        Rule(
            "Condition.clinicalStatus",
            "con-5: must not be there when entered in error.",
            _has_status_in_error,
        ),
        Rule(
            "Condition.stage",
            "con-1: needs a summary or an assessment.",
            _any_without("stage", "summary", "assessment"),
        ),
        Rule(
            "Condition.evidence",
            "con-2: needs a code or a detail.",
            _any_without("evidence", "code", "detail"),
        ),
    ),
    "Observation": (
        Rule(
            "Observation.dataAbsentReason",
            "obs-6: only where there is no value.",
            _has_value_and_reason,
        ),
        Rule(
            "Observation.component",
            "obs-7: a component must not repeat the code beside a value.",
            _repeats_its_code,
        ),
        Rule(
            "Observation.referenceRange",
            "obs-3: needs a low, a high or a text.",
            _any_without("referenceRange", "low", "high", "text"),
        ),
    ),
    "Questionnaire": (
        Rule("Questionnaire.item", "que-2: every linkId must be unique.", _repeats_a_link),
    ),
    "AppointmentResponse": (
        Rule(
            "AppointmentResponse",
            "apr-1: either the participant type or the actor is needed.",
            _lacks_actor_and_role,
        ),
    ),
}
