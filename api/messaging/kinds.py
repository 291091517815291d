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
    DOSE_LATER = "dose_later"
    """A dose that was put off: its words are heard, a mere "ok" says nothing of it."""
    DOSE_WHY = "dose_why"
    VISIT = "visit"
    VISIT_CONFIRMED = "visit_confirmed"
    """A visit that they said they come to; they may think again."""
    VISIT_RELEASE = "visit_release"
    FORM = "form"
    """A question of a form, or its review; its reference is the kind of answer that fits."""
    FORM_OFFER = "form_offer"
    WHICH_DOSE = "which_dose"
    """Which of somebody's open doses an answer is for; its reference is that answer, and they."""
    FORM_SENT = "form_sent"
    """A form that was sent: nothing is asked, but they may want to change it."""
    FORM_WHICH = "form_which"
    """Which of several forms they want to change; its reference is how their ids end."""
    MEDICINE = "medicine"
    """Which medicine a request is about, or at what times."""
    MEDICINE_NAMES = "medicine_names"
    """Whether a text may name a medicine."""
    WHICH = "which"
    """Which of two open questions a reply was for; its reference is that reply.

    `choices`: how many of one kind there are to choose from, by the letters of persons.
    """
    CODE_OFFER = "code_offer"
    """Whether a one-time code shall be texted; its reference is how the number ends."""
    CODE = "code"
    """The code that was; the same reference."""
