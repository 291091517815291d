"""A form that a patient has filled in, as its page shows it: what was answered, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from api.console import times
from api.escalations.kinds import EscalationState, Open
from api.intake.answered import Answered, Target
from api.intake.corrections import Correction
from api.intake.entries import Track
from api.intake.review import Opened
from api.staff.kinds import Member, Permission
from api.staff.service import may

STATUSES: Final = {
    "in-progress": "In progress: {said} of {all} answered. Nothing is sent yet.",
    "completed": "Completed {when}",
    "amended": "Completed {first}. Corrected by the patient {when}.",
    "stopped": "Stopped: {said} of {all} answered. It was never sent.",
}
TARGETS: Final = {
    Target.ALLERGY: ("Allergy", "Add to allergies"),
    Target.MEDICINE: ("Medicine", "Add to medicines"),
    Target.CONDITION: ("Illness or operation", "Add to problems"),
}
"""What it becomes, and the button that makes it so."""
LANGUAGES: Final = {"es": "Answered in Spanish", "en": "Answered in English"}
AT_IT: Final = (
    "The patient has begun to correct it and has not sent it again."
    " What they have changed is here already."
)
NOTHING: Final = "no answer"
UNTOLD: Final = "No alert was raised for it here. Call the patient."
UNTAKEN: Final = "Nobody has acknowledged the alert yet."


@dataclass(frozen=True)
class CorrectionView:
    """An answer that the patient has changed. `number`: empty where it is not asked any more."""

    number: str
    question: str
    was: str
    now: str
    when: str


@dataclass(frozen=True)
class DoneView:
    """What staff did with an answer. `was`, `now`: of the answer, where it has changed since."""

    text: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True)
class LineView:
    """One question. `next`: the number of the next entry that is taken from its answer.

    `was`: what the patient had said before, with when they changed it; `suggested`: what stands
    in the box for the entry.
    """

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
    added: list[DoneView]
    looked: str
    was: str
    suggested: str
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
    former = [each for each in form.corrections if each.before and each.before.is_alarm]
    told = bool(alarms or former)
    return {
        "title": form.title,
        "status": _status(form, eye),
        "language": LANGUAGES.get(form.language, ""),
        "total": f"{form.total.points} · {form.total.band}" if form.total else "",
        "alarms": alarms,
        "former_alarms": [_correction(each, eye) for each in former if not _is_alarm(each)],
        "acknowledged": _acknowledged(form.alert, eye) if told else "",
        "is_taken": form.alert is not None and form.alert.acknowledged_by is not None,
        "lines": [_line(form, each, eye) for each in form.answers],
        "is_withheld": form.is_withheld,
        "corrections": [_correction(each, eye) for each in form.corrections],
        "at_it": AT_IT if form.is_at_it else "",
        "version": form.version,
    }


def _status(form: Opened, eye: Eye) -> str:
    when = times.stamp(form.authored_at, eye.now, eye.zone) if form.authored_at else ""
    first = times.stamp(form.sent[0].at, eye.now, eye.zone) if form.sent else ""
    words = STATUSES.get(form.status, form.status.capitalize())
    return words.format(said=form.said, all=form.asked, when=when, first=first).strip()


def _correction(each: Correction, eye: Eye) -> CorrectionView:
    asked = each.after or each.before
    return CorrectionView(
        number=str(each.after.number) if each.after else "",
        question=asked.question if asked else "",
        was=each.was or NOTHING,
        now=each.now or NOTHING,
        when=times.stamp(each.at, eye.now, eye.zone),
    )


def _is_alarm(each: Correction) -> bool:
    return each.after is not None and each.after.is_alarm


def _acknowledged(alert: Open | None, eye: Eye) -> str:
    if alert is None:
        return UNTOLD
    if alert.acknowledged_by is None or alert.acknowledged_at is None:
        return "Resolved." if alert.state is EscalationState.RESOLVED else UNTAKEN
    who = eye.staff.get(alert.acknowledged_by, "a colleague")
    return f"Acknowledged by {who}, {times.stamp(alert.acknowledged_at, eye.now, eye.zone)}."


def _line(form: Opened, each: Answered, eye: Eye) -> LineView:
    tracks, looked = form.added(each.key), form.looked_at(each.key)
    added = [_done(form, track, eye) for track in tracks]
    # What was taken from it is of another answer, or nothing was: there is something to do.
    is_fresh = all(track.now for track in added)
    corrected = form.correction(each.key)
    may_act = form.is_sent and may(eye.member.role, Permission.ADD_TO_RECORD)
    noun, button = TARGETS[each.target] if each.target else ("", "")
    return LineView(
        number=each.number,
        key=each.key,
        intro=each.intro,
        question=each.question,
        answer=each.answer,
        language=form.language if each.in_own_words else "",
        none=_none(form, each),
        is_alarm=each.is_alarm,
        noun=noun,
        button=button,
        next=len(added) + 1,
        added=added,
        looked=f"Looked at by {_by(looked, eye)}" if looked else "",
        was=_was(_correction(corrected, eye)) if corrected else "",
        suggested=each.answer if is_fresh else "",
        may_add=may_act and each.can_be_added,
        may_look=may_act and bool(each.target and each.answer) and is_fresh and not looked,
        can_be_over=each.target is Target.CONDITION,
    )


def _none(form: Opened, each: Answered) -> str:
    if each.is_skipped:
        return "Skipped"
    return "No answer" if form.is_sent else "Not answered yet"


def _done(form: Opened, track: Track, eye: Eye) -> DoneView:
    """What was added, and what the answer was then where it is another one now."""
    text, changed = f"{track.text} · added by {_by(track, eye)}", form.changed_since(track)
    return (
        DoneView(text, changed.was or NOTHING, changed.now or NOTHING)
        if changed
        else DoneView(text)
    )


def _was(changed: CorrectionView) -> str:
    return f"Before: {changed.was} (corrected {changed.when})"


def _by(track: Track, eye: Eye) -> str:
    return f"{track.by}, {times.stamp(track.at, eye.now, eye.zone)}"
