"""Which open question of ours a message answers, and what it says to it. Pure."""

from dataclasses import replace

from api.conversations.decisions import (
    BirthDates,
    BookingAnswer,
    Decision,
    DoseReply,
    Identifier,
    ReleaseReply,
    Situation,
    SkipReply,
    Unclear,
    VisitReply,
)
from api.conversations.topics import TOPICS, Topic, reads_topic, topic_of
from api.messaging import replies
from api.messaging.expectations import Expectation
from api.messaging.kinds import ExpectationKind
from api.messaging.replies import Word
from api.reminders.replies import reads_dose, reads_skip_reason, reads_visit


def expected_reply(situation: Situation) -> Decision | None:
    """The open question that it answers: the only one that it fits, else as told apart."""
    asked = open_question(situation, ExpectationKind.WHICH)
    if asked is not None and (meant := reads_topic(situation.text)) is not None:
        return _meant(situation, meant)
    fits = [
        (each, reading)
        for each in situation.expectations
        if (reading := _read_as(each, situation)) is not None
    ]
    if len(fits) > 1 and any(each.kind in TOPICS for each, _ in fits):
        return _told_apart(fits, situation)
    return fits[0][1] if fits else None


def _told_apart(fits: list[tuple[Expectation, Decision]], situation: Situation) -> Decision:
    """Of what was asked since they last wrote and what was asked before, the later one is meant."""
    before = situation.wrote_before
    since = [fit for fit in fits if before is None or (fit[0].opened_at or before) > before]
    if len(since) == 1:
        return since[0][1]
    return Unclear(tuple(dict.fromkeys(topic_of(each.kind) for each, _ in fits)))


def _meant(situation: Situation, topic: Topic) -> Decision | None:
    """The earlier reply, read as the answer to the question that they now name."""
    earlier = replace(situation, text=situation.unclear)
    of_topic = (each for each in situation.expectations if topic_of(each.kind) is topic)
    readings = (_read_as(each, earlier) for each in of_topic)
    return next((reading for reading in readings if reading is not None), None)


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
        case ExpectationKind.OPT_IN | ExpectationKind.RED_FLAG_CHECK | ExpectationKind.WHICH:
            return None
        case _:
            return _reminder_reply(expectation, situation.text)


def _reminder_reply(expectation: Expectation, text: str) -> Decision | None:
    prompt = expectation.ref or ""
    match expectation.kind:
        case ExpectationKind.DOSE:
            dose = reads_dose(text)
            return DoseReply(prompt, dose) if dose else None
        case ExpectationKind.DOSE_WHY:
            why = reads_skip_reason(text)
            return SkipReply(prompt, why) if why else None
        case ExpectationKind.VISIT:
            visit = reads_visit(text)
            return VisitReply(prompt, visit) if visit else None
        case _:
            is_yes = replies.reads_yes(text)
            return ReleaseReply(prompt, is_yes) if is_yes or replies.reads_no(text) else None


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


def open_question(situation: Situation, kind: ExpectationKind) -> Expectation | None:
    """The open question of a kind, if there is one."""
    return next((each for each in situation.expectations if each.kind is kind), None)
