"""Where a form can stand, and what comes next while it waits."""

from enum import StrEnum


class FormState(StrEnum):
    """offered → asking ⇄ review; paused and expired go on by a word of the patient's."""

    OFFERED = "offered"
    ASKING = "asking"
    REVIEW = "review"
    PAUSED = "paused"
    EXPIRED = "expired"
    CLOSED = "closed"


class Waiting(StrEnum):
    """What comes next while nobody answers."""

    OFFER = "offer"
    NUDGE = "nudge"
    EXPIRE = "expire"
    END = "end"
