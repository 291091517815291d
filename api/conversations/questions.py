"""Which responses are questions of ours: what each waits for, and until when. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from api.intake.service import CORRECTED_FOR
from api.messaging.expectations import Expectation
from api.messaging.kinds import ExpectationKind
from integrations.ports.dialogue import EngineReply

SLOT_CHOICE_LASTS = timedelta(minutes=30)
OPT_IN_LASTS = timedelta(days=7)
IDENTITY_LASTS = timedelta(hours=12)
FORM_LASTS = timedelta(hours=72)
# Longer than a code is good for, so that one that comes too late is told so.
CODE_LASTS = timedelta(hours=1)

type Reader = Callable[[EngineReply, datetime], Expectation]


def expects_of(reply: EngineReply, now: datetime) -> tuple[Expectation, ...]:
    """The open question that a response is, if it is one."""
    reader = _QUESTIONS.get(reply.response)
    return (reader(reply, now),) if reader else ()


def _plain(kind: ExpectationKind, lasts: timedelta) -> Reader:
    """A question that waits for one thing, for a set time."""
    return lambda _reply, now: Expectation(kind, now + lasts)


def _of_offers(reply: EngineReply, now: datetime) -> Expectation:
    return Expectation(
        ExpectationKind.SLOT_CHOICE, now + SLOT_CHOICE_LASTS, choices=_length(reply, "offers")
    )


def _of_hold(reply: EngineReply, now: datetime) -> Expectation:
    until = datetime.fromisoformat(str(reply.arguments["held_until"]))
    lapsed = until <= now  # BOOK competes for the time again
    return Expectation(ExpectationKind.HOLD_CONFIRM, now + SLOT_CHOICE_LASTS if lapsed else until)


def _of_form(reply: EngineReply, now: datetime) -> Expectation:
    """A question takes one of its options, a review the number of one of its answers."""
    count = _length(reply, "options") or _length(reply, "lines")
    kind = str(reply.arguments["input"])
    return Expectation(ExpectationKind.FORM, now + FORM_LASTS, choices=count, ref=kind)


def _of_forms(reply: EngineReply, now: datetime) -> Expectation:
    """Which of several forms: what tells one from the others is kept, in their order."""
    ends = [str(each) for each in _list(reply, "forms")]
    return Expectation(
        ExpectationKind.FORM_WHICH, now + IDENTITY_LASTS, choices=len(ends), ref=",".join(ends)
    )


def _of_reminder(kind: ExpectationKind) -> Reader:
    """What a reminder, or a question about its answer, waits for; it says so itself until when."""

    def read(reply: EngineReply, now: datetime) -> Expectation:
        until = reply.arguments.get("until")
        expires_at = datetime.fromisoformat(str(until)) if until else now + IDENTITY_LASTS
        return Expectation(kind, expires_at, ref=str(reply.arguments["prompt"]))

    return read


def _of_which(reply: EngineReply, now: datetime) -> Expectation:
    choices = _length(reply, "options")
    return Expectation(ExpectationKind.WHICH, now + SLOT_CHOICE_LASTS, choices=choices)


def _of_which_dose(reply: EngineReply, now: datetime) -> Expectation:
    choices = _length(reply, "options") + 1
    return Expectation(ExpectationKind.WHICH_DOSE, now + SLOT_CHOICE_LASTS, choices=choices)


def _of_code(kind: ExpectationKind) -> Reader:
    """A question about a code keeps how the number ends, so that it can be asked again."""
    return lambda reply, now: Expectation(kind, now + CODE_LASTS, ref=str(reply.arguments["ends"]))


def _length(reply: EngineReply, name: str) -> int:
    return len(_list(reply, name))


def _list(reply: EngineReply, name: str) -> list[object]:
    offered = reply.arguments.get(name)
    return offered if isinstance(offered, list) else []


CODE_QUESTIONS: Final[Mapping[str, Reader]] = {
    "earlier_offer": _of_code(ExpectationKind.CODE_OFFER),
    "code_offer": _of_code(ExpectationKind.CODE_OFFER),
    "code_offer_again": _of_code(ExpectationKind.CODE_OFFER),
    "code_sent": _of_code(ExpectationKind.CODE),
    "code_ask": _of_code(ExpectationKind.CODE),
    "code_wrong": _of_code(ExpectationKind.CODE),
}
_BIRTH_DATE: Final = _plain(ExpectationKind.BIRTH_DATE, IDENTITY_LASTS)
_IDENTIFIER: Final = _plain(ExpectationKind.IDENTIFIER, IDENTITY_LASTS)
_MEDICINE: Final = _plain(ExpectationKind.MEDICINE, SLOT_CHOICE_LASTS)
_QUESTIONS: Final[Mapping[str, Reader]] = {
    "booking_offers": _of_offers,
    "booking_held": _of_hold,
    "opt_in_request": _plain(ExpectationKind.OPT_IN, OPT_IN_LASTS),
    "identity_ask_identifier": _IDENTIFIER,
    "identity_no_match_web": _IDENTIFIER,
    "identity_ask_birth_date": _BIRTH_DATE,
    "identity_not_a_date": _BIRTH_DATE,
    "identity_no_match": _BIRTH_DATE,
    "dose_prompt": _of_reminder(ExpectationKind.DOSE),
    "dose_check": _of_reminder(ExpectationKind.DOSE),
    "dose_which": _of_which_dose,
    "dose_later": _of_reminder(ExpectationKind.DOSE_LATER),
    "dose_later_once": _of_reminder(ExpectationKind.DOSE_LATER),
    "dose_why": _of_reminder(ExpectationKind.DOSE_WHY),
    "visit_prompt": _of_reminder(ExpectationKind.VISIT),
    "visit_again": _of_reminder(ExpectationKind.VISIT),
    "visit_confirmed": _of_reminder(ExpectationKind.VISIT_CONFIRMED),
    "visit_kept": _of_reminder(ExpectationKind.VISIT_CONFIRMED),
    "visit_release": _of_reminder(ExpectationKind.VISIT_RELEASE),
    "medicine_is_it": _MEDICINE,
    "medicine_which": _MEDICINE,
    "medicine_which_name": _MEDICINE,
    "medicine_which_times": _MEDICINE,
    "medicine_set_may_name": _plain(ExpectationKind.MEDICINE_NAMES, IDENTITY_LASTS),
    **CODE_QUESTIONS,
    "which_question": _of_which,
    "which_one": _of_which,
    "form_question": _of_form,
    "form_private": _of_form,
    "form_any": _of_form,
    "form_more": _of_form,
    "form_review": _of_form,
    "form_offer": _plain(ExpectationKind.FORM_OFFER, FORM_LASTS),
    "form_next": _plain(ExpectationKind.FORM_OFFER, FORM_LASTS),
    "form_which": _of_forms,
    "form_done": _plain(ExpectationKind.FORM_SENT, CORRECTED_FOR),
    "form_kept": _plain(ExpectationKind.FORM_SENT, CORRECTED_FOR),
}
