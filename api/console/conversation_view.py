"""One conversation as its templates show it: who, why, by when, and what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from api.consent.kinds import ConsentState
from api.console import chart_view, times, transcript_view, words
from api.console.times import Due
from api.conversations.kinds import State
from api.conversations.packet import Cause, Packet
from api.conversations.takeover import Watcher
from api.conversations.timeline import View
from api.escalations.kinds import Outcome, Reason
from api.messaging.kinds import Channel
from api.people.chart import Chart, Facts as PatientFacts
from api.staff.kinds import Member, Permission
from api.staff.service import may

SAFETY_REASONS: Final = frozenset({Reason.CRISIS, Reason.EMERGENCY, Reason.URGENT_SYMPTOM})
_TOLD: Final = {
    Reason.CRISIS: "The crisis text went out at once.",
    Reason.EMERGENCY: "The patient was told at once to call {emergency}.",
    Reason.URGENT_SYMPTOM: "The patient was told that a nurse will look at this.",
}


@dataclass(frozen=True)
class Facts:
    """All that was read for one look at a conversation.

    `chart`: None where it is not there; `is_likely_unknown`: the record could not be asked.
    """

    view: View
    packet: Packet
    watchers: Sequence[Watcher]
    staff: Sequence[Member]
    number: str | None
    chart: Chart | None = None
    is_chart_late: bool = False
    likely: Sequence[PatientFacts] = ()
    """Who is on file under the number of somebody not identified."""
    is_likely_unknown: bool = False


@dataclass(frozen=True)
class Standpoint:
    """Who looks, when, and from which clinic."""

    member: Member
    now: datetime
    zone: tzinfo
    emergency_number: str


@dataclass(frozen=True)
class Alarm:
    """What the banner of a safety matter says."""

    title: str
    words: str
    opened_at: datetime
    due: Due | None


@dataclass(frozen=True)
class CauseView:
    """One reason why people are needed."""

    title: str
    words: str | None
    asked: str | None
    since: str
    is_safety: bool


def context(facts: Facts, at: Standpoint) -> dict[str, object]:
    """What the templates of a conversation need."""
    view, packet = facts.view, facts.packet
    who = view.name or unknown_name(packet)
    staff = {str(each.id): each.name for each in facts.staff}
    return {
        "c": view,
        "open_id": view.conversation,
        "here": f"/console/conversations/{view.conversation}",
        "who": who,
        "short_name": (view.name or "The patient").split()[0] if view.name else "the patient",
        "subline": _subline(facts, at),
        "packet": packet,
        "causes": [_cause(each, at) for each in packet.causes],
        "waits_for": ", ".join(words.WAITS_FOR[each] for each in packet.waits_for),
        "verification": words.VERIFICATIONS[packet.verification],
        "reach": _reach(packet),
        "alarm": _alarm(view, packet, at),
        "call": _call(facts.number, at.member),
        "days": transcript_view.days(view, who=who, staff=staff, now=at.now, zone=at.zone),
        "patient_position": transcript_view.patient_position(view),
        "watchers": facts.watchers,
        "blocked": _blocked(view, packet, at.member),
        "is_sms": view.channel is Channel.SMS,
        **_standing(view, at.member, facts.staff),
        **record_context(facts, at),
    }


def record_context(facts: Facts, at: Standpoint) -> dict[str, object]:
    """What the templates of the patient's pane need."""
    chart = facts.chart
    known = chart.facts if chart else None
    shown = chart_view.pane(chart, at.now, at.zone) if chart else None
    today = at.now.astimezone(at.zone).date()
    identity: Mapping[str, str] | None = None
    if known:
        identity = {"name": known.name, "rest": chart_view.second_identifiers(known)}
    elif facts.view.patient:
        identity = {"name": facts.view.name or "Patient", "rest": chart_view.UNREAD}
    return {
        "facts": known,
        "likely": [
            {"name": each.name, "line": chart_view.facts_line(each, today)} for each in facts.likely
        ],
        "is_likely_unknown": facts.is_likely_unknown,
        "facts_line": chart_view.facts_line(known, today) if known else "",
        "identity": identity,
        "cards": shown.cards if shown else [],
        "withheld": shown.withheld if shown else [],
        "source": shown.source if shown else "",
        "next_visits": chart_view.next_visits(chart, at.zone) if chart else [],
        "is_chart_late": facts.is_chart_late,
    }


