"""What each decision of the router comes to. Nothing is written here."""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from api.conversations import consents, engine, identity, reminding, safeguards
from api.conversations.decisions import (
    AskOptIn,
    BirthDates,
    BookingAnswer,
    Bot,
    ChangeLanguage,
    Declined,
    DoseReply,
    EndChat,
    Help,
    HumanOwns,
    Identifier,
    Loop,
    OptIn,
    OptOut,
    RedFlag,
    RedFlagCleared,
    ReleaseReply,
    Silenced,
    SkipReply,
    Unclear,
    VisitReply,
    WantsPerson,
    WrongNumber,
)
from api.conversations.line import Line
from api.conversations.outcome import (
    IDENTITY_KINDS,
    Outcome,
    Turn,
    expects_of,
    from_replies,
    say,
)
from api.core.ids import PatientId
from api.core.language import Language
from api.escalations.kinds import Reason
from api.gateway.tokens import turn_access
from api.messaging.kinds import ExpectationKind, InboundState
from api.messaging.replies import Word
from api.scheduling import service as scheduling
from api.scheduling.desk import Asker
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import Unreachable

# After this long without the engine a person gets the message.
ENGINE_PATIENCE = timedelta(minutes=10)


async def answer(line: Line, turn: Turn) -> Outcome:
    """What this turn comes to.

    Raises:
        EngineFailed, UnknownOutcome, and whatever the gateway's store raises when it is away: the
        turn is tried again later.
    """
    match turn.decision:
        case Identifier() as typed:
            return identity.take_identifier(turn, typed)
        case BirthDates() as dates:
            return await identity.take_birth_dates(line, turn, dates)
        case BookingAnswer() as exact:
            return await _booking_answer(line, turn, exact)
        case DoseReply() | SkipReply() | VisitReply() | ReleaseReply() | Unclear() as reply:
            return await reminding.outcome_of(line, turn, reply)
        case EndChat():
            return await _end_chat(line, turn)
        case ChangeLanguage(language):
            return await _change_language(line, turn, language)
        case Bot():
            return await _bot(line, turn)
        case _:
            return at_once(turn)


def at_once(turn: Turn) -> Outcome:
    """What needs neither the engine nor the record: it works whatever else is down."""
    decision = turn.decision
    match decision:
        case OptOut() | OptIn() | Help() | WrongNumber() | AskOptIn() | Declined() | Silenced():
            return consents.outcome_of(turn, decision)
        case RedFlag() | RedFlagCleared() | Loop() | WantsPerson():
            return safeguards.outcome_of(turn, decision)
        case HumanOwns():
            return Outcome()
        case Identifier() | BirthDates() | BookingAnswer() | EndChat() | ChangeLanguage() | Bot():
            raise ValueError(type(decision).__name__)
        case DoseReply() | SkipReply() | VisitReply() | ReleaseReply() | Unclear():
            raise ValueError(type(decision).__name__)
        case _ as never:
            assert_never(never)


async def _bot(line: Line, turn: Turn) -> Outcome:
    try:
        replies = await engine.ask(line, turn)
    except Unreachable:
        return _engine_is_away(turn)
    if any(reply.response == engine.IDENTITY_REQUIRED for reply in replies):
        return identity.ask_who(turn)
    if not turn.booking_open and await _is_a_bare_wish(line, turn, replies):
        return await _open_booking(line, turn)
    outcome = from_replies(_current(line, turn, replies), turn)
    return _ask_again(turn, outcome)


async def _is_a_bare_wish(line: Line, turn: Turn, replies: tuple[EngineReply, ...]) -> bool:
    """Whether "dr lee tomorrow" came with nothing open: a request in the short way of texts."""
    names = {reply.response for reply in replies}
    if not names <= {"nothing_open", "not_understood"} or _is_asked_who(turn):
        return False
    wish = await scheduling.read(line.desk, turn.inbound.text, turn.language)
    names_whom = wish.service is not None or wish.practitioner is not None
    return names_whom or ("nothing_open" in names and wish.windows is not None)


async def _open_booking(line: Line, turn: Turn) -> Outcome:
    """Open it here; the engine takes the form up in its next episode."""
    if turn.patient is None:
        return identity.ask_who(turn)
    asker = _asker(turn, turn.patient)
    await scheduling.open_booking(line.desk, asker, turn.inbound.text)
    outcome = from_replies((await scheduling.prompt(line.desk, asker),), turn)
    return outcome.with_changes(episode=turn.episode + 1, episode_turns=0)


