"""What answers to a form come to, and the question of it or of a booking that was interrupted."""

from collections.abc import Awaitable
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import codes, identity, privacy
from api.conversations.decisions import ChangeForm, FormReply, OpenForm, PutOffForm
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.outcome import (
    BOOKING_KINDS,
    FORM_KINDS,
    NOTHING_MADE_OF_IT,
    Outcome,
    Turn,
    from_replies,
    say,
)
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.core.logging import describe, get_logger
from api.gateway.tokens import turn_access
from api.intake import service as intake
from api.intake.desk import Filler
from api.messaging.kinds import ExpectationKind
from api.scheduling import service as scheduling
from api.scheduling.desk import Asker
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import PortError

BACK_TO = {"notice": "back_to"}
SENT = "form_done"
FormWish = FormReply | OpenForm | ChangeForm | PutOffForm
QUESTIONS = frozenset({"form_question", "form_private", "form_more", "form_review"})


async def outcome_of(line: Line, turn: Turn, reply: FormWish) -> Outcome:
    """What it comes to. The question was ours, so its answer needs no new proof of who it is."""
    filler = filler_of(turn)
    match reply:
        case OpenForm() | ChangeForm():
            return await _opened(line, turn, reply)
        case PutOffForm():
            outcome = from_replies((say("form_later"),), turn)
            return replace(outcome, closes=outcome.closes | {ExpectationKind.FORM_OFFER})
        case FormReply(text):
            await intake.take(line.forms, filler, text)
    replies = await intake.prompt(line.forms, filler)
    outcome = from_replies(replies, turn)
    if leaves_booking(turn, outcome):
        outcome = from_replies((*replies, *await booking_again(line, turn)), turn)
    return in_fresh_episode(turn, outcome)


async def _opened(line: Line, turn: Turn, wish: OpenForm | ChangeForm) -> Outcome:
    """Opening one reads the record: for whom, must be known as surely as that takes."""
    if turn.patient is None:
        return identity.ask_who(turn)
    if not codes.may_read_record(turn):
        return await codes.ask_for_code(line, turn)
    filler = filler_of(turn)
    if isinstance(wish, ChangeForm):
        replies = await intake.change_sent(line.forms, filler, wish.which, number=wish.number)
    else:
        await intake.open_form(line.forms, filler, new=wish.new)
        replies = await intake.prompt(line.forms, filler)
    return in_fresh_episode(turn, from_replies(replies, turn))


async def is_for_paused(line: Line, turn: Turn, replies: tuple[EngineReply, ...]) -> bool:
    """Whether what the engine made nothing of was said to a form that was put off here."""
    if any(each.response not in NOTHING_MADE_OF_IT for each in replies):
        return False
    return await intake.is_for_paused(line.forms, turn.conversation, turn.inbound.text)


def is_misheard(turn: Turn, replies: tuple[EngineReply, ...]) -> bool:
    """Whether the engine made nothing of what may answer the form, or took it for a dose's answer.

    Inside its loop it hands everything over that is nothing else; it must have lost the loop.
    """
    first, *_ = replies
    made_nothing = all(each.response in NOTHING_MADE_OF_IT for each in replies)
    is_nothing = made_nothing or first.response == "dose_none_open"
    return is_nothing and turn.form is not None and asked_last(turn)


def asked_last(turn: Turn) -> bool:
    """Whether of a form and a booking that are both under way the form asked last."""
    asked = (each.kind for each in turn.situation.expectations)
    latest = next((kind for kind in asked if kind in BOOKING_KINDS | FORM_KINDS), None)
    return latest not in BOOKING_KINDS or not turn.booking_open


async def too_late(line: Line, turn: Turn, replies: tuple[EngineReply, ...]) -> Outcome:
    """What waited for the engine while the form went on: no answer to what is asked by now.

    `replies`: what the engine made of it by itself, as of a question to the clinic.
    """
    said = tuple(each for each in replies if each.response not in NOTHING_MADE_OF_IT)
    said = said or (say("form_too_late"),)
    outcome = from_replies(said, turn)
    if not outcome.to_person and not any(each.response in QUESTIONS for each in said):
        outcome = from_replies((*said, *await interrupted(line, turn)), turn)
    return in_fresh_episode(turn, outcome)


