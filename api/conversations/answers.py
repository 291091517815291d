"""What each decision of the router comes to. Nothing is written here."""

from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import assert_never

from api.conversations import (
    codes,
    consents,
    engine,
    filling,
    identity,
    medicating,
    reminding,
    safeguards,
)
from api.conversations.decisions import (
    AskOptIn,
    BirthDates,
    BookingAnswer,
    Bot,
    ChangeForm,
    ChangeLanguage,
    CodeReply,
    CodeWish,
    Declined,
    DoseCheck,
    DoseReply,
    EndChat,
    FormReply,
    Help,
    HumanOwns,
    Identifier,
    Loop,
    MedicineReply,
    NamesReply,
    NamesWish,
    OpenForm,
    OptIn,
    OptOut,
    PutOffForm,
    RedFlag,
    RedFlagCleared,
    ReleaseReply,
    Silenced,
    SkipReply,
    Unclear,
    VisitReply,
    WantsPerson,
    WhichDose,
    WrongNumber,
)
from api.conversations.filling import asker_of, back_to, booker_of, interrupted
from api.conversations.line import Line
from api.conversations.outcome import (
    TOPIC_DONE,
    WHO_KINDS,
    Outcome,
    Turn,
    from_replies,
    in_language,
    say,
)
from api.conversations.questions import CODE_QUESTIONS, expects_of
from api.core.language import Language
from api.escalations.kinds import Reason
from api.messaging.expectations import Expectation
from api.messaging.kinds import ExpectationKind, InboundState
from api.messaging.replies import Word
from api.scheduling import service as scheduling
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import Unreachable

# After this long without the engine a person gets the message.
ENGINE_PATIENCE = timedelta(minutes=10)
ASKED_AGAIN_FOR = timedelta(minutes=30)


async def answer(line: Line, turn: Turn) -> Outcome:
    """What this turn comes to.

    Raises:
        EngineFailed, UnknownOutcome, and whatever the gateway's store raises when it is away: the
        turn is tried again later.
    """
    match turn.decision:
        case Identifier() | BirthDates() | CodeWish() | CodeReply() as who:
            return await _who(line, turn, who)
        case BookingAnswer() as exact:
            return await _booking_answer(line, turn, exact)
        case DoseReply() | SkipReply() | DoseCheck() | WhichDose() as reply:
            return await reminding.outcome_of(line, turn, reply)
        case VisitReply() | ReleaseReply() | Unclear() as reply:
            return await reminding.outcome_of(line, turn, reply)
        case MedicineReply() | NamesReply() | NamesWish() as reply:
            return await medicating.outcome_of(line, turn, reply)
        case FormReply() | OpenForm() | ChangeForm() | PutOffForm() as reply:
            return await filling.outcome_of(line, turn, reply)
        case EndChat() | ChangeLanguage() | Bot() as said:
            return await _of_the_chat(line, turn, said)
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
        case DoseReply() | SkipReply() | VisitReply() | ReleaseReply() | Unclear() | DoseCheck():
            raise ValueError(type(decision).__name__)
        case FormReply() | OpenForm() | ChangeForm() | PutOffForm() | WhichDose():
            raise ValueError(type(decision).__name__)
        case MedicineReply() | NamesReply() | NamesWish() | CodeWish() | CodeReply():
            raise ValueError(type(decision).__name__)
        case _ as never:
            assert_never(never)


async def _of_the_chat(line: Line, turn: Turn, said: EndChat | ChangeLanguage | Bot) -> Outcome:
    match said:
        case EndChat():
            return await _end_chat(line, turn)
        case ChangeLanguage(language):
            return await _change_language(line, turn, language)
        case Bot():
            return await _bot(line, turn)


