"""A form that a patient has filled in, as its page shows it: what was answered, what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from api.console import times
from api.escalations.kinds import EscalationState, Open
from api.intake.answered import Answered, Target
from api.intake.entries import Track
from api.intake.review import Opened
from api.staff.kinds import Member, Permission
from api.staff.service import may

STATUSES: Final = {
    "in-progress": "In progress: {said} of {all} answered. Nothing is sent yet.",
    "completed": "Completed {when}",
    "amended": "Completed, then changed {when}",
    "stopped": "Stopped: {said} of {all} answered. It was never sent.",
}
TARGETS: Final = {
    Target.ALLERGY: ("Allergy", "Add to allergies"),
    Target.MEDICINE: ("Medicine", "Add to medicines"),
    Target.CONDITION: ("Illness or operation", "Add to problems"),
}
"""What it becomes, and the button that makes it so."""
LANGUAGES: Final = {"es": "Answered in Spanish", "en": "Answered in English"}
UNTOLD: Final = "No alert was raised for it here. Call the patient."
UNTAKEN: Final = "Nobody has acknowledged the alert yet."


@dataclass(frozen=True)
class LineView:
    """One question. `number`: of the next entry that is taken from its answer."""

    number: int
    key: str
    intro: tuple[str, ...]
    question: str
    answer: str
    language: str
    none: str
    is_alarm: bool
    noun: str
    button: str
    next: int
    added: list[str]
    looked: str
    may_add: bool
    may_look: bool
    can_be_over: bool


@dataclass(frozen=True)
class Eye:
    """Who looks, when and where. `staff`: names by id."""

    member: Member
    now: datetime
    zone: tzinfo
    staff: Mapping[str, str]


def context(form: Opened, eye: Eye) -> dict[str, object]:
    """What the template of a form needs."""
    alarms = [each for each in form.answers if each.is_alarm]
    return {
        "title": form.title,
        "status": _status(form, eye),
        "language": LANGUAGES.get(form.language, ""),
        "total": f"{form.total.points} · {form.total.band}" if form.total else "",
        "alarms": alarms,
        "acknowledged": _acknowledged(form.alert, eye) if alarms else "",
        "is_taken": form.alert is not None and form.alert.acknowledged_by is not None,
        "lines": [_line(form, each, eye) for each in form.answers],
        "is_withheld": form.is_withheld,
    }


def _status(form: Opened, eye: Eye) -> str:
    when = times.stamp(form.authored_at, eye.now, eye.zone) if form.authored_at else ""
    words = STATUSES.get(form.status, form.status.capitalize())
    return words.format(said=form.said, all=form.asked, when=when).strip()


def _acknowledged(alert: Open | None, eye: Eye) -> str:
    if alert is None:
        return UNTOLD
    if alert.acknowledged_by is None or alert.acknowledged_at is None:
        return "Resolved." if alert.state is EscalationState.RESOLVED else UNTAKEN
    who = eye.staff.get(alert.acknowledged_by, "a colleague")
    return f"Acknowledged by {who}, {times.stamp(alert.acknowledged_at, eye.now, eye.zone)}."


def _line(form: Opened, each: Answered, eye: Eye) -> LineView:
    added, looked = form.added(each.key), form.looked_at(each.key)
    may_act = form.is_sent and may(eye.member.role, Permission.ADD_TO_RECORD)
    noun, button = TARGETS[each.target] if each.target else ("", "")
    return LineView(
        number=each.number,
        key=each.key,
        intro=each.intro,
        question=each.question,
        answer=each.answer,
        language=form.language if each.in_own_words else "",
        none="Skipped"
        if each.is_skipped
        else "Not answered yet"
        if not form.is_sent
        else "No answer",
        is_alarm=each.is_alarm,
        noun=noun,
        button=button,
        next=len(added) + 1,
        added=_told(added, eye),
        looked=f"Looked at by {_by(looked, eye)}" if looked else "",
        may_add=may_act and each.can_be_added,
        may_look=may_act and bool(each.target and each.answer) and not (looked or added),
        can_be_over=each.target is Target.CONDITION,
    )


def _told(added: Sequence[Track], eye: Eye) -> list[str]:
    return [f"{each.text} · added by {_by(each, eye)}" for each in added]


def _by(track: Track, eye: Eye) -> str:
    return f"{track.by}, {times.stamp(track.at, eye.now, eye.zone)}"
