"""What answers to reminders come to. They need no new proof of who it is: the question was ours."""

from dataclasses import replace
from typing import assert_never

from api.conversations.decisions import DoseReply, ReleaseReply, SkipReply, Unclear, VisitReply
from api.conversations.line import Line
from api.conversations.outcome import Outcome, Turn, expects_of, from_replies, say
from api.core.ids import PatientId
from api.gateway.tokens import turn_access
from api.messaging.kinds import ExpectationKind
from api.reminders import doses, visits
from api.reminders.desk import Saying
from api.reminders.kinds import VisitAnswer
from api.scheduling import service as scheduling
from api.scheduling.desk import Asker
from integrations.ports.dialogue import EngineReply

type Reply = DoseReply | SkipReply | VisitReply | ReleaseReply | Unclear

_CLOSES = {
    DoseReply: ExpectationKind.DOSE,
    SkipReply: ExpectationKind.DOSE_WHY,
    VisitReply: ExpectationKind.VISIT,
    ReleaseReply: ExpectationKind.VISIT_RELEASE,
}


async def outcome_of(line: Line, turn: Turn, reply: Reply) -> Outcome:
    """What an answer to a reminder comes to; a question that it interrupted is asked again."""
    if isinstance(reply, Unclear):
        return _which(turn, reply)
    answer = await _answer(line, turn, reply)
    outcome = from_replies((answer, *await _interrupted(line, turn, answer)), turn)
    closes = outcome.closes | {_CLOSES[type(reply)], ExpectationKind.WHICH}
    return replace(outcome, closes=closes)


async def _answer(
    line: Line, turn: Turn, reply: DoseReply | SkipReply | VisitReply | ReleaseReply
) -> EngineReply:
    saying = Saying(turn.inbound.turn, turn.inbound.id)
    match reply:
        case DoseReply(prompt, what):
            return await doses.answer(line.reminders, prompt, what, saying)
        case SkipReply(prompt, why):
            return await doses.explain(line.reminders, prompt, why, saying)
        case ReleaseReply(prompt, yes):
            if yes:
                return await visits.release(line.reminders, prompt, saying)
            return say("visit_kept")
        case VisitReply(prompt, what):
            return await _visit(line, turn, prompt, what)
        case _ as never:
            assert_never(never)


async def _visit(line: Line, turn: Turn, prompt: str, what: VisitAnswer) -> EngineReply:
    match what:
        case VisitAnswer.CONFIRM:
            saying = Saying(turn.inbound.turn, turn.inbound.id)
            return await visits.confirm(line.reminders, prompt, saying)
        case VisitAnswer.CANNOT_COME:
            return await visits.cannot_come(line.reminders, prompt)
        case VisitAnswer.CHANGE:
            visit, patient = await visits.visit_of(line.reminders, prompt)
            asker = _asker(turn, patient)
            return await scheduling.open_move(line.desk, asker, visit)


async def _interrupted(line: Line, turn: Turn, answer: EngineReply) -> tuple[EngineReply, ...]:
    """The question of a booking that was under way, once more, unless the answer asks one."""
    if not turn.booking_open or turn.patient is None or expects_of(answer, turn.now):
        return ()
    return (await scheduling.prompt(line.desk, _asker(turn, turn.patient)),)


def _which(turn: Turn, unclear: Unclear) -> Outcome:
    """Which of the questions the reply was for; it is kept, and read once that is known."""
    asked = say("which_question", topics=[each.value for each in unclear.topics])
    expects = expects_of(asked, turn.now)
    about = tuple(replace(each, ref=turn.inbound.id) for each in expects)
    return Outcome(replies=(asked,), expects=about)


def _asker(turn: Turn, patient: PatientId) -> Asker:
    access = turn_access(
        turn=turn.inbound.turn,
        conversation=turn.conversation,
        patient=patient,
        origin=turn.situation.channel,
    )
    return Asker(access, turn.conversation, patient, turn.inbound.turn, turn.language)
