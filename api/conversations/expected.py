"""Which open question of ours a message answers, and what it says to it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from api.conversations import dosing
from api.conversations.code_words import reads_code, wants_new_code
from api.conversations.decisions import (
    BirthDates,
    BookingAnswer,
    Bot,
    ChangeForm,
    CodeReply,
    CodeWish,
    Decision,
    DoseCheck,
    DoseReply,
    FormReply,
    Identifier,
    MedicineReply,
    NamesReply,
    OpenForm,
    PutOffForm,
    ReleaseReply,
    Situation,
    SkipReply,
    Unclear,
    VisitReply,
)
from api.conversations.topics import (
    LETTERS,
    NOT_ASKED,
    TOPICS,
    Topic,
    reads_letter,
    reads_topic,
    topic_of,
)
from api.core.text import words
from api.intake.commands import names_change, number_to_change
from api.intake.exact import is_exact
from api.intake.inputs import REVIEW
from api.messaging import replies
from api.messaging.expectations import Expectation
from api.messaging.kinds import ExpectationKind
from api.messaging.replies import Word
from api.reminders.kinds import DoseAnswer, SkipReason
from api.reminders.replies import (
    names_visit,
    reads_skip_reason,
    reads_visit,
    says_all,
)

type Fit = tuple[Expectation, Decision]
"""An open question and what the message says to it."""


def expected_reply(situation: Situation) -> Decision | None:
    """The open question that it answers: the only one that it fits, else as told apart."""
    asked = open_question(situation, ExpectationKind.WHICH)
    if asked is not None:
        meant = _one_of(situation, asked) if asked.choices else _of_topic(situation, asked)
        if meant is not None:
            return meant
    which = open_question(situation, ExpectationKind.WHICH_DOSE)
    dose = dosing.chosen(which, situation) if which is not None else None
    if dose is not None:
        return dose
    fits = _but_checks(_fits(situation))
    if len(fits) > 1 and any(each.kind in TOPICS for each, _ in fits):
        return _told_apart(_of_a_form(_but_an_offer(fits, situation), situation), situation)
    return fits[0][1] if fits else None


def _fits(situation: Situation) -> list[Fit]:
    return [
        (each, reading)
        for each in situation.expectations
        if (reading := _read_as(each, situation)) is not None
    ]


def _but_an_offer(fits: list[Fit], situation: Situation) -> list[Fit]:
    """A form is offered by words: S and N are the letters of what a reminder asks."""
    if words(situation.text) not in (["s"], ["n"]):
        return fits
    return [fit for fit in fits if fit[0].kind is not ExpectationKind.FORM_OFFER]


def _but_checks(fits: list[Fit]) -> list[Fit]:
    """A yes that may have been meant for a dose is for what else it answers, but a reminder's."""
    others = [fit for fit in fits if not isinstance(fit[1], DoseCheck)]
    return others if any(asked.kind not in TOPICS for asked, _ in others) else fits


def _of_a_form(fits: list[Fit], situation: Situation) -> list[Fit]:
    """CHANGE is about the form right after it was sent; later, about what a reminder asks.

    In a form it is heard where its answers are looked over.
    """
    if names_change(situation.text):
        fits = [
            fit for fit in fits if fit[0].kind is not ExpectationKind.FORM or fit[0].ref == REVIEW
        ]
    sent = [fit for fit in fits if fit[0].kind is ExpectationKind.FORM_SENT]
    before = situation.wrote_before
    if sent and (before is None or (sent[0][0].opened_at or before) > before):
        return sent
    return [fit for fit in fits if fit not in sent]


def _told_apart(fits: list[Fit], situation: Situation) -> Decision:
    """Of what was asked since they last wrote and what was asked before, the later one is meant.

    Where both doses are spoken of, both are meant.
    """
    asked = [fit for fit in fits if fit[0].kind not in NOT_ASKED]
    fits = asked or fits
    before = situation.wrote_before
    since = [fit for fit in fits if before is None or (fit[0].opened_at or before) > before]
    if len(fits) == 1 or len(since) == 1:
        return _of_all((since or fits)[0], fits, situation)
    return _unclear(fits, situation)


