"""Putting a turn to the dialogue engine, once: what it already knows is not asked again."""

from api.conversations import filling
from api.conversations.line import Line
from api.conversations.outcome import Turn
from api.core.clock import real_now
from api.gateway.tokens import Via, mint_turn_token
from integrations.ports.dialogue import EngineReply, EngineTurn, Loop

IDENTITY_REQUIRED = "identity_required"
CODE_REQUIRED = "code_required"
REFUSALS = frozenset({IDENTITY_REQUIRED, CODE_REQUIRED})


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
            # A new episode in the middle of something takes it up where it stood.
            resume=_amid(turn) if turn.episode_turns == 0 else None,
        )
    )
    if not replies:
        raise EngineFailed
    return replies


def _amid(turn: Turn) -> Loop | None:
    """What is under way: the form or the booking; of both, the one that asked last.

    What was said to an earlier question of the form must not be taken for an answer to this one.
    """
    if turn.form_went_on:
        return None
    if turn.form is not None and filling.asked_last(turn):
        return Loop("intake_form", "form_words" if turn.form.takes_words else "form_answer")
    return Loop("booking_form", "booking_answer") if turn.booking_open else None


def _token(line: Line, turn: Turn) -> str:
    return mint_turn_token(
        key=line.token_key,
        turn=turn.inbound.turn,
        conversation=turn.conversation,
        patient=turn.patient,
        now=real_now(),
        via=Via(turn.situation.channel, turn.level),
    )