async def interrupted(line: Line, turn: Turn) -> tuple[EngineReply, ...]:
    """The question of a form or a booking that is under way, to be asked once more."""
    if turn.form is not None:
        question = await intake.open_question(line.forms, filler_of(turn))
        return (back_to(question),) if question else ()
    return await _booking_question(line, turn)


async def _booking_question(line: Line, turn: Turn) -> tuple[EngineReply, ...]:
    patient = await booker_of(line, turn) if turn.booking_open else None
    if patient is None:
        return ()
    return (await scheduling.prompt(line.desk, asker_of(turn, patient)),)


def left_unasked(turn: Turn, outcome: Outcome) -> bool:
    """Whether a form is open and nothing was said of it: what asks for the engine had died."""
    said = any(reply.response.startswith("form_") for reply in outcome.replies)
    return turn.form is not None and not said and not outcome.to_person


def leaves_booking(turn: Turn, outcome: Outcome) -> bool:
    """Whether a form was just sent that had interrupted a booking: it goes on from there."""
    names = {reply.response for reply in outcome.replies}
    is_asked = any(name.startswith("booking_") for name in names)
    return turn.booking_open and SENT in names and not is_asked and not outcome.to_person


async def booking_again(line: Line, turn: Turn) -> tuple[EngineReply, ...]:
    """The booking's question, once more; while the record is away, none, and the form is sent."""
    return await _unless_away(turn, _booking_question(line, turn))


async def asked_again(line: Line, turn: Turn) -> tuple[EngineReply, ...]:
    """The form's question; while the record is away, none: what was said goes out without it."""
    return await _unless_away(turn, interrupted(line, turn))


async def _unless_away(
    turn: Turn, question: Awaitable[tuple[EngineReply, ...]]
) -> tuple[EngineReply, ...]:
    try:
        return await question
    except PortError as failure:
        get_logger().warning("not_asked_again", conversation=turn.conversation, **describe(failure))
        return ()


async def booker_of(line: Line, turn: Turn) -> PatientId | None:
    """Whose booking it is; moving a visit goes on from our own question, without new proof."""
    if turn.patient is not None:
        return turn.patient
    async with line.database.transaction() as session:
        return await scheduling.mover_of(session, turn.conversation)


async def under_way(
    line: Line, session: AsyncSession, row: ConversationRow, *, is_for_team: bool = False
) -> EngineReply | None:
    """The open question of a conversation outside its turns: for whoever looks, or gives back."""
    conversation = ConversationId(row.id)
    if await intake.open_form_in(session, conversation) is None:
        return await scheduling.open_question(session, line.desk, conversation)
    withholds = not is_for_team and privacy.withholds_in(row, await line.clock.now())
    filler = Filler(
        conversation,
        None,
        f"look.{conversation}",
        Language(row.language),
        row.channel,
        withholds=withholds,
    )
    try:
        async with line.database.nesting:
            return await intake.open_question(line.forms, filler)
    except PortError as failure:
        get_logger().warning("form_not_read", conversation=conversation, **describe(failure))
        return None


def back_to(question: EngineReply) -> EngineReply:
    """The same question, said to be the one that was open before."""
    return replace(question, arguments={**question.arguments, **BACK_TO})


def filler_of(turn: Turn) -> Filler:
    """Who fills a form in, in this turn."""
    return Filler(
        conversation=turn.conversation,
        patient=turn.patient,
        turn=turn.inbound.turn,
        language=turn.language,
        channel=turn.situation.channel,
        withholds=privacy.withholds(
            turn.situation.channel, turn.patient, is_shared=turn.phone_is_shared
        ),
    )


def asker_of(turn: Turn, patient: PatientId) -> Asker:
    """Who asks for a visit, in this turn."""
    access = turn_access(
        turn=turn.inbound.turn,
        conversation=turn.conversation,
        patient=patient,
        origin=turn.situation.channel,
    )
    return Asker(access, turn.conversation, patient, turn.inbound.turn, turn.language)


def in_fresh_episode(turn: Turn, outcome: Outcome) -> Outcome:
    """The engine does not stand where the form does: it begins its next turn where that stands."""
    if outcome.to_person:
        return outcome
    fresh = outcome.with_changes(episode=turn.episode + 1, episode_turns=0)
    return replace(fresh, closes=fresh.closes | FORM_KINDS)
