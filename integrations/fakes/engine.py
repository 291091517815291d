"""A dialogue engine in memory: answers by rules given to it, once per turn, and remembers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import override

from integrations.ports.dialogue import DialogueEngine, EngineReply, EngineTurn
from integrations.ports.errors import UnknownOutcome, Unreachable

Answer = Callable[[EngineTurn], tuple[EngineReply, ...]]


def not_understood(turn: EngineTurn) -> tuple[EngineReply, ...]:
    """What an engine says that has learned nothing."""
    del turn
    return (EngineReply("not_understood"),)


@dataclass
class FakeEngine(DialogueEngine):
    """Answers by `answer`.

    Attributes:
        turns: what it was given, in order.
        is_down: nothing reaches it.
        loses_answers: it takes a turn, and its answer never arrives.
    """

    answer: Answer = not_understood
    turns: list[EngineTurn] = field(default_factory=list)
    is_down: bool = False
    loses_answers: bool = False
    _answered: dict[tuple[str, str], tuple[EngineReply, ...]] = field(default_factory=dict)

    @override
    async def turn(self, turn: EngineTurn) -> tuple[EngineReply, ...]:
        self._reach()
        self.turns.append(turn)
        replies = self.answer(turn)
        if replies:
            self._answered[turn.sender, turn.turn] = replies
        if self.loses_answers:
            raise UnknownOutcome
        return replies

    @override
    async def recall(self, *, sender: str, turn: str) -> tuple[EngineReply, ...] | None:
        self._reach()
        return self._answered.get((sender, turn))

    @override
    async def is_ready(self) -> bool:
        return not self.is_down

    def _reach(self) -> None:
        if self.is_down:
            raise Unreachable
