"""What an open question of ours is about, where a reply fits two of them. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from api.core.text import words
from api.messaging.kinds import ExpectationKind


class Topic(StrEnum):
    """What a question is about; the letter by which it is named in a text."""

    VISIT = "V"
    MEDICINE = "M"
    QUESTION = "Q"


# Questions of a reminder; all others are of the conversation that is going on.
TOPICS: Final[Mapping[ExpectationKind, Topic]] = {
    ExpectationKind.DOSE: Topic.MEDICINE,
    ExpectationKind.DOSE_WHY: Topic.MEDICINE,
    ExpectationKind.VISIT: Topic.VISIT,
    ExpectationKind.VISIT_RELEASE: Topic.VISIT,
}
_NAMES: Final = {
    **dict.fromkeys(("v", "visit", "the visit", "cita", "visita", "la cita"), Topic.VISIT),
    **dict.fromkeys(("m", "medicine", "the medicine", "medicina", "pastilla"), Topic.MEDICINE),
    **dict.fromkeys(("q", "question", "the question", "pregunta"), Topic.QUESTION),
}


def topic_of(kind: ExpectationKind) -> Topic:
    """What a question is about."""
    return TOPICS.get(kind, Topic.QUESTION)


def reads_topic(text: str) -> Topic | None:
    """Which of our questions a text names, by its letter or its word."""
    return _NAMES.get(" ".join(words(text)))
