"""Who answers a conversation, and who said a message."""

from enum import StrEnum


class Owner(StrEnum):
    """Who answers a conversation."""

    BOT = "bot"
    HUMAN = "human"


class Speaker(StrEnum):
    """Who said a message of the transcript."""

    PATIENT = "patient"
    ASSISTANT = "assistant"
    COORDINATOR = "coordinator"
    SYSTEM = "system"