def _of_all(meant: Fit, fits: list[Fit], situation: Situation) -> Decision:
    """What was said of one dose, of all that they have open where they say so."""
    said = meant[1]
    if not isinstance(said, DoseReply) or not says_all(situation.text):
        return said
    own = [asked for asked, _ in fits if _are_one_persons(asked, meant[0], situation)]
    return dosing.meant_of(own, said.what, situation.text)


def _are_one_persons(one: Expectation, other: Expectation, situation: Situation) -> bool:
    return dosing.of_one_person((one.ref or "", other.ref or ""), situation)


def _prompts(fits: list[Fit]) -> tuple[str, ...]:
    """What these were asked with, the earliest first."""
    return tuple(dict.fromkeys(each.ref or "" for each, _ in reversed(fits)))


def _unclear(fits: list[Fit], situation: Situation, about: str | None = None) -> Decision:
    topics = tuple(dict.fromkeys(topic_of(each.kind) for each, _ in fits))
    if len(topics) > 1:
        return Unclear(topics, about=about)
    earliest_first = _prompts(fits)
    is_several = topics == (Topic.MEDICINE,) and len(earliest_first) > 1
    if is_several and dosing.of_one_person(earliest_first, situation):
        return _one_persons(fits, situation)
    if len(earliest_first) > len(LETTERS):
        return Bot()
    return Unclear(topics, earliest_first, about)


def _one_persons(fits: list[Fit], situation: Situation) -> Decision:
    """Of several doses that somebody has open all are meant, or the one that they shall name."""
    said = fits[0][1]
    read = dosing.meant_of([asked for asked, _ in fits], _what(said), situation.text)
    # A yes that is to be checked stays one where there is but one dose that it can be meant for.
    return said if isinstance(said, DoseCheck) and isinstance(read, DoseReply) else read


def _what(said: Decision) -> DoseAnswer | SkipReason:
    if isinstance(said, SkipReply):
        return said.why
    return said.what if isinstance(said, DoseReply) else DoseAnswer.TAKEN


def _of_topic(situation: Situation, asked: Expectation) -> Decision | None:
    """The earlier reply, read as the answer to the question that they now name."""
    topic = reads_topic(situation.text)
    if topic is None:
        return None
    before = _as_it_was(situation)
    meant = [fit for fit in _fits(before) if topic_of(fit[0].kind) is topic]
    if len(meant) > 1 and topic is not Topic.QUESTION:
        return _unclear(meant, before, asked.ref)
    return meant[0][1] if meant else None


def _one_of(situation: Situation, asked: Expectation) -> Decision | None:
    """The earlier reply, as the answer to the one of several prompts that they now choose.

    What was offered is what was open then. Where one of them has closed since, the letters would
    mean others: it is asked anew.
    """
    place = reads_letter(situation.text, asked.choices)
    if place is None:
        return None
    before = _as_it_was(situation)
    earlier = [fit for fit in _fits(before) if fit[0].kind in TOPICS and _is_older(fit[0], asked)]
    if len(earlier) != asked.choices:
        return _unclear(earlier, before, asked.ref) if earlier else None
    return _of_all(earlier[asked.choices - 1 - place], earlier, before)


def _as_it_was(situation: Situation) -> Situation:
    """As of the earlier reply, of which they now say what it was for."""
    return replace(situation, text=situation.unclear, wrote_before=None)


def _is_older(each: Expectation, asked: Expectation) -> bool:
    return each.opened_at is None or asked.opened_at is None or each.opened_at <= asked.opened_at


def _read_as(expectation: Expectation, situation: Situation) -> Decision | None:
    """What a text says to an open question; None where it says nothing to it."""
    reader = _READERS.get(expectation.kind)
    return reader(expectation, situation) if reader else None


def _form(expectation: Expectation, situation: Situation) -> Decision | None:
    fits = is_exact(situation.text, expectation.ref or "", expectation.choices)
    return FormReply(situation.text) if fits else None


def _form_offer(text: str) -> Decision | None:
    word = replies.reads_word(text)
    if word is Word.FORM or replies.reads_yes(text):
        return OpenForm(new=True)
    return PutOffForm() if word is Word.LATER or replies.reads_no(text) else None


def _form_sent(text: str) -> Decision | None:
    return ChangeForm(number=number_to_change(text)) if names_change(text) else None


