"""The closed choices of reminders that others speak of too."""

from enum import StrEnum


class ReminderKind(StrEnum):
    """What one is reminded of."""

    DOSE = "dose"
    VISIT = "visit"


class PlanState(StrEnum):
    """active → ended (nothing is left) or stopped (the reason is stored)."""

    ACTIVE = "active"
    ENDED = "ended"
    STOPPED = "stopped"


class Stopped(StrEnum):
    """Why a plan was stopped before its end."""

    BY_PATIENT = "by_patient"
    MEDICINE_STOPPED = "medicine_stopped"
    NO_TIMES = "no_times"
    VISIT_CANCELLED = "visit_cancelled"
    NOT_AGREED = "not_agreed"
    DECEASED = "deceased"
    NO_PHONE = "no_phone"
    UNREADABLE = "unreadable"


class PromptState(StrEnum):
    """waiting (put off) → due → said → answered; or expired: too late to be of use; or failed.

    Whether a prompt that was said really went out is the outbox row's to tell. One that was said
    and never answered stays so: no answer is unknown, not missed.
    """

    WAITING = "waiting"
    DUE = "due"
    SAID = "said"
    ANSWERED = "answered"
    EXPIRED = "expired"
    CLEARED = "cleared"
    FAILED = "failed"
    """It could not be put into words; a person was told."""


class Request(StrEnum):
    """What somebody asks of the reminders of their medicines."""

    SET_UP = "set_up"
    CHANGE = "change"
    STOP = "stop"
    LIST = "list"


class Blank(StrEnum):
    """What is still to be said of such a request."""

    WHICH = "which"
    TIMES = "times"


class DoseAnswer(StrEnum):
    """What somebody says of a dose."""

    TAKEN = "taken"
    SKIPPED = "skipped"
    LATER = "later"


class SkipReason(StrEnum):
    """Why a dose was skipped, in the order in which it is asked."""

    FORGOT = "forgot"
    RAN_OUT = "ran_out"
    SIDE_EFFECT = "side_effect"
    OTHER = "other"


class VisitAnswer(StrEnum):
    """What somebody says of a visit."""

    CONFIRM = "confirm"
    CHANGE = "change"
    CANNOT_COME = "cannot_come"
