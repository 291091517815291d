"""Who may do what: the actor's list, the scope, the patient's compartment. Pure.

Every interaction must pass all of them; the result of a passed one is checked once more against
the compartment (interactions.py).
"""

from collections.abc import Mapping

from api.gateway.access import Access, ActorKind
from api.gateway.errors import CodeRequired, Forbidden, IdentityRequired
from api.gateway.interaction import Interaction, Need, Ruling
from api.gateway.scopes import Level, Scope
from integrations.ports.fhir import NotFound

# What a clinic tells anybody: no identity is needed for it.
DIRECTORY = frozenset(
    {"HealthcareService", "Location", "Organization", "Practitioner", "PractitionerRole"}
)
# What is in nobody's record. Every type that is not named here belongs to patients.
IN_NO_RECORD = DIRECTORY | {"Medication", "Questionnaire", "Schedule", "Slot"}

_READ = frozenset({"read", "search"})
_ANY = frozenset(
    {
        "read",
        "history",
        "search",
        "everything",
        "create",
        "update",
        "find",
        "hold",
        "book",
        "cancel",
        "reschedule",
        "bulk-create",
        "release-expired",
    }
)
TURN_MAY: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(DIRECTORY, _READ),
    "Patient": _READ,
    "RelatedPerson": _READ,
    "Schedule": _READ,
    "Slot": _READ | {"find"},
    "Appointment": _READ | {"hold", "book", "cancel", "reschedule"},
    "Questionnaire": _READ,
    # A patient's own answers. What is due, and the score, are the service's: a Task may be about
    # the patient without being for the patient's eyes.
    "QuestionnaireResponse": _READ | {"create", "update"},
}
# The audit is written by the gateway alone.
AUDIT_MAY = frozenset({"read", "search"})
CLIENT_MAY = _ANY - {"bulk-create", "release-expired"}


def judge[R](access: Access, interaction: Interaction[R]) -> Ruling:
    """What the caller may do of what it asks.

    Raises:
        IdentityRequired: it acts for nobody yet. CodeRequired: it is not sure enough for whom.
        Forbidden: not its kind of act, or no scope.
        NotFound: the request names another patient than the caller's.
    """
    need = interaction.need()
    if interaction.name not in _list_of(access.kind, need.type):
        raise Forbidden
    if access.kind is ActorKind.TURN and access.patient is None and need.type not in DIRECTORY:
        raise IdentityRequired
    if not access.reads_record and not _asks_for_a_visit(need):
        raise CodeRequired
    for part in interaction.parts():
        if judge(access, part).narrow:
            raise Forbidden
    scope = _granting(access, need.type, need.letter)
    bound = _bound_to(access, scope, need.type)
    named = interaction.patient()
    if bound is not None and named not in {None, bound}:
        raise NotFound("Patient")
    return Ruling(
        patient=bound,
        narrow=scope.query,
        may_displace=scope.level is Level.SYSTEM and need.letter in "cu",
    )


def _asks_for_a_visit(need: Need) -> bool:
    """What number and birth date are enough for: finding, holding, booking, giving up a visit."""
    return need.type in IN_NO_RECORD or (need.type == "Appointment" and need.letter in "cu")


def _list_of(kind: ActorKind, type_: str) -> frozenset[str]:
    if type_ == "AuditEvent" and kind is not ActorKind.TURN:
        return AUDIT_MAY
    match kind:
        case ActorKind.TURN:
            return TURN_MAY.get(type_, frozenset())
        case ActorKind.CLIENT | ActorKind.STAFF:
            return CLIENT_MAY
        case ActorKind.SERVICE:
            return _ANY


def _granting(access: Access, type_: str, letter: str) -> Scope:
    """The widest scope that covers the interaction: one without search parameters first."""
    covering = [scope for scope in access.scopes if scope.covers(type_, letter)]
    if not covering:
        raise Forbidden
    return min(covering, key=lambda scope: len(scope.query))


def _bound_to(access: Access, scope: Scope, type_: str) -> str | None:
    """The patient whose record alone may be touched; types in no record are free of it."""
    if type_ in IN_NO_RECORD:
        return None
    if access.patient is not None:
        return access.patient
    if scope.level is Level.PATIENT:
        raise IdentityRequired
    return None
