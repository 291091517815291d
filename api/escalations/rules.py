"""How urgent each reason is, and who is told when; no input and output here."""

from datetime import datetime, timedelta
from typing import Final

from api.escalations.kinds import EventKind, Priority, Reason, Step

# Safety first, then what blocks a patient; everything else is routine.
PRIORITIES: Final = {
    Reason.CRISIS: Priority.STAT,
    Reason.EMERGENCY: Priority.STAT,
    Reason.URGENT_SYMPTOM: Priority.ASAP,
    Reason.CLINICAL_QUESTION: Priority.URGENT,
    Reason.SIDE_EFFECT: Priority.URGENT,
    Reason.SYSTEM_FAILURE: Priority.URGENT,
    Reason.ENGINE_DOWN: Priority.URGENT,
}
# How soon somebody must have taken it on. The clinic's own goals, not a regulation's.
WITHIN: Final = {
    Priority.STAT: timedelta(minutes=5),
    Priority.ASAP: timedelta(minutes=15),
    Priority.URGENT: timedelta(hours=1),
    Priority.ROUTINE: timedelta(hours=4),
}
# How long one step of a safety ladder has before the next one is told.
STEP_TIME: Final = timedelta(minutes=5)
SAFETY_STEPS: Final = (Step.PRIMARY, Step.BACKUP, Step.ON_CALL, Step.EVERYBODY)
OTHER_STEPS: Final = (Step.COORDINATORS, Step.SUPERVISORS)
TOLD: Final = {
    Step.PRIMARY: EventKind.TOLD_PRIMARY,
    Step.BACKUP: EventKind.TOLD_BACKUP,
    Step.ON_CALL: EventKind.TOLD_ON_CALL,
    Step.EVERYBODY: EventKind.TOLD_EVERYBODY,
    Step.COORDINATORS: EventKind.TOLD_COORDINATORS,
    Step.SUPERVISORS: EventKind.OVERDUE,
}


def priority_of(reason: Reason) -> Priority:
    """How urgent a reason is."""
    return PRIORITIES.get(reason, Priority.ROUTINE)


def is_safety(priority: Priority) -> bool:
    """Whether the ladder of safety alerts applies."""
    return priority in {Priority.STAT, Priority.ASAP}


def due_at(priority: Priority, opened_at: datetime) -> datetime:
    """When somebody must have taken it on."""
    return opened_at + WITHIN[priority]


def next_step(priority: Priority, last: Step | None, *, is_open: bool) -> Step | None:
    """Who is told after `last`; None when there is nobody left.

    Outside the clinic's hours nobody reads the mail of who is at work then, so a safety alert
    goes straight to whoever is on call.
    """
    steps = SAFETY_STEPS if is_safety(priority) else OTHER_STEPS
    following = steps[steps.index(last) + 1 :] if last is not None else steps
    if is_safety(priority) and not is_open:
        following = tuple(step for step in following if step not in {Step.PRIMARY, Step.BACKUP})
    return following[0] if following else None


def next_step_at(step: Step, *, due: datetime, must_be_taken_by: datetime) -> datetime | None:
    """When the step after this one is due, which was due itself at `due`.

    Counted from when it was due, not from when it was taken: a patient who waited for a service
    that was away does not wait for the ladder on top.
    """
    match step:
        case Step.PRIMARY | Step.BACKUP | Step.ON_CALL:
            return due + STEP_TIME
        case Step.COORDINATORS:
            return must_be_taken_by
        case Step.EVERYBODY | Step.SUPERVISORS:
            return None