async def _who(
    line: Line, turn: Turn, said: Identifier | BirthDates | CodeWish | CodeReply
) -> Outcome:
    """What an answer to a question of who they are comes to."""
    match said:
        case Identifier():
            return identity.take_identifier(turn, said)
        case BirthDates():
            return await identity.take_birth_dates(line, turn, said)
        case CodeWish() | CodeReply():
            return await codes.outcome_of(line, turn, said)


async def _bot(line: Line, turn: Turn) -> Outcome:
    try:
        replies = await engine.ask(line, turn)
    except Unreachable:
        return _engine_is_away(turn)
    refused = next((each.response for each in replies if each.response in engine.REFUSALS), None)
    if refused is not None:
        return await _refused(line, turn, replies, refused)
    return await _heard(line, turn, replies)


async def _refused(
    line: Line, turn: Turn, replies: tuple[EngineReply, ...], refused: str
) -> Outcome:
    """Nothing of theirs is told or done before it is known who they are.

    What was said first needs nobody's name: a question to the clinic, in the midst of something
    that goes on with our own question.
    """
    said = tuple(takewhile(lambda each: each.response not in engine.REFUSALS, replies))
    if said:
        said = _current(line, turn, said)
        return _ask_again(turn, from_replies((*said, *await interrupted(line, turn)), turn))
    if refused == engine.IDENTITY_REQUIRED:
        return identity.ask_who(turn)
    return await codes.ask_for_code(line, turn)


async def _heard(line: Line, turn: Turn, replies: tuple[EngineReply, ...]) -> Outcome:
    """What the engine made of it, unless a question of ours knows better."""
    dose = reminding.unclear_dose(turn, replies)
    if dose is not None:
        return await reminding.outcome_of(line, turn, dose)
    if medicating.is_missed(turn, replies):
        return await medicating.outcome_of(line, turn, MedicineReply(turn.inbound.text))
    if turn.form_went_on:
        return await filling.too_late(line, turn, replies)
    if filling.is_misheard(turn, replies):
        return await filling.outcome_of(line, turn, FormReply(turn.inbound.text))
    is_amid = turn.booking_open or turn.form is not None
    if not is_amid and await _is_a_bare_wish(line, turn, replies):
        return await _open_booking(line, turn)
    return _ask_again(turn, await _engine_said(line, turn, replies))


async def _engine_said(line: Line, turn: Turn, replies: tuple[EngineReply, ...]) -> Outcome:
    """What the engine's replies come to; a form that is open is asked on, whatever became of it."""
    if await filling.is_for_paused(line, turn, replies):
        replies = (say("form_not_here"),)
    replies = _to_form(_current(line, turn, replies))
    outcome = from_replies(replies, turn)
    if filling.leaves_booking(turn, outcome):
        return from_replies((*replies, *await filling.booking_again(line, turn)), turn)
    if not filling.left_unasked(turn, outcome):
        return outcome
    question = await filling.asked_again(line, turn)
    if not question:
        return outcome
    return filling.in_fresh_episode(turn, from_replies((*replies, *question), turn))


async def _is_a_bare_wish(line: Line, turn: Turn, replies: tuple[EngineReply, ...]) -> bool:
    """Whether "dr lee tomorrow" came with nothing open: a request in the short way of texts."""
    names = {reply.response for reply in replies}
    if not names <= {"nothing_open", "not_understood"} or _is_asked_who(turn):
        return False
    if not any(char.isalpha() for char in turn.inbound.text):
        return False  # "1" chooses from a list that is gone
    wish = await scheduling.read(line.desk, turn.inbound.text, turn.language)
    names_whom = wish.service is not None or wish.practitioner is not None
    return names_whom or ("nothing_open" in names and wish.windows is not None)


async def _open_booking(line: Line, turn: Turn) -> Outcome:
    """Open it here; the engine takes the form up in its next episode."""
    if turn.patient is None:
        return identity.ask_who(turn)
    asker = asker_of(turn, turn.patient)
    await scheduling.open_booking(line.desk, asker, turn.inbound.text)
    outcome = from_replies((await scheduling.prompt(line.desk, asker),), turn)
    return outcome.with_changes(episode=turn.episode + 1, episode_turns=0)


