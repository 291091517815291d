"""What the console calls things: reasons, priorities, outcomes, what happened, how a message went.

For staff, in English. Nothing here reaches a patient.
"""

from typing import Final

from api.consent.kinds import ConsentState
from api.conversations.packet import Verification
from api.conversations.queue import View
from api.escalations.kinds import Outcome, Priority, Reason
from api.messaging.kinds import Channel, ExpectationKind, OutboundState
from api.people.chart import CardKind, Flag, Trend

VIEWS: Final = {
    View.ALL: "All",
    View.MINE: "Mine",
    View.UNASSIGNED: "Unassigned",
    View.SNOOZED: "Snoozed",
}
REASONS: Final = {
    Reason.CRISIS: "Crisis",
    Reason.EMERGENCY: "Emergency",
    Reason.URGENT_SYMPTOM: "Urgent symptom",
    Reason.ASKED_FOR_PERSON: "Asked for a person",
    Reason.CLINICAL_QUESTION: "Clinical question",
    Reason.NOT_SERVED: "Not something the assistant does",
    Reason.IDENTITY_FAILED: "Could not be identified",
    Reason.ENGINE_DOWN: "Assistant was away",
    Reason.SYSTEM_FAILURE: "Something failed on our side",
    Reason.LOOP: "The assistant did not understand",
    Reason.MAY_HAVE_MEANT_VISIT: "May have meant their visit",
    Reason.WRONG_NUMBER: "Says it is a wrong number",
    Reason.NO_FREE_TIME: "No free time to book",
    Reason.ANSWER_EXPIRED: "Our answer is out of date",
    Reason.NOT_DELIVERED: "Message not delivered",
    Reason.SIDE_EFFECT: "Side effect of a medicine",
    Reason.REFILL: "Ran out of a medicine",
}
TAKEN_UP: Final = "Taken up by the team"
SAFETY: Final = frozenset({Priority.STAT, Priority.ASAP})
PRIORITIES: Final = {
    Priority.STAT: ("Urgent", "urgent", "triangle-alert"),
    Priority.ASAP: ("High", "high", "circle-dot"),
    Priority.URGENT: ("Soon", "soon", "clock"),
    Priority.ROUTINE: ("Routine", "routine", "inbox"),
}
"""Word, style and icon."""
OUTCOMES: Final = {
    Outcome.ANSWERED: "Answered",
    Outcome.CALLED: "Called the patient",
    Outcome.SENT_TO_EMERGENCY: "Sent to emergency care",
    Outcome.BOOKED: "Visit booked",
    Outcome.REFILL_REQUESTED: "Refill requested",
    Outcome.NO_ANSWER: "No answer",
    Outcome.WRONG_PERSON: "Wrong person",
    Outcome.OTHER: "Something else",
}
CHANNELS: Final = {Channel.SMS: "Text", Channel.WEB: "Web"}
LANGUAGES: Final = {"en": "English", "es": "Spanish"}
CONSENTS: Final = {
    ConsentState.UNKNOWN: "Not asked yet whether we may text",
    ConsentState.ASKED: "Asked to opt in, no answer yet",
    ConsentState.OPTED_IN: "Agreed to texts",
    ConsentState.DECLINED: "Said no to texts",
    ConsentState.OPTED_OUT: "Opted out of texts",
}
VERIFICATIONS: Final = {
    Verification.NONE: "Not identified",
    Verification.LAPSED: "Was identified, some time ago",
    Verification.PHONE_AND_BIRTH_DATE: "By phone number and birth date",
    Verification.TYPED_NUMBER_AND_BIRTH_DATE: "By typed number and birth date",
}
WAITS_FOR: Final = {
    ExpectationKind.OPT_IN: "whether we may text",
    ExpectationKind.IDENTIFIER: "who they are",
    ExpectationKind.BIRTH_DATE: "their birth date",
    ExpectationKind.SLOT_CHOICE: "which time they want",
    ExpectationKind.HOLD_CONFIRM: "whether to book the time we hold",
    ExpectationKind.RED_FLAG_CHECK: "whether this is happening now",
    ExpectationKind.DOSE: "whether they took their medicine",
    ExpectationKind.DOSE_LATER: "whether they took their medicine later",
    ExpectationKind.DOSE_WHY: "why they skipped their medicine",
    ExpectationKind.VISIT: "whether they come to their visit",
    ExpectationKind.VISIT_CONFIRMED: "whether they come to their visit after all",
    ExpectationKind.VISIT_RELEASE: "whether their time may go to somebody else",
    ExpectationKind.MEDICINE: "which medicine, or at what times",
    ExpectationKind.MEDICINE_NAMES: "whether a text may name their medicine",
    ExpectationKind.FORM: "the next answer of a form",
    ExpectationKind.FORM_OFFER: "whether to begin a form",
    ExpectationKind.WHICH_DOSE: "which of their doses they meant",
    ExpectationKind.FORM_SENT: "whether they change the form they sent",
    ExpectationKind.FORM_WHICH: "which form they want to change",
    ExpectationKind.WHICH: "which of our questions they answered",
    ExpectationKind.CODE_OFFER: "whether to text them a code",
    ExpectationKind.CODE: "the code that we texted",
}
DELIVERIES: Final = {
    OutboundState.READY: "Sending",
    OutboundState.HELD: "Waits for a good hour",
    OutboundState.SENDING: "Sending",
    OutboundState.UNKNOWN: "Not sure yet whether it was sent",
    OutboundState.SENT: "Sent",
    OutboundState.DELIVERED: "Delivered",
    OutboundState.UNDELIVERED: "Not delivered",
    OutboundState.FAILED: "Not sent",
    OutboundState.REFUSED: "Not sent",
}
BAD_DELIVERIES: Final = frozenset(
    {OutboundState.UNDELIVERED, OutboundState.FAILED, OutboundState.REFUSED}
)
NOT_SENT_BECAUSE: Final = {
    "opted_out": "the patient opted out",
    "not_opted_in": "nobody agreed to texts on this number",
    "deceased": "the record is closed",
    "phone_changed": "the number is no longer theirs",
    "frozen": "a crisis is not resolved yet",
    "answered": "it was answered already",
    "visit_moved": "the visit was moved",
    "visit_cancelled": "the visit was cancelled",
    "medicine_stopped": "the medicine was stopped",
    "overtaken": "its time was changed",
    "too_late": "it came too late to be of use",
    "quiet_hours": "it would have come at night",
}
CARDS: Final = {
    CardKind.ALLERGIES: ("Allergies", "triangle-alert", "No known allergies"),
    CardKind.PROBLEMS: ("Problems", "heart-pulse", "No problems known"),
    CardKind.MEDICINES: ("Medicines", "pill", "No medicines known"),
    CardKind.READINGS: ("Latest readings", "activity", "No readings"),
    CardKind.FORMS: ("Forms", "file-text", "No forms"),
    CardKind.VISITS: ("Visits", "calendar-days", "No visits"),
    CardKind.CONSENTS: ("Consents", "shield-check", "No consents"),
}
"""Title, icon, and what is said where the record knows that there is nothing."""
FLAGS: Final = {
    Flag.LOW: "Low",
    Flag.HIGH: "High",
    Flag.CRITICAL: "Critical",
    Flag.ABNORMAL: "Abnormal",
}
TRENDS: Final = {Trend.UP: "rising", Trend.DOWN: "falling", Trend.SAME: "unchanged"}
EVENTS: Final = {
    "claim": "{who} took the conversation",
    "reply": "{who} answered",
    "assign": "{who} gave the conversation to {to}",
    "release": "{who} let the conversation go",
    "resolve": "{who} resolved it: {detail}",
    "reopen": "{who} opened it again",
    "snooze": "{who} snoozed it {detail}",
    "wake": "Back from snooze",
    "give_back": "{who} gave the conversation back to the assistant",
    "hand_over": "The assistant handed over to the team",
    "escalate": "The team was called",
    "acknowledge": "{who} has seen it",
    "opened": "The team was called: {detail}",
    "told_primary": "The nurse on duty was told by e-mail",
    "told_backup": "The backup nurse was told by e-mail",
    "told_on_call": "The nurse on call was told by e-mail",
    "told_everybody": "Everybody was told by e-mail",
    "told_coordinators": "The coordinators were told by e-mail",
    "overdue": "Overdue: the supervisors were told by e-mail",
    "mail_refused": "An e-mail to the team was refused",
}
HIDDEN_EVENTS: Final = frozenset({"reply", "note", "patient_wrote"})
"""What the transcript itself shows."""


# Rules whose names say nothing to a nurse; the lexicon's say what they look for.
RULES: Final = {"form.self-harm": "Self-harm, answered above zero in a form"}


def title_of(reason: Reason | None, rule: str | None = None) -> str:
    """Why people are needed, in words; of a safety rule, the sign that it looks for."""
    if reason is None:
        return TAKEN_UP
    if rule:
        return RULES.get(rule, rule.replace("_", " ").capitalize())
    return REASONS[reason]


def initials(name: str | None) -> str:
    """Of a name, for its round sign."""
    parts = [part for part in (name or "").split(",")[0].split() if part[0].isalpha()]
    return "".join(part[0] for part in dict.fromkeys((*parts[:1], *parts[-1:]))).upper() or "?"
