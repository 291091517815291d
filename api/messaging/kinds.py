"""The closed choices of messaging that others speak of too."""

from enum import StrEnum


class Channel(StrEnum):
    """How a patient reaches us."""

    SMS = "sms"
    WEB = "web"


class InboundState(StrEnum):
    """pending → done; parked: waits for an opt-in or an identity; waiting: for the engine."""

    PENDING = "pending"
    PARKED = "parked"
    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


class OutboundState(StrEnum):
    """The life of an outgoing message; `held` waits for an hour at which it may be sent."""

    READY = "ready"
    HELD = "held"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REFUSED = "refused"


class ExpectationKind(StrEnum):
    """What an open question of ours waits for."""

    OPT_IN = "opt_in"
    IDENTIFIER = "identifier"
    BIRTH_DATE = "birth_date"
    SLOT_CHOICE = "slot_choice"
    HOLD_CONFIRM = "hold_confirm"
    RED_FLAG_CHECK = "red_flag_check"
    DOSE = "dose"
    DOSE_WHY = "dose_why"
    VISIT = "visit"
    VISIT_RELEASE = "visit_release"
    WHICH = "which"
    """Which of two open questions a reply was for; its reference is that reply."""
