"""Who answers a conversation, how far it is, and who said a message."""

from enum import StrEnum


class Owner(StrEnum):
    """Who answers a conversation."""

    BOT = "bot"
    HUMAN = "human"


class State(StrEnum):
    """How far a conversation is: the assistant's, people's, put off by them, or done with."""

    BOT = "bot"
    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Act(StrEnum):
    """What moves a conversation from one state to the next."""

    CLAIM = "claim"
    REPLY = "reply"
    ASSIGN = "assign"
    RELEASE = "release"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    SNOOZE = "snooze"
    WAKE = "wake"
    GIVE_BACK = "give_back"
    HAND_OVER = "hand_over"
    ESCALATE = "escalate"
    PATIENT_WROTE = "patient_wrote"
    NOTE = "note"
    ACKNOWLEDGE = "acknowledge"


class Speaker(StrEnum):
    """Who said a message of the transcript."""

    PATIENT = "patient"
    ASSISTANT = "assistant"
    COORDINATOR = "coordinator"
    SYSTEM = "system"
