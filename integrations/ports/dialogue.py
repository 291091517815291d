"""The dialogue engine as the product sees it: words in, names of responses out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Loop:
    """A form of the engine's, and which of its slots the open question fills."""

    form: str
    slot: str


@dataclass(frozen=True)
class EngineTurn:
    """One message put to the engine."""

    sender: str
    turn: str
    text: str
    metadata: Mapping[str, str]
    resume: Loop | None = None
    """The form to take up when this sender is new to the engine."""


@dataclass(frozen=True)
class EngineReply:
    """One answer: the name of a response and its arguments, never words."""

    response: str
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """What the engine reads in a text. `confidence` is between 0 and 1."""

    intent: str
    confidence: float


class DialogueEngine(Protocol):
    """Runs the dialogue."""

    async def turn(self, turn: EngineTurn) -> tuple[EngineReply, ...]:
        """Put one message to the engine; an empty answer means that the turn failed.

        Raises:
            Unreachable: the engine is not there; nothing happened.
            UnknownOutcome: it did not answer in time; ask with `recall` first.
        """
        ...

    async def recall(self, *, sender: str, turn: str) -> tuple[EngineReply, ...] | None:
        """What the engine answered to that turn, or None when it does not know it.

        Raises:
            Unreachable: it could not be asked.
        """
        ...

    async def is_ready(self) -> bool:
        """Whether it would understand a message now."""
        ...
