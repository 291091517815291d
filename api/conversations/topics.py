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
    ExpectationKind.DOSE_LATER: Topic.MEDICINE,
    ExpectationKind.DOSE_WHY: Topic.MEDICINE,
    ExpectationKind.VISIT: Topic.VISIT,
    ExpectationKind.VISIT_CONFIRMED: Topic.VISIT,
    ExpectationKind.VISIT_RELEASE: Topic.VISIT,
}
# C means confirm, so it names nobody.
LETTERS: Final = "ABDE"
# They may say more of these, but nothing is asked.
NOT_ASKED: Final = frozenset({ExpectationKind.DOSE_LATER, ExpectationKind.VISIT_CONFIRMED})
_NAMES: Final = {
    **dict.fromkeys(("v", "visit", "the visit", "cita", "visita", "la cita"), Topic.VISIT),
    **dict.fromkeys(("m", "medicine", "the medicine", "medicina", "pastilla"), Topic.MEDICINE),
    **dict.fromkeys(("q", "question", "the question", "pregunta"), Topic.QUESTION),
}


def topic_of(kind: ExpectationKind) -> Topic:
    """What a question is about."""
    return TOPICS.get(kind, Topic.QUESTION)


def reads_letter(text: str, choices: int) -> int | None:
    """Which of so many a text names by its letter, counted from 0."""
    said = " ".join(words(text)).upper()
    place = LETTERS[:choices].find(said) if len(said) == 1 else -1
    return place if place >= 0 else None


def reads_topic(text: str) -> Topic | None:
    """Which of our questions a text names, by its letter or its word."""
    return _NAMES.get(" ".join(words(text)))
