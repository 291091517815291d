"""The transcript as its template shows it: days, messages, notes, and what happened between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import Final

from api.console import times, words
from api.conversations.kinds import Speaker
from api.conversations.timeline import Event, Note, Said, View
from api.escalations.kinds import Outcome

_ICONS: Final = {
    "resolve": "circle-check",
    "snooze": "moon-star",
    "give_back": "bot",
    "hand_over": "hand",
    "overdue": "clock-alert",
    "mail_refused": "mail",
    "opened": "bell",
    "escalate": "bell",
}
_ALARMS: Final = frozenset({"opened", "overdue", "mail_refused"})
_SPEAKERS: Final = {
    Speaker.ASSISTANT: ("bot", "Assistant", "Bot", "bot"),
    Speaker.COORDINATOR: ("ours", "Care team", "", ""),
    Speaker.SYSTEM: ("system", "Careline", "Automatic", "info"),
}
"""Style, name, tag and the tag's icon."""


@dataclass(frozen=True)
class Entry:
    """One thing of the transcript. `kind`: its style."""

    kind: str
    id: str
    at: datetime
    time: str
    text: str
    name: str = ""
    tag: str = ""
    icon: str = ""
    position: int | None = None
    delivery: str = ""
    is_bad: bool = False
    is_alarm: bool = False


@dataclass(frozen=True)
class Day:
    """The entries of one day at the clinic."""

    key: str
    word: str
    entries: list[Entry]


def days(
    view: View, *, who: str, staff: Mapping[str, str], now: datetime, zone: tzinfo
) -> list[Day]:
    """The transcript by days. `who`: the patient, as they are called; `staff`: names by id."""
    shown = _Shown(who, staff, now, zone)
    entries = [shown.entry(each, number) for number, each in enumerate(view.entries)]
    kept = [each for each in entries if each is not None]

    def day_of(entry: Entry) -> date:
        return entry.at.astimezone(zone).date()

    return [
        Day(f"{on:%Y%m%d}", times.day(found[0].at, now, zone), found)
        for on, found in ((on, list(group)) for on, group in groupby(kept, key=day_of))
    ]


def patient_position(view: View) -> int:
    """Where the patient's last message stands."""
    return max(
        (each.position for each in _said(view) if each.speaker is Speaker.PATIENT), default=0
    )


def patient_words_after(view: View, position: int) -> list[str]:
    """What the patient wrote behind a position."""
    return [
        each.text
        for each in _said(view)
        if each.speaker is Speaker.PATIENT and each.position > position
    ]


def _said(view: View) -> Iterable[Said]:
    return (each for each in view.entries if isinstance(each, Said))


@dataclass(frozen=True)
class _Shown:
    who: str
    staff: Mapping[str, str]
    now: datetime
    zone: tzinfo

    def entry(self, item: Said | Note | Event, number: int) -> Entry | None:
        match item:
            case Said():
                return self._said(item)
            case Note():
                return Entry(
                    "note",
                    f"note-{item.id}",
                    item.at,
                    times.clock(item.at, self.zone),
                    item.text,
                    name=item.name,
                    tag="Private note",
                    icon="lock",
                )
            case Event():
                return self._event(item, number)

    def _said(self, said: Said) -> Entry:
        kind, name, tag, icon = "patient", self.who, "", ""
        if said.speaker is not Speaker.PATIENT:
            kind, name, tag, icon = _SPEAKERS[said.speaker]
        delivery, is_bad = self._delivery(said)
        return Entry(
            kind,
            f"said-{said.id}",
            said.at,
            times.clock(said.at, self.zone),
            said.text,
            name=(said.name or name) if kind != "patient" else self.who,
            tag=tag,
            icon=icon,
            position=said.position,
            delivery=delivery,
            is_bad=is_bad,
        )

    def _delivery(self, said: Said) -> tuple[str, bool]:
        if said.delivery is None:
            return "", False
        state, reason = said.delivery.state, said.delivery.reason
        word = words.DELIVERIES[state]
        if state in words.BAD_DELIVERIES and reason in words.NOT_SENT_BECAUSE:
            word = f"{word}: {words.NOT_SENT_BECAUSE[reason]}"
        if state == "held" and said.delivery.until is not None:
            word = f"Goes out {times.stamp(said.delivery.until, self.now, self.zone)}"
        return word, state in words.BAD_DELIVERIES

    def _event(self, event: Event, number: int) -> Entry | None:
        if event.code in words.HIDDEN_EVENTS or event.code not in words.EVENTS:
            return None
        detail = self._detail(event)
        if event.code == "opened" and not detail:
            return None  # the act that called the team is in the transcript itself
        text = words.EVENTS[event.code].format(
            who=event.name or "The assistant", to=detail or "a colleague", detail=detail
        )
        return Entry(
            "event",
            f"event-{number}-{event.code}",
            event.at,
            times.clock(event.at, self.zone),
            text.strip(),
            icon=_ICONS.get(event.code, "history"),
            is_alarm=event.code in _ALARMS,
        )

    def _detail(self, event: Event) -> str:
        detail = event.detail or ""
        match event.code:
            case "resolve" if detail in set(Outcome):
                return words.OUTCOMES[Outcome(detail)].lower()
            case "assign":
                return self.staff.get(detail, "")
            case "snooze":
                if not detail:
                    return "until the patient writes"
                until = datetime.fromisoformat(detail)
                return f"until {times.stamp(until, self.now, self.zone)}"
            case "opened":
                return detail.replace("_", " ")
            case _:
                return ""
