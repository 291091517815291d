"""What answers to reminders come to. They need no new proof of who it is: the question was ours."""

from dataclasses import replace
from typing import TypeGuard, assert_never

from api.conversations.decisions import (
    DoseCheck,
    DoseReply,
    ReleaseReply,
    SkipReply,
    Unclear,
    VisitReply,
    WhichDose,
)
from api.conversations.dosing import MOST, meant_of, open_among, reference
from api.conversations.filling import asker_of, interrupted
from api.conversations.kinds import Owner
from api.conversations.line import Line
from api.conversations.outcome import Outcome, Turn, from_replies, say
from api.conversations.questions import IDENTITY_LASTS, expects_of
from api.conversations.topics import NOT_ASKED
from api.messaging.expectations import Expectation
from api.messaging.kinds import ExpectationKind
from api.reminders import doses, visits
from api.reminders.desk import Saying
from api.reminders.kinds import DoseAnswer, VisitAnswer
from api.reminders.prompts import doses_of, options, patient_of, to_check
from api.scheduling import service as scheduling
from integrations.ports.dialogue import EngineReply

type Answer = DoseReply | SkipReply | VisitReply | ReleaseReply
type Reply = Answer | Unclear | DoseCheck | WhichDose


async def outcome_of(line: Line, turn: Turn, reply: Reply) -> Outcome:
    """What an answer to a reminder comes to; a question that it interrupted is asked again.

    Where a person has the conversation it is heard, and nothing is said.
    """
    match reply:
        case Unclear():
            return await _which(line, turn, reply)
        case WhichDose():
            return await _which_dose(line, turn, reply)
        case DoseCheck(prompt):
            asked = await to_check(line.reminders, prompt)
            return _closing_which(from_replies((asked,), turn))
        case _:
            return await _taken_in(line, turn, reply)


def unclear_dose(turn: Turn, replies: tuple[EngineReply, ...]) -> Reply | None:
    """What free words say of doses, where the engine heard them and several are open."""
    said = next((each for each in replies if each.response == doses.UNCLEAR), None)
    if said is None:
        return None
    given = said.arguments["prompts"]
    prompts = tuple(str(each) for each in given) if isinstance(given, list) else ()
    what = DoseAnswer(str(said.arguments["what"]))
    own = open_among(prompts, turn.situation)
    return meant_of(own, what, turn.inbound.text) if own else WhichDose(prompts[-MOST:], what)


async def _taken_in(line: Line, turn: Turn, reply: Answer) -> Outcome:
    answer = await _answer(line, turn, reply)
    if answer is None:
        return Outcome()
    if turn.situation.owner is Owner.HUMAN:
        return Outcome(answers=_prompts_of(reply))
    outcome = from_replies((answer, *await _interrupted(line, turn, answer)), turn)
    about = await patient_of(line.reminders, reply.prompt)
    answers = outcome.answers | _prompts_of(reply)
    outcome = _closing_which(replace(outcome, answers=answers, about=about))
    return _moving(turn, outcome, reply) if _is_move(reply) else outcome


def _closing_which(outcome: Outcome) -> Outcome:
    """It is known now what was meant."""
    asked = {ExpectationKind.WHICH, ExpectationKind.WHICH_DOSE}
    return replace(outcome, closes=outcome.closes | asked)


def _prompts_of(reply: Answer) -> frozenset[str]:
    also = reply.also if isinstance(reply, DoseReply | SkipReply) else ()
    return frozenset({reply.prompt, *also})


def _is_move(reply: Answer) -> TypeGuard[VisitReply]:
    return isinstance(reply, VisitReply) and reply.what is VisitAnswer.CHANGE


def _moving(turn: Turn, outcome: Outcome, reply: VisitReply) -> Outcome:
    """The engine did not hear of it; and who keeps the old time may still say that they come."""
    stays = Expectation(
        ExpectationKind.VISIT_CONFIRMED, turn.now + IDENTITY_LASTS, ref=reply.prompt
    )
    fresh = outcome.with_changes(episode=turn.episode + 1, episode_turns=0)
    return replace(fresh, expects=(*fresh.expects, stays))


async def _answer(line: Line, turn: Turn, reply: Answer) -> EngineReply | None:
    saying = Saying(turn.inbound.turn, turn.inbound.id)
    match reply:
        case DoseReply(prompt, what, also):
            for each in also:
                await doses.answer(line.reminders, each, what, saying)
            answer = await doses.answer(line.reminders, prompt, what, saying)
            all_taken = what is DoseAnswer.TAKEN and also
            return replace(answer, response="dose_taken_all") if all_taken else answer
        case SkipReply(prompt, why, also):
            for each in also:
                await doses.explain(line.reminders, each, why, saying)
            return await doses.explain(line.reminders, prompt, why, saying)
        case ReleaseReply(prompt, yes):
            if yes:
                return await visits.release(line.reminders, prompt, saying)
            return await visits.keep(line.reminders, prompt)
        case VisitReply(prompt, what):
            return await _visit(line, turn, prompt, what)
        case _ as never:
            assert_never(never)


async def _visit(line: Line, turn: Turn, prompt: str, what: VisitAnswer) -> EngineReply | None:
    match what:
        case VisitAnswer.CONFIRM:
            saying = Saying(turn.inbound.turn, turn.inbound.id)
            return await visits.confirm(line.reminders, prompt, saying)
        case VisitAnswer.CANNOT_COME:
            return await visits.cannot_come(line.reminders, prompt)
        case VisitAnswer.CHANGE:
            visit, patient = await visits.visit_of(line.reminders, prompt)
            asker = asker_of(turn, patient)
            return await scheduling.open_move(line.desk, asker, visit)


async def _interrupted(line: Line, turn: Turn, answer: EngineReply) -> tuple[EngineReply, ...]:
    """The question that was under way, once more, unless the answer asks one."""
    asks = any(each.kind not in NOT_ASKED for each in expects_of(answer, turn.now))
    return () if asks else await interrupted(line, turn)


async def _which(line: Line, turn: Turn, unclear: Unclear) -> Outcome:
    """Which of the questions the reply was for; it is kept, and read once that is known."""
    asked = say("which_question", topics=[each.value for each in unclear.topics])
    if unclear.prompts:
        asked = say("which_one", options=await options(line.reminders, unclear.prompts))
    expects = expects_of(asked, turn.now)
    about = tuple(replace(each, ref=unclear.about or turn.inbound.id) for each in expects)
    return Outcome(replies=(asked,), expects=about)


async def _which_dose(line: Line, turn: Turn, which: WhichDose) -> Outcome:
    """Which of their doses, by number: all of them is the last."""
    options = await doses_of(line.reminders, which.prompts)
    asked = say("dose_which", what=which.what, options=options, choices=len(options) + 1)
    expects = expects_of(asked, turn.now)
    about = tuple(replace(each, ref=reference(which)) for each in expects)
    return Outcome(replies=(asked,), expects=about, closes=frozenset({ExpectationKind.WHICH}))