def _form_which(expectation: Expectation, text: str) -> Decision | None:
    chosen = replies.reads_choice(text, expectation.choices)
    ends = (expectation.ref or "").split(",")
    return ChangeForm(ends[chosen - 1]) if chosen else None


def _medicine(situation: Situation) -> Decision | None:
    text = situation.text
    return MedicineReply(text) if text in situation.of_medicine else None


def _medicine_names(text: str) -> Decision | None:
    is_yes = replies.reads_yes(text)
    return NamesReply(is_yes) if is_yes or replies.reads_no(text) else None


def _reminder_reply(expectation: Expectation, situation: Situation) -> Decision | None:
    prompt, text = expectation.ref or "", situation.text
    match expectation.kind:
        case ExpectationKind.DOSE | ExpectationKind.DOSE_LATER:
            return dosing.of_dose(expectation, situation)
        case ExpectationKind.DOSE_WHY:
            why = reads_skip_reason(text)
            return SkipReply(prompt, why) if why else None
        case ExpectationKind.VISIT | ExpectationKind.VISIT_CONFIRMED:
            asks = expectation.kind is ExpectationKind.VISIT
            asks = asks and not _is_overtaken(expectation, situation)
            visit = reads_visit(text) if asks else names_visit(text)
            return VisitReply(prompt, visit) if visit else None
        case _:
            is_yes = replies.reads_yes(text)
            return ReleaseReply(prompt, is_yes) if is_yes or replies.reads_no(text) else None


def _is_overtaken(asked: Expectation, situation: Situation) -> bool:
    """Whether the conversation has a question of its own since: a mere yes or no is not for this.

    What a reminder asks beside it is told apart by itself.
    """
    passed = {*TOPICS, ExpectationKind.WHICH, ExpectationKind.WHICH_DOSE}
    return any(
        each.kind not in passed
        for each in situation.expectations
        if each.opened_at and asked.opened_at and each.opened_at > asked.opened_at
    )


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


def _code(asked: ExpectationKind, text: str) -> CodeWish | CodeReply | None:
    if wants_new_code(text):
        return CodeWish(yes=True)
    if asked is ExpectationKind.CODE:
        digits = reads_code(text)
        return CodeReply(digits) if digits else None
    is_yes = replies.reads_yes(text)
    return CodeWish(is_yes) if is_yes or replies.reads_no(text) else None


def open_question(situation: Situation, kind: ExpectationKind) -> Expectation | None:
    """The open question of a kind, if there is one."""
    return next((each for each in situation.expectations if each.kind is kind), None)


type _Reader = Callable[[Expectation, Situation], Decision | None]
_REMINDERS: Final = (
    *(ExpectationKind.DOSE, ExpectationKind.DOSE_LATER, ExpectationKind.DOSE_WHY),
    *(ExpectationKind.VISIT, ExpectationKind.VISIT_CONFIRMED, ExpectationKind.VISIT_RELEASE),
)
# The opt-in and the question about a red flag are decided before, and which of two was meant apart.
_READERS: Final[Mapping[ExpectationKind, _Reader]] = {
    ExpectationKind.BIRTH_DATE: lambda _asked, said: _birth_dates(said),
    ExpectationKind.IDENTIFIER: lambda _asked, said: _identifier(said.text),
    ExpectationKind.SLOT_CHOICE: lambda asked, said: _slot_choice(said.text, asked.choices),
    ExpectationKind.HOLD_CONFIRM: lambda _asked, said: _hold_confirm(said.text),
    ExpectationKind.MEDICINE: lambda _asked, said: _medicine(said),
    ExpectationKind.MEDICINE_NAMES: lambda _asked, said: _medicine_names(said.text),
    ExpectationKind.FORM: _form,
    ExpectationKind.FORM_OFFER: lambda _asked, said: _form_offer(said.text),
    ExpectationKind.FORM_SENT: lambda _asked, said: _form_sent(said.text),
    ExpectationKind.FORM_WHICH: lambda asked, said: _form_which(asked, said.text),
    ExpectationKind.CODE_OFFER: lambda asked, said: _code(asked.kind, said.text),
    ExpectationKind.CODE: lambda asked, said: _code(asked.kind, said.text),
    **dict.fromkeys(_REMINDERS, _reminder_reply),
}
