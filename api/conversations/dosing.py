"""Which of the doses that are open an answer is for: the last one asked, both, or we ask. Pure."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from api.conversations.decisions import DoseCheck, DoseReply, Situation, SkipReply, WhichDose
from api.conversations.topics import NOT_ASKED
from api.messaging.expectations import Expectation
from api.messaging.kinds import ExpectationKind
from api.messaging.replies import reads_choice
from api.reminders.kinds import DoseAnswer, SkipReason
from api.reminders.replies import (
    affirms,
    names_dose,
    names_skip_reason,
    says_all,
    says_only_all,
    says_two,
)

# A mere "yes" does not say to what. It is taken for the dose only as long as the reminder itself is
# of use, and only while nothing else was asked or written since: hours later, or after something
# else, it is more likely a courtesy or the answer to another question, and a dose that is noted as
# taken and was not is not asked about again.
YES_LASTS: Final = timedelta(minutes=90)
# Over a night nobody answers yesterday's reminder by the letter that today's asks for.
BESIDE: Final = timedelta(hours=8)
# As many as one text has room for.
MOST: Final = 4
# A prompt's id may be cut to its end where several are kept in one reference; its beginning is the
# time at which it was made, which several share.
_TAIL: Final = 8

type DoseSaid = DoseReply | SkipReply | DoseCheck


def of_dose(asked: Expectation, situation: Situation) -> DoseSaid | None:
    """What a text says to a dose prompt; a yes that may be meant for something else is checked."""
    prompt, text = asked.ref or "", situation.text
    named, why = names_dose(text), names_skip_reason(text)
    if named is not None:
        return DoseReply(prompt, named)
    if why is not None:
        return SkipReply(prompt, why)
    if asked.kind is not ExpectationKind.DOSE or not affirms(text):
        return None
    if not _is_last_question(asked, situation):
        return None
    is_answer = _is_fresh(asked, situation)
    return DoseReply(prompt, DoseAnswer.TAKEN) if is_answer else DoseCheck(prompt)


def of_one_person(prompts: tuple[str, ...], situation: Situation) -> bool:
    """Whether these are doses, and all of them somebody's own."""
    return len({situation.whose.get(each, each) for each in prompts}) == 1


def meant_of(
    own: Sequence[Expectation], what: DoseAnswer | SkipReason, text: str
) -> DoseReply | SkipReply | WhichDose:
    """Which of somebody's open doses that is said of: all of them where it says so, else we ask.

    `own`: the latest asked first.
    """
    near = [each for each in own if _is_beside(each, own[0])]
    if says_all(text):
        meant = near if len(near) > 1 else own
        is_clear = len(meant) < 3 or not says_two(text)
    else:
        meant, is_clear = near, len(near) == 1
    prompts = tuple(dict.fromkeys(each.ref or "" for each in reversed(meant)))
    return replied(prompts, what) if is_clear else WhichDose(prompts[-MOST:], what)


def _is_beside(asked: Expectation, latest: Expectation) -> bool:
    if asked.opened_at is None or latest.opened_at is None:
        return True
    return latest.opened_at - asked.opened_at <= BESIDE


def chosen(asked: Expectation, situation: Situation) -> DoseReply | SkipReply | None:
    """The dose that they name by its number, or all of them, with what was said of it before."""
    said, _, tails = (asked.ref or "").partition("|")
    place = reads_choice(situation.text, asked.choices)
    if place is None and says_only_all(situation.text):
        place = asked.choices
    if place is None:
        return None
    offered = [_open_with(tail, situation) for tail in tails.split(",")]
    meant = offered if place == asked.choices else [offered[place - 1]]
    prompts = tuple(each for each in meant if each is not None)
    return replied(prompts, said) if prompts else None


def replied(prompts: tuple[str, ...], said: str) -> DoseReply | SkipReply:
    """What was said, of all of these."""
    first, *also = prompts
    if said in set(DoseAnswer):
        return DoseReply(first, DoseAnswer(said), tuple(also))
    return SkipReply(first, SkipReason(said), tuple(also))


def reference(which: WhichDose) -> str:
    """What a question about several doses is about, to be read by `chosen`."""
    return f"{which.what}|{','.join(each[-_TAIL:] for each in which.prompts)}"


def open_among(prompts: Collection[str], situation: Situation) -> list[Expectation]:
    """Of these those that wait for an answer, the latest asked first."""
    waiting = {ExpectationKind.DOSE, ExpectationKind.DOSE_LATER}
    return [e for e in situation.expectations if e.kind in waiting and e.ref in prompts]


def _open_with(tail: str, situation: Situation) -> str | None:
    refs = (each.ref for each in situation.expectations if each.kind in _OF_DOSES)
    return next((ref for ref in refs if ref and ref.endswith(tail)), None)


def _is_last_question(asked: Expectation, situation: Situation) -> bool:
    """Whether nothing but other doses was asked after it."""
    return all(
        each.kind in _PASSED
        for each in situation.expectations
        if each.opened_at and asked.opened_at and each.opened_at > asked.opened_at
    )


def _is_fresh(asked: Expectation, situation: Situation) -> bool:
    """Whether it was asked a short while ago, and they have written nothing since."""
    opened, came, before = asked.opened_at, situation.came_at, situation.wrote_before
    if opened is None or came is None or came - opened > YES_LASTS:
        return False
    return before is None or before <= opened


# Other doses, what is open without being asked, and our question which of them was meant.
_PASSED: Final = NOT_ASKED | {
    *(ExpectationKind.DOSE, ExpectationKind.WHICH, ExpectationKind.WHICH_DOSE)
}
_OF_DOSES: Final = frozenset(
    {ExpectationKind.DOSE, ExpectationKind.DOSE_LATER, ExpectationKind.DOSE_WHY}
)
