"""What answers to our questions about a medicine's reminder come to."""

from dataclasses import replace

from api.conversations import codes, identity
from api.conversations.decisions import MedicineReply, NamesReply, NamesWish
from api.conversations.filling import interrupted
from api.conversations.line import Line
from api.conversations.outcome import (
    MEDICINE_KINDS,
    NOTHING_MADE_OF_IT,
    Outcome,
    Turn,
    from_replies,
)
from api.conversations.questions import expects_of
from api.core.ids import PatientId
from api.messaging.kinds import ExpectationKind
from api.reminders import agreements, requests
from api.reminders.desk import Asking
from integrations.ports.dialogue import EngineReply


async def outcome_of(
    line: Line, turn: Turn, reply: MedicineReply | NamesReply | NamesWish
) -> Outcome:
    """What it comes to; a question that it interrupted is asked again."""
    if isinstance(reply, NamesWish):
        if turn.patient is None:
            return identity.ask_who(turn)
        if not codes.may_read_record(turn):
            return await codes.ask_for_code(line, turn)
    answer = await _answer(line, turn, reply)
    asks = bool(expects_of(answer, turn.now))
    outcome = from_replies((answer, *(() if asks else await interrupted(line, turn))), turn)
    return replace(outcome, closes=outcome.closes | MEDICINE_KINDS | {ExpectationKind.WHICH})


def is_missed(turn: Turn, replies: tuple[EngineReply, ...]) -> bool:
    """Whether a question about a medicine is open, and the engine made nothing of what came."""
    is_open = any(each.kind is ExpectationKind.MEDICINE for each in turn.situation.expectations)
    return is_open and {reply.response for reply in replies} <= NOTHING_MADE_OF_IT


async def _answer(
    line: Line, turn: Turn, reply: MedicineReply | NamesReply | NamesWish
) -> EngineReply:
    said = turn.inbound.turn
    match reply:
        case MedicineReply(text):
            return await requests.answer(line.reminders, turn.conversation, said, text)
        case NamesReply(yes):
            conversation = turn.conversation
            return await agreements.to_names(line.reminders, conversation, said, allows=yes)
        case NamesWish(yes):
            patient = turn.patient or PatientId("")  # known by then
            asking = Asking(patient, turn.conversation, said)
            return await agreements.wish_names(line.reminders, asking, allows=yes)