def unknown_name(packet: Packet) -> str:
    """Somebody nobody has identified, by where they write from."""
    return packet.phone or "Web visitor"


def _standing(view: View, member: Member, staff: Sequence[Member]) -> dict[str, object]:
    """Who has it, and what that lets this member do."""
    return {
        "is_mine": view.assignee_id == member.id,
        "is_held": view.assignee_id not in {None, member.id},
        "is_open": view.state is State.OPEN,
        "is_resolved": view.state is State.RESOLVED,
        "is_queued": view.priority is not None,
        "is_safety": view.priority in words.SAFETY,
        "can_reassign": may(member.role, Permission.REASSIGN),
        "colleagues": [
            each for each in staff if each.id != member.id and may(each.role, Permission.ANSWER)
        ],
        "outcomes": [{"key": each.value, "word": words.OUTCOMES[each]} for each in Outcome],
    }


def _subline(facts: Facts, at: Standpoint) -> str:
    view = facts.view
    parts = [words.CHANNELS[view.channel], words.LANGUAGES[view.language]]
    if view.waiting_since:
        waits = times.ago(view.waiting_since, at.now)
        parts.append("wrote just now" if waits == "now" else f"waiting {waits}")
    elif view.state is State.SNOOZED:
        parts.append("snoozed")
    elif view.state is State.BOT:
        parts.append("the assistant answers")
    elif view.state is State.RESOLVED:
        parts.append("resolved")
    return " · ".join(parts)


def _cause(cause: Cause, at: Standpoint) -> CauseView:
    is_safety = cause.reason in SAFETY_REASONS
    title = words.title_of(cause.reason, cause.rule)
    if is_safety and cause.rule:
        title = f"{words.REASONS[cause.reason]}: {title.lower()}"
    since = times.stamp(cause.opened_at, at.now, at.zone)
    return CauseView(title, cause.words, cause.asked, since, is_safety)


def _alarm(view: View, packet: Packet, at: Standpoint) -> Alarm | None:
    cause = next((each for each in packet.causes if each.reason in SAFETY_REASONS), None)
    if cause is None:
        return None
    since = times.stamp(cause.opened_at, at.now, at.zone)
    rule = f"Rule “{words.title_of(cause.reason, cause.rule).lower()}”, " if cause.rule else ""
    told = _TOLD[cause.reason].format(emergency=at.emergency_number)
    is_waiting = view.waiting_since is not None or view.assignee_id is None
    return Alarm(
        title=_cause(cause, at).title,
        words=f"{rule}{since}. {told}",
        opened_at=cause.opened_at,
        due=times.due(cause.opened_at, cause.due_at, at.now) if is_waiting else None,
    )


def _call(number: str | None, member: Member) -> Mapping[str, str] | None:
    """The number to call; only whoever may read the clinical record reads all of it."""
    if number is None:
        return None
    is_full = may(member.role, Permission.READ_CLINICAL)
    return {"number": number, "shown": spoken(number) if is_full else f"•••-{number[-4:]}"}


def spoken(number: str) -> str:
    """A number as people write it: "(212) 555-0101"."""
    if number.startswith("+1") and len(number) == len("+12125550101"):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def _reach(packet: Packet) -> str:
    if packet.channel is Channel.WEB:
        return f"Web chat, in {words.LANGUAGES[packet.language]}"
    consent = words.CONSENTS[packet.consent or ConsentState.UNKNOWN]
    return f"Text {packet.phone}, in {words.LANGUAGES[packet.language]}. {consent}."


def _blocked(view: View, packet: Packet, member: Member) -> str:
    """Why nothing can be sent; empty where something can."""
    if view.assignee_id not in {None, member.id}:
        return f"{view.assignee} has this conversation. You can still leave a private note."
    if packet.consent is ConsentState.OPTED_OUT:
        return (
            "The patient opted out of texts, so nothing can be sent. Call them; they can text"
            " START to get texts again."
        )
    return ""
