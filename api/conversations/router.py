"""Who answers a message: one pure decision, in the one fixed order.

Carrier word → free-text opt-out → red flag → loop guard → human owns it → PERSON words, language
names → first contact → expected reply → the word that opens a form → whether medicines may be
named → bot. Safety comes before everything that can fail.
"""

from collections.abc import Callable
from dataclasses import replace

from api.consent import words as consent
from api.consent.kinds import ConsentState
from api.conversations.decisions import (
    EXPECTED,
    AskOptIn,
    Bot,
    ChangeForm,
    ChangeLanguage,
    Decision,
    Declined,
    DoseReply,
    EndChat,
    Help,
    HumanOwns,
    Loop,
    NamesWish,
    OpenForm,
    OptIn,
    OptOut,
    RedFlag,
    RedFlagCleared,
    Silenced,
    Situation,
    VisitReply,
    WantsPerson,
    WrongNumber,
)
from api.conversations.expected import expected_reply, open_question
from api.conversations.kinds import Owner
from api.intake.mistakes import wants_to_change
from api.messaging import replies
from api.messaging.kinds import Channel, ExpectationKind
from api.messaging.replies import Word
from api.reminders.naming import wishes_names
from api.reminders.replies import names_letter
from api.safety.lexicon import Lexicon
from api.safety.scan import Finding, Level, scan

# Two machines that answer each other are stopped early; a person who books and asks is not: what
# answers a question of ours is never counted.
MOST_UNEXPECTED = {Channel.SMS: 10, Channel.WEB: 60}
SAME_WORDS = 3


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
        lambda: _human_owns(situation),
        lambda: _person_or_language(situation),
        lambda: _first_contact(situation),
        lambda: expected_reply(situation),
        lambda: _form_word(situation),
        lambda: _names_wish(situation),
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
    return isinstance(decision, EXPECTED)


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
    asked = open_question(situation, ExpectationKind.RED_FLAG_CHECK)
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
    # "No", said to one question of a form after the other, is no circle.
    in_form = open_question(situation, ExpectationKind.FORM) is not None
    goes_round = situation.repeats >= SAME_WORDS and not in_form
    return Loop() if too_many or goes_round else None


def _human_owns(situation: Situation) -> Decision | None:
    """A person answers here. The letter that a reminder asked for is written down all the same."""
    if situation.owner is not Owner.HUMAN:
        return None
    reply = expected_reply(situation) if names_letter(situation.text) else None
    return reply if isinstance(reply, DoseReply | VisitReply) else HumanOwns()


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


def _form_word(situation: Situation) -> Decision | None:
    if wants_to_change(situation.text):
        return ChangeForm()
    word = replies.reads_word(situation.text)
    return OpenForm(new=word is Word.FORM) if word in {Word.FORM, Word.RESUME} else None


def _names_wish(situation: Situation) -> Decision | None:
    wish = wishes_names(situation.text)
    return None if wish is None else NamesWish(wish)


def _opt_in_answer(text: str) -> Decision:
    if replies.reads_yes(text):
        return OptIn(confirm=False)
    return Declined() if replies.reads_no(text) else AskOptIn()


def _fits_open_question(situation: Situation) -> bool:
    return expected_reply(situation) is not None
