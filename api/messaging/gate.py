"""The send-time gate: one pure decision for every outgoing message, taken when it is sent.

Order: person alive → number opted in and not opted out → quiet hours. A person's answer needs no
opt-in: the patient asked for it by writing first. What is refused is stored
with its reason; what is only too early is held and judged again at its hour.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

# Default window: patient's local time. The outer limit of US federal rules for solicitations is
# 8:00-21:00 at the recipient (47 CFR 64.1200(c)(1), read 2026-11); this is narrower.
QUIET_ENDS = time(9, 0)
QUIET_BEGINS = time(20, 0)
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


class Refusal(StrEnum):
    """Why a message is not sent."""

    OPTED_OUT = "opted_out"
    NOT_OPTED_IN = "not_opted_in"
    DECEASED = "deceased"


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
    if not facts.opted_in and facts.purpose is not Purpose.COORDINATOR:
        return Refuse(Refusal.NOT_OPTED_IN)
    return _by_the_hour(facts, now)


def _by_the_hour(facts: Facts, now: datetime) -> Verdict:
    if facts.purpose is Purpose.REPLY or _is_awaited(facts, now):
        return Send()
    opens_at = next_opening(now, facts.zone)
    return Send() if opens_at <= now else Hold(opens_at)


def _is_awaited(facts: Facts, now: datetime) -> bool:
    """The patient wrote lately; a person's answer is awaited for longer than a machine's."""
    lasts = ANSWER_AWAITED if facts.purpose is Purpose.COORDINATOR else CONVERSATION_LASTS
    return facts.patient_wrote_at is not None and now - facts.patient_wrote_at <= lasts


def next_opening(now: datetime, zone: ZoneInfo) -> datetime:
    """The present when it lies outside quiet hours there, else the end of the quiet hours."""
    local = now.astimezone(zone)
    if QUIET_ENDS <= local.time() < QUIET_BEGINS:
        return now
    day = local.date() if local.time() < QUIET_ENDS else local.date() + timedelta(days=1)
    opening = datetime.combine(day, QUIET_ENDS, tzinfo=zone)
    return opening.astimezone(now.tzinfo)
