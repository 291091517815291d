"""How a visit is given up or moved: what is asked of the FHIR store, and why."""

from dataclasses import dataclass

CANCELATION_REASONS = "https://careline.example/fhir/CodeSystem/cancelation-reason"
EXPIRED, REPLACED, DISPLACED = "hold-expired", "hold-replaced", "displaced"
USED, BY_PATIENT = "hold-used", "patient"
# What the store itself says of a hold; nobody else may say it.
OWN_REASONS = frozenset({EXPIRED, REPLACED, DISPLACED, USED})


@dataclass(frozen=True)
class CancelRequest:
    """Give a hold or a booked visit up.

    Attributes:
        reason: a code of ours, such as `patient` or `clinic`, or `system|code` of another system.
        if_match: only if this is the current version.
    """

    appointment_id: str
    reason: str = BY_PATIENT
    if_match: int | None = None


@dataclass(frozen=True)
class MoveRequest:
    """Move a visit to another time.

    Attributes:
        slot_ids: the new time, one Slot or adjoining ones; none means those of `hold`.
        hold: id of the patient's own pending Appointment that holds these slots; it is used up.
        if_match: only if this is the current version.
    """

    appointment_id: str
    slot_ids: tuple[str, ...] = ()
    hold: str | None = None
    if_match: int | None = None