def _is_asked_who(turn: Turn) -> bool:
    return any(each.kind in IDENTITY_KINDS for each in turn.situation.expectations)


async def _booking_answer(line: Line, turn: Turn, exact: BookingAnswer) -> Outcome:
    """An exact answer goes the short way to the same service that the engine's form calls."""
    patient = turn.patient or await _mover(line, turn)
    if patient is None:
        return identity.ask_who(turn)
    asker = _asker(turn, patient)
    reply = await scheduling.answer_exactly(line.desk, asker, choice=exact.choice, word=exact.word)
    return from_replies((reply,), turn)


async def _mover(line: Line, turn: Turn) -> PatientId | None:
    """Moving a visit goes on from our own question, so it needs no new proof of who it is."""
    async with line.database.transaction() as session:
        return await scheduling.mover_of(session, turn.conversation)


async def _change_language(line: Line, turn: Turn, language: Language) -> Outcome:
    """The open question is asked again, in the new language."""
    replies: tuple[EngineReply, ...] = (say("language_changed"),)
    if turn.booking_open and turn.patient is not None:
        replies += (await scheduling.prompt(line.desk, _asker(turn, turn.patient)),)
    expects = tuple(each for reply in replies for each in expects_of(reply, turn.now))
    outcome = Outcome(replies=replies, expects=expects, changes={"language": language})
    return _ask_again(turn, outcome)


async def _end_chat(line: Line, turn: Turn) -> Outcome:
    """Leave nothing half made behind: a held time goes back, open questions are closed."""
    if turn.booking_open and turn.patient is not None:
        asker = _asker(turn, turn.patient)
        await scheduling.answer_exactly(line.desk, asker, choice=None, word=Word.NONE)
    return Outcome(
        replies=(say("goodbye"),),
        closes=frozenset(ExpectationKind),
        changes={"episode": turn.episode + 1, "episode_turns": 0, "misses": 0},
    )


def _asker(turn: Turn, patient: PatientId) -> Asker:
    access = turn_access(
        turn=turn.inbound.turn,
        conversation=turn.conversation,
        patient=patient,
        origin=turn.situation.channel,
    )
    return Asker(access, turn.conversation, patient, turn.inbound.turn, turn.language)


def _engine_is_away(turn: Turn) -> Outcome:
    """One honest holding reply; the message waits; after ten minutes a person has it."""
    since = turn.holding_since
    if since is None:
        return Outcome(
            replies=(say("holding"),),
            inbound=InboundState.WAITING,
            changes={"holding_since": turn.now},
        )
    if turn.now - since >= ENGINE_PATIENCE:
        return replace(
            safeguards.to_person("handed_over", Reason.ENGINE_DOWN), changes={"holding_since": None}
        )
    return Outcome(inbound=InboundState.WAITING)


def _current(line: Line, turn: Turn, replies: tuple[EngineReply, ...]) -> tuple[EngineReply, ...]:
    """An answer of the clinic whose review date has passed is not given."""
    today = turn.now.astimezone(line.clinic.zone).date()
    return tuple(
        say("faq_expired")
        if reply.response.startswith("faq_")
        and not line.clinic.has_current_answer(reply.response.removeprefix("faq_"), today)
        else reply
        for reply in replies
    )


def _ask_again(turn: Turn, outcome: Outcome) -> Outcome:
    """A question of ours that was interrupted is asked again, once."""
    open_kinds = {each.kind for each in turn.situation.expectations}
    if not open_kinds & IDENTITY_KINDS or outcome.to_person:
        return outcome
    waits_for_number = ExpectationKind.IDENTIFIER in open_kinds
    name = "identity_ask_identifier" if waits_for_number else "identity_ask_birth_date"
    question = say(name)
    return replace(
        outcome,
        replies=(*outcome.replies, question),
        expects=(*outcome.expects, *expects_of(question, turn.now)),
    )


def gave_up(turn: Turn) -> Outcome:
    """After five failed tries the message is set aside and a person has the conversation."""
    del turn
    return replace(
        safeguards.to_person("handed_over", Reason.SYSTEM_FAILURE), inbound=InboundState.DEAD
    )
