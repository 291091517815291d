"""The words of the e-mail to staff: what kind, how urgent, since when, where. Nobody's data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from api.escalations.kinds import Priority, Reason, Step
from api.escalations.rules import is_safety

KINDS: Final = {
    Reason.CRISIS: "Safety alert",
    Reason.EMERGENCY: "Safety alert",
    Reason.URGENT_SYMPTOM: "Safety alert",
    Reason.ASKED_FOR_PERSON: "Somebody asked for a person",
    Reason.CLINICAL_QUESTION: "A question for a nurse",
    Reason.NOT_SERVED: "A request that the assistant does not serve",
    Reason.IDENTITY_FAILED: "Somebody could not be identified",
    Reason.ENGINE_DOWN: "The assistant could not answer",
    Reason.SYSTEM_FAILURE: "A message could not be handled",
    Reason.LOOP: "A conversation that went in circles",
    Reason.MAY_HAVE_MEANT_VISIT: "An answer that may have meant a visit",
    Reason.WRONG_NUMBER: "A number that is somebody else's",
    Reason.NO_FREE_TIME: "No free time was found",
    Reason.ANSWER_EXPIRED: "An answer of the clinic's needs a review",
    Reason.NOT_DELIVERED: "A message was not delivered",
    Reason.SIDE_EFFECT: "A medicine that does somebody no good",
    Reason.REFILL: "A medicine that has run out",
}
WHY_YOU: Final = {
    Step.PRIMARY: "You are the first to be told.",
    Step.BACKUP: "Nobody has acknowledged it yet. You are the backup.",
    Step.ON_CALL: "Nobody has acknowledged it yet. You are on call.",
    Step.EVERYBODY: "Nobody has acknowledged it yet. Everybody is told now.",
    Step.COORDINATORS: "All coordinators are told.",
    Step.SUPERVISORS: "Nobody has acknowledged it in time.",
}
FIRST_ON_CALL: Final = "The clinic is closed and you are on call, so you are the first to be told."
URGENCY: Final = {
    Priority.STAT: "Now",
    Priority.ASAP: "As soon as possible",
    Priority.URGENT: "Urgent",
    Priority.ROUTINE: "Routine",
}


@dataclass(frozen=True)
class Told:
    """What a mail tells. `is_first`: nobody was told before."""

    reason: Reason
    priority: Priority
    step: Step
    is_first: bool
    opened_at: datetime
    due_at: datetime
    link: str


def subject_of(told: Told) -> str:
    """The subject; it says at once whether a patient may be in danger."""
    if is_safety(told.priority):
        return f"SAFETY ALERT, please acknowledge: {URGENCY[told.priority].lower()}"
    late = "Overdue: " if told.step is Step.SUPERVISORS else ""
    return f"{late}{KINDS[told.reason]}"


def text_of(told: Told, *, clinic: str, zone: ZoneInfo) -> str:
    """The text: plain, short, and without a word about the patient."""
    first_on_call = told.is_first and told.step is Step.ON_CALL
    return "\n".join(
        [
            f"{KINDS[told.reason]} at {clinic}.",
            f"Priority: {URGENCY[told.priority]}",
            f"Waiting since: {_clock_time(told.opened_at, zone)}",
            f"To be acknowledged by: {_clock_time(told.due_at, zone)}",
            "",
            FIRST_ON_CALL if first_on_call else WHY_YOU[told.step],
            "",
            "Open the conversation:",
            told.link,
            "",
        ]
    )


def _clock_time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%a %b %-d, %-I:%M %p %Z")
