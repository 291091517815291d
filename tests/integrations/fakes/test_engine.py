"""The engine in memory keeps the promises of the port."""

import pytest

from integrations.fakes.engine import FakeEngine
from integrations.ports.dialogue import EngineReply, EngineTurn
from integrations.ports.errors import UnknownOutcome, Unreachable

TURN = EngineTurn("conversation:1", "turn-1", "hello", {"language": "en"})


async def test_turn_is_answered_by_name_and_remembered() -> None:
    engine = FakeEngine(answer=lambda turn: (EngineReply("echo", {"text": turn.text}),))
    replies = await engine.turn(TURN)
    assert replies == (EngineReply("echo", {"text": "hello"}),)
    assert await engine.recall(sender=TURN.sender, turn=TURN.turn) == replies


async def test_turn_never_heard_of_is_not_remembered() -> None:
    assert await FakeEngine().recall(sender="conversation:1", turn="other") is None


async def test_engine_that_is_down_hears_nothing() -> None:
    engine = FakeEngine(is_down=True)
    with pytest.raises(Unreachable):
        await engine.turn(TURN)
    with pytest.raises(Unreachable):
        await engine.recall(sender=TURN.sender, turn=TURN.turn)
    assert not await engine.is_ready()
    assert engine.turns == []


async def test_lost_answer_can_be_asked_for() -> None:
    engine = FakeEngine(loses_answers=True)
    with pytest.raises(UnknownOutcome):
        await engine.turn(TURN)
    assert await engine.recall(sender=TURN.sender, turn=TURN.turn)


async def test_turn_that_failed_leaves_nothing_to_recall() -> None:
    engine = FakeEngine(answer=lambda _: ())
    assert await engine.turn(TURN) == ()
    assert await engine.recall(sender=TURN.sender, turn=TURN.turn) is None
