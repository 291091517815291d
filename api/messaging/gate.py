"""The send-time gate: one pure decision for every outgoing message, taken when it is sent.

Order: person alive → their number still → number opted in and not opted out → automation not frozen
→ what it speaks of still true → still of use → quiet hours. A person's answer needs no opt-in: the
patient asked for it by writing first. What is refused is stored with its reason; what is only too
early is held and judged again at its hour.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

# Default window: patient's local time. The outer limit of US federal rules for solicitations is
# 8:00-21:00 at the recipient (47 CFR 64.1200(c)(1), read 2026-11); this is narrower.
QUIET_ENDS = time(9, 0)
QUIET_BEGINS = time(20, 0)
AGREED_FROM, AGREED_TO = time(8, 0), time(21, 0)
# A reply this soon after the patient's own message is a conversation, not a solicitation.
CONVERSATION_LASTS = timedelta(minutes=15)
# Whoever wrote to people and waits for them, at night too, is not disturbed by their answer.
ANSWER_AWAITED = timedelta(hours=24)


class Purpose(StrEnum):
    """Why a message is sent; it decides which rules of the gate apply."""

    REPLY = "reply"
    SAFETY = "safety"
    CONSENT = "consent"
    COORDINATOR = "coordinator"
    NOTICE = "notice"
    REMINDER = "reminder"
    CODE = "code"
    """A one-time code that somebody asked for in the web chat a moment ago."""


class Refusal(StrEnum):
    """Why a message is not sent."""

    OPTED_OUT = "opted_out"
    NOT_OPTED_IN = "not_opted_in"
    DECEASED = "deceased"
    PHONE_CHANGED = "phone_changed"
    FROZEN = "frozen"
    ANSWERED = "answered"
    VISIT_MOVED = "visit_moved"
    VISIT_CANCELLED = "visit_cancelled"
    MEDICINE_STOPPED = "medicine_stopped"
    OVERTAKEN = "overtaken"
    TOO_LATE = "too_late"
    QUIET_HOURS = "quiet_hours"


class Hours(StrEnum):
    """At which hours a message that nobody asked for may come."""

    DEFAULT = "default"
    AGREED = "agreed"
    """At times that were agreed or ordered, such as a dose at eight in the morning and at night."""
    ASKED = "asked"
    """At an hour that the patient asked for in writing, whichever it is."""


@dataclass(frozen=True)
class Trigger:
    """What a message that nobody asked for is sent for: judged again when it is sent.

    Attributes:
        about: `kind:id` of what must still be true; empty where nothing can have changed.
        useful_until: after that it would only confuse.
    """

    about: str
    useful_until: datetime
    hours: Hours = Hours.DEFAULT


@dataclass(frozen=True)
class Send:
    """It may go now."""


@dataclass(frozen=True)
class Hold:
    """Not before that instant; it is judged again then."""

    until: datetime


@dataclass(frozen=True)
class Refuse:
    """It must not go; `reason` is shown to staff."""

    reason: Refusal


Verdict = Send | Hold | Refuse


@dataclass(frozen=True)
class Facts:
    """What is true of a message and its receiver at the moment of sending."""

    purpose: Purpose
    opted_in: bool
    opted_out: bool
    alive: bool
    zone: ZoneInfo
    patient_wrote_at: datetime | None
    number_is_theirs: bool = True
    frozen: bool = False
    untrue: Refusal | None = None
    """Why what the message speaks of is not so any more."""
    useful_until: datetime | None = None
    hours: Hours = Hours.DEFAULT


def judge(facts: Facts, now: datetime) -> Verdict:
    """Whether this message may go at this instant.

    A consent message (the opt-in question, the one confirmation of an opt-out) is exempt from
    the rules that it serves: 47 CFR 64.1200(a)(12) permits the single confirmation.
    """
    if not facts.alive:
        return Refuse(Refusal.DECEASED)
    if facts.purpose is Purpose.CONSENT:
        return Send()
    if facts.opted_out:
        return Refuse(Refusal.OPTED_OUT)
    if facts.purpose is Purpose.SAFETY:
        return Send()
    if facts.purpose is Purpose.CODE:
        return _code(facts, now)
    if not facts.opted_in and facts.purpose is not Purpose.COORDINATOR:
        return Refuse(Refusal.NOT_OPTED_IN)
    if facts.purpose is Purpose.REMINDER:
        return _reminder(facts, now)
    return _by_the_hour(facts, now)


def _code(facts: Facts, now: datetime) -> Verdict:
    """Asked for just now, so it needs no opt-in and no hour; too late it would only puzzle."""
    is_late = facts.useful_until is not None and now > facts.useful_until
    return Refuse(Refusal.TOO_LATE) if is_late else Send()


def _reminder(facts: Facts, now: datetime) -> Verdict:
    """Nobody asked for it just now: it must be theirs, true and of use when it comes."""
    refusals = {
        Refusal.PHONE_CHANGED: not facts.number_is_theirs,
        Refusal.FROZEN: facts.frozen,
    }
    reason = next((each for each, holds in refusals.items() if holds), facts.untrue)
    if reason is not None:
        return Refuse(reason)
    if facts.useful_until is not None and now > facts.useful_until:
        return Refuse(Refusal.TOO_LATE)
    verdict = _by_the_hour(facts, now)
    if isinstance(verdict, Hold) and facts.useful_until and verdict.until > facts.useful_until:
        return Refuse(Refusal.QUIET_HOURS)
    return verdict


def _by_the_hour(facts: Facts, now: datetime) -> Verdict:
    is_free = facts.purpose is Purpose.REPLY or facts.hours is Hours.ASKED
    if is_free or _is_awaited(facts, now):
        return Send()
    opens_at = next_opening(now, facts.zone, facts.hours)
    return Send() if opens_at <= now else Hold(opens_at)


def _is_awaited(facts: Facts, now: datetime) -> bool:
    """The patient wrote lately; a person's answer is awaited for longer than a machine's."""
    lasts = ANSWER_AWAITED if facts.purpose is Purpose.COORDINATOR else CONVERSATION_LASTS
    return facts.patient_wrote_at is not None and now - facts.patient_wrote_at <= lasts


def next_opening(now: datetime, zone: ZoneInfo, hours: Hours = Hours.DEFAULT) -> datetime:
    """The present when it lies outside quiet hours there, else the end of the quiet hours."""
    agreed = hours is Hours.AGREED
    begin, end = (AGREED_FROM, AGREED_TO) if agreed else (QUIET_ENDS, QUIET_BEGINS)
    local = now.astimezone(zone)
    if begin <= local.time() < end:
        return now
    day = local.date() if local.time() < begin else local.date() + timedelta(days=1)
    opening = datetime.combine(day, begin, tzinfo=zone)
    return opening.astimezone(now.tzinfo)
