"""Who answers a message: one pure decision, in the one fixed order.

Carrier word → free-text opt-out → red flag → loop guard → human owns it → PERSON words, language
names → first contact → expected reply → bot. Safety comes before everything that can fail.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from api.consent import words as consent
from api.consent.kinds import ConsentState
from api.conversations.kinds import Owner
from api.core.language import Language
from api.messaging import replies
from api.messaging.expectations import Expectation
from api.messaging.kinds import Channel, ExpectationKind
from api.messaging.replies import Word
from api.safety.lexicon import Lexicon
from api.safety.scan import Finding, Level, scan

# Two machines that answer each other are stopped early; a person who books and asks is not: what
# answers a question of ours is never counted.
MOST_UNEXPECTED = {Channel.SMS: 10, Channel.WEB: 60}
SAME_WORDS = 3


@dataclass(frozen=True)
class Situation:
    """All that decides who answers, as it was when the message's turn came.

    `unexpected`: messages in the last ten minutes that answered no question of ours.
    `repeats`: how many of the last three messages said the same replies.
    """

    text: str
    channel: Channel
    owner: Owner
    language: Language
    consent: ConsentState
    expectations: tuple[Expectation, ...]
    unexpected: int
    repeats: int
    today: date


@dataclass(frozen=True)
class OptOut:
    """Stop texting this number. `by_carrier`: the carrier confirms and blocks by itself."""

    by_carrier: bool
    may_have_meant_visit: bool = False
    finding: Finding | None = None
    """A red flag in the same words: both are acted on."""


@dataclass(frozen=True)
class OptIn:
    """Text this number (again). `confirm`: nobody else confirms it and no request waits."""

    confirm: bool


@dataclass(frozen=True)
class Help:
    """Say who we are and how to stop."""


@dataclass(frozen=True)
class EndChat:
    """STOP on the web, where there is no carrier: the visitor wants to end."""


@dataclass(frozen=True)
class WrongNumber:
    """The number belongs to somebody else, who may be in danger all the same."""

    finding: Finding | None = None


@dataclass(frozen=True)
class RedFlag:
    """Help is needed now; with `finding.ask`, one question first."""

    finding: Finding


@dataclass(frozen=True)
class RedFlagCleared:
    """The one question was answered with a no."""


@dataclass(frozen=True)
class Loop:
    """We go in circles, or talk to a machine."""


@dataclass(frozen=True)
class HumanOwns:
    """A person answers here; the assistant is silent."""


@dataclass(frozen=True)
class WantsPerson:
    """They asked for a person."""


@dataclass(frozen=True)
class ChangeLanguage:
    """They named a language."""

    language: Language


@dataclass(frozen=True)
class AskOptIn:
    """Nobody on this number agreed to be texted yet. `language`: the one they just named."""

    language: Language | None = None


@dataclass(frozen=True)
class Declined:
    """They do not want to be texted."""


@dataclass(frozen=True)
class Silenced:
    """The number is opted out: keep the message, answer nothing."""


@dataclass(frozen=True)
class Identifier:
    """Their phone number or record number, as typed."""

    typed: str


@dataclass(frozen=True)
class BirthDates:
    """Every date that the answer to "date of birth?" may mean."""

    dates: tuple[date, ...]


@dataclass(frozen=True)
class BookingAnswer:
    """An exact answer to an open question of a booking: a number, or a word of its menu."""

    choice: int | None
    word: Word | None


@dataclass(frozen=True)
class Bot:
    """The dialogue engine answers."""


Decision = (
    OptOut | OptIn | Help | EndChat | WrongNumber | RedFlag | RedFlagCleared | Loop | HumanOwns
    | WantsPerson | ChangeLanguage | AskOptIn | Declined | Silenced | Identifier | BirthDates
    | BookingAnswer | Bot
)  # fmt: skip

# What may not wait behind a turn that is under way in the same conversation.
URGENT = (OptOut, RedFlag, WantsPerson)


def decide(situation: Situation, lexicon: Lexicon) -> Decision:
    """The one decision on a message; the first step that has a say has the last one."""
    finding = scan(situation.text, lexicon)
    steps: tuple[Callable[[], Decision | None], ...] = (
        lambda: _carrier_word(situation),
        lambda: _free_text_opt_out(situation),
        lambda: _red_flag(situation, finding),
        lambda: _loop(situation),
        lambda: HumanOwns() if situation.owner is Owner.HUMAN else None,
        lambda: _person_or_language(situation),
        lambda: _first_contact(situation),
        lambda: _expected_reply(situation),
    )
    for step in steps:
        decision = step()
        if decision is not None:
            return _with_flag(decision, finding)
    return Bot()


def _with_flag(decision: Decision, finding: Finding) -> Decision:
    """Whoever says "stop texting me, I want to die" is not texted again, and is not left alone."""
    is_flag = finding.level is not Level.NONE
    if is_flag and isinstance(decision, (OptOut, WrongNumber)):
        return replace(decision, finding=finding)
    return decision


def is_expected(decision: Decision) -> bool:
    """Whether it answered a question of ours, or a person's: never part of a loop."""
    return isinstance(
        decision, (Identifier, BirthDates, BookingAnswer, RedFlagCleared, OptIn, HumanOwns)
    )