def _is_asked_who(turn: Turn) -> bool:
    return any(each.kind in WHO_KINDS for each in turn.situation.expectations)


async def _booking_answer(line: Line, turn: Turn, exact: BookingAnswer) -> Outcome:
    """An exact answer goes the short way to the same service that the engine's form calls."""
    patient = await booker_of(line, turn)
    if patient is None:
        return identity.ask_who(turn)
    asker = asker_of(turn, patient)
    reply = await scheduling.answer_exactly(line.desk, asker, choice=exact.choice, word=exact.word)
    replies: tuple[EngineReply, ...] = (reply,)
    if reply.response in TOPIC_DONE and turn.form is not None:
        replies += await interrupted(line, turn)
    return from_replies(replies, turn)


async def _change_language(line: Line, turn: Turn, language: Language) -> Outcome:
    """The open question is asked again, in the new language."""
    replies: tuple[EngineReply, ...] = (say("language_changed"),)
    replies += await interrupted(line, in_language(turn, language))
    expects = tuple(each for reply in replies for each in expects_of(reply, turn.now))
    outcome = Outcome(replies=replies, expects=expects, changes={"language": language})
    return _ask_again(turn, outcome)


async def _end_chat(line: Line, turn: Turn) -> Outcome:
    """Leave nothing half made behind: a held time goes back, open questions are closed."""
    if turn.booking_open and turn.patient is not None:
        asker = asker_of(turn, turn.patient)
        await scheduling.answer_exactly(line.desk, asker, choice=None, word=Word.NONE)
    return Outcome(
        replies=(say("goodbye"),),
        closes=frozenset(ExpectationKind),
        drops=True,
        changes={"episode": turn.episode + 1, "episode_turns": 0, "misses": 0},
    )


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


def _to_form(replies: tuple[EngineReply, ...]) -> tuple[EngineReply, ...]:
    """A form's question after an answer to something else is said to be the one from before."""
    *before, last = replies
    is_back = bool(before) and not any(each.response.startswith("form_") for each in before)
    return (*before, back_to(last)) if is_back and last.response == "form_question" else replies


def _ask_again(turn: Turn, outcome: Outcome) -> Outcome:
    """A question of ours that was interrupted is asked again, once."""
    question = _open_question(turn)
    if question is None or outcome.to_person:
        return outcome
    asks_itself = bool(outcome.expects) or outcome.advances
    if question.response in CODE_QUESTIONS and asks_itself:
        return outcome  # the code can wait; two questions at once are one too many
    return replace(
        outcome,
        replies=(*outcome.replies, question),
        expects=(*outcome.expects, *expects_of(question, turn.now)),
    )


def _open_question(turn: Turn) -> EngineReply | None:
    asked = {each.kind: each.ref for each in turn.situation.expectations if _is_fresh(each, turn)}
    if ExpectationKind.IDENTIFIER in asked:
        return say("identity_ask_identifier")
    if ExpectationKind.BIRTH_DATE in asked:
        return say("identity_ask_birth_date")
    if ExpectationKind.CODE in asked:
        return say("code_ask", ends=asked[ExpectationKind.CODE])
    if ExpectationKind.CODE_OFFER in asked:
        return say("code_offer", ends=asked[ExpectationKind.CODE_OFFER])
    return None


def _is_fresh(asked: Expectation, turn: Turn) -> bool:
    """An old question is still answered; asked again with every message it would only annoy."""
    return asked.opened_at is None or turn.now - asked.opened_at <= ASKED_AGAIN_FOR


def gave_up(turn: Turn) -> Outcome:
    """After five failed tries the message is set aside and a person has the conversation."""
    del turn
    return replace(
        safeguards.to_person("handed_over", Reason.SYSTEM_FAILURE), inbound=InboundState.DEAD
    )
