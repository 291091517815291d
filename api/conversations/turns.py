"""The turns of a conversation: one message after the other, each recorded in one commit.

`drain` takes the oldest message under the conversation's lease, decides, has it answered and
records it. No transaction is held across a call to the engine or to a service. What may not wait
(an opt-out, a red flag, a call for a person) overtakes a turn that is under way.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import answers, situation
from api.conversations.engine import EngineFailed
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.outcome import Turn
from api.conversations.record import LeaseLost, record
from api.conversations.router import URGENT
from api.core.ids import ConversationId
from api.core.logging import describe, get_logger
from integrations.ports.errors import PortError


async def drain(line: Line, conversation: ConversationId) -> None:
    """Answer everything that waits in this conversation, oldest first."""
    while True:
        taken = await _take(line, conversation)
        match taken:
            case situation.Unknown():
                if not await situation.ensure(line, conversation):
                    return
            case situation.Busy() | situation.Nothing():
                # Also behind a message that rests: an emergency does not wait out its back-off.
                await _overtake(line, conversation)
                return
            case Turn():
                try:
                    goes_on = await _handle(line, taken)
                finally:
                    line.at_work.discard(conversation)
                if not goes_on:
                    return


async def _take(
    line: Line, conversation: ConversationId
) -> Turn | situation.Busy | situation.Nothing | situation.Unknown:
    """The next turn; a message that cannot be read must not block those behind it for ever."""
    try:
        return await situation.take(line, conversation)
    except Exception as failure:  # noqa: BLE001 -- recorded, put off and, at last, escalated
        get_logger().error("take_failed", conversation=conversation, **describe(failure))
        await situation.set_aside(line, conversation)
        return situation.Nothing()


async def _handle(line: Line, turn: Turn) -> bool:
    """Answer and record one turn; whether the next one may follow at once."""
    try:
        outcome = await answers.answer(line, turn)
        await record(line, turn, outcome)
    except LeaseLost:
        return False
    except (EngineFailed, PortError) as failure:
        return await _try_later(line, turn, failure)
    except Exception as failure:  # noqa: BLE001 -- recorded, released and, at last, escalated
        return await _try_later(line, turn, failure)
    return True


async def _try_later(line: Line, turn: Turn, failure: Exception) -> bool:
    """Let the message rest; after five tries set it aside and call a person."""
    get_logger().warning("turn_failed", turn=turn.inbound.turn, **describe(failure))
    if turn.inbound.tries + 1 >= situation.MOST_TRIES:
        await record(line, turn, answers.gave_up(turn))
        return True
    await situation.put_back(line, turn, new_episode=isinstance(failure, EngineFailed))
    return False


async def _overtake(line: Line, conversation: ConversationId) -> None:
    """Record what may not wait behind the turn that somebody else is at."""
    for turn in await situation.look_ahead(line, conversation):
        if isinstance(turn.decision, URGENT):
            try:
                await record(line, turn, answers.at_once(turn))
            except LeaseLost:
                continue


async def patience_ran_out(line: Line, session: AsyncSession, conversation: ConversationId) -> bool:
    """Whether this conversation has waited for the engine so long that a person must have it."""
    row = await session.get(ConversationRow, conversation)
    if row is None or row.holding_since is None:
        return True
    return await line.clock.now() - row.holding_since >= answers.ENGINE_PATIENCE