def _carrier_word(situation: Situation) -> Decision | None:
    if situation.channel is Channel.WEB:
        return _end_of_chat(situation)
    match consent.read_carrier_word(situation.text):
        case consent.CarrierWord.STOP:
            return OptOut(
                by_carrier=consent.is_carrier_default(situation.text),
                may_have_meant_visit=consent.was_cancel(situation.text),
            )
        case consent.CarrierWord.START:
            return OptIn(confirm=not consent.is_carrier_default(situation.text))
        case consent.CarrierWord.HELP:
            return Help()
        case _:
            return None


def _end_of_chat(situation: Situation) -> Decision | None:
    """Only where the assistant answers: a person who owns the chat is not cut off by a word."""
    says_stop = consent.read_carrier_word(situation.text) is consent.CarrierWord.STOP
    return EndChat() if says_stop and situation.owner is Owner.BOT else None


def _free_text_opt_out(situation: Situation) -> Decision | None:
    if situation.channel is Channel.WEB:
        return None
    if consent.is_wrong_number(situation.text):
        return WrongNumber()
    return OptOut(by_carrier=False) if consent.is_free_text_opt_out(situation.text) else None


def _red_flag(situation: Situation, finding: Finding) -> Decision | None:
    """An unclear answer to "is this happening now?" counts as a yes."""
    if finding.level is not Level.NONE and not finding.ask:
        return RedFlag(finding)
    asked = _open(situation, ExpectationKind.RED_FLAG_CHECK)
    if asked is not None:
        level, _, rule = (asked.ref or "").partition("|")
        if replies.reads_no(situation.text):
            return RedFlagCleared()
        return RedFlag(Finding(Level(level), rule or None, ask=False))
    return RedFlag(finding) if finding.level is not Level.NONE else None


def _loop(situation: Situation) -> Decision | None:
    if situation.owner is Owner.HUMAN or _fits_open_question(situation):
        return None
    if _person_or_language(situation) is not None:
        return None
    too_many = situation.unexpected >= MOST_UNEXPECTED[situation.channel]
    return Loop() if too_many or situation.repeats >= SAME_WORDS else None


def _person_or_language(situation: Situation) -> Decision | None:
    if replies.wants_person(situation.text):
        return WantsPerson()
    language = replies.reads_language(situation.text)
    if language is None:
        return None
    may_text = situation.channel is Channel.WEB or situation.consent is ConsentState.OPTED_IN
    if may_text:
        return ChangeLanguage(language)
    return Silenced() if situation.consent is ConsentState.OPTED_OUT else AskOptIn(language)


def _first_contact(situation: Situation) -> Decision | None:
    if situation.channel is Channel.WEB:
        return None
    match situation.consent:
        case ConsentState.OPTED_IN:
            return None
        case ConsentState.OPTED_OUT:
            return Silenced()
        case ConsentState.ASKED:
            return _opt_in_answer(situation.text)
        case ConsentState.UNKNOWN | ConsentState.DECLINED:
            return AskOptIn()


def _opt_in_answer(text: str) -> Decision:
    if replies.reads_yes(text):
        return OptIn(confirm=False)
    return Declined() if replies.reads_no(text) else AskOptIn()


def _expected_reply(situation: Situation) -> Decision | None:
    readings = (_read_as(expectation, situation) for expectation in situation.expectations)
    return next((reading for reading in readings if reading is not None), None)


def _fits_open_question(situation: Situation) -> bool:
    return _expected_reply(situation) is not None


def _read_as(expectation: Expectation, situation: Situation) -> Decision | None:
    match expectation.kind:
        case ExpectationKind.BIRTH_DATE:
            return _birth_dates(situation)
        case ExpectationKind.IDENTIFIER:
            return _identifier(situation.text)
        case ExpectationKind.SLOT_CHOICE:
            return _slot_choice(situation.text, expectation.choices)
        case ExpectationKind.HOLD_CONFIRM:
            return _hold_confirm(situation.text)
        case ExpectationKind.OPT_IN | ExpectationKind.RED_FLAG_CHECK:
            return None


def _birth_dates(situation: Situation) -> Decision | None:
    dates = replies.reads_birth_dates(situation.text, situation.language, today=situation.today)
    looks_like_one = sum(char.isdigit() for char in situation.text) >= 4
    return BirthDates(dates) if dates or looks_like_one else None


def _identifier(text: str) -> Decision | None:
    digits = sum(char.isdigit() for char in text)
    return Identifier(text.strip()) if digits >= 3 and len(text) <= 40 else None


def _slot_choice(text: str, choices: int) -> Decision | None:
    choice = replies.reads_choice(text, choices)
    if choice is not None:
        return BookingAnswer(choice, None)
    word = replies.reads_word(text)
    return BookingAnswer(None, word) if word in {Word.MORE, Word.NONE} else None


def _hold_confirm(text: str) -> Decision | None:
    """BOOK books. Yes, ok and a thumb are understood where they fit this one open question."""
    word = replies.reads_word(text)
    if word in {Word.BOOK, Word.MORE, Word.NONE}:
        return BookingAnswer(None, word)
    if replies.reads_yes(text):
        return BookingAnswer(None, Word.BOOK)
    return BookingAnswer(None, Word.NONE) if replies.reads_no(text) else None


def _open(situation: Situation, kind: ExpectationKind) -> Expectation | None:
    return next((each for each in situation.expectations if each.kind is kind), None)
