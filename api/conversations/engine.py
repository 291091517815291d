"""Putting a turn to the dialogue engine, once: what it already knows is not asked again."""

from api.conversations.line import Line
from api.conversations.outcome import BOOKING_FORM, Turn
from api.core.clock import real_now
from api.gateway.tokens import mint_turn_token
from integrations.ports.dialogue import EngineReply, EngineTurn

IDENTITY_REQUIRED = "identity_required"


class EngineFailed(Exception):
    """The engine took the message and answered nothing: its action failed or died."""


async def ask(line: Line, turn: Turn) -> tuple[EngineReply, ...]:
    """The engine's answer to this turn.

    Raises:
        Unreachable: the engine is not there. EngineFailed: it answered nothing.
        UnknownOutcome: it did not answer in time; the next try asks it what it knows.
    """
    if turn.again:
        known = await line.engine.recall(sender=turn.sender, turn=turn.inbound.turn)
        if known:
            return known
    replies = await line.engine.turn(
        EngineTurn(
            sender=turn.sender,
            turn=turn.inbound.turn,
            text=turn.inbound.text,
            metadata={"token": _token(line, turn), "language": turn.language.value},
            # A new episode in the middle of a booking takes the booking up where it stood.
            resume_form=BOOKING_FORM if turn.booking_open and turn.episode_turns == 0 else None,
        )
    )
    if not replies:
        raise EngineFailed
    return replies


def _token(line: Line, turn: Turn) -> str:
    return mint_turn_token(
        key=line.token_key,
        turn=turn.inbound.turn,
        conversation=turn.conversation,
        patient=turn.patient,
        now=real_now(),
        channel=turn.situation.channel,
    )
