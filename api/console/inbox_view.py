"""The inbox as its template shows it: rows, views with their counts, what an empty list says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from api.console import times, words
from api.console.times import Due
from api.conversations.kinds import State
from api.conversations.queue import MOST_COUNTED, Row, View
from api.core.ids import ConversationId
from api.escalations.kinds import Priority
from api.staff.kinds import StaffId

UNKNOWN: Final = "Not identified"
RANKS: Final = tuple(Priority)
EMPTY: Final = {
    View.ALL: "Nobody needs a person right now.",
    View.MINE: "You have no conversation. Take one from Unassigned.",
    View.UNASSIGNED: "Everybody who waits has somebody.",
    View.SNOOZED: "Nothing is snoozed.",
}


@dataclass(frozen=True)
class RowView:
    """A row as it is shown.

    Attributes:
        unknown: what stands for the name of somebody not identified.
        order: rows are sorted by it, as text.
    """

    id: ConversationId
    name: str | None
    unknown: str
    title: str
    last: str | None
    priority: str
    style: str
    icon: str
    is_urgent: bool
    due: Due | None
    snoozed: str | None
    opened_at: datetime
    ago: str
    channel: str
    language: str
    language_word: str
    unread: int
    assignee: str | None
    is_mine: bool
    order: str


@dataclass(frozen=True)
class ViewTab:
    """A view's tab."""

    key: str
    word: str
    count: str


@dataclass(frozen=True)
class Shown:
    """To whom rows are shown, when and where, with the numbers of those not identified."""

    member: StaffId
    now: datetime
    zone: tzinfo
    numbers: Mapping[ConversationId, str]


def row_view(row: Row, at: Shown) -> RowView:
    """A row as it is shown then and there."""
    member, now, zone = at.member, at.now, at.zone
    word, style, icon = words.PRIORITIES[row.priority]
    is_due = row.waiting_since is not None or row.assignee_id is None
    is_snoozed = row.state is State.SNOOZED
    return RowView(
        id=row.conversation,
        name=row.name,
        unknown=" · ".join(filter(None, (UNKNOWN, at.numbers.get(row.conversation)))),
        title=words.title_of(row.reason),
        last=row.last,
        priority=word,
        style=style,
        icon=icon,
        is_urgent=row.priority is Priority.STAT,
        due=times.due(row.opened_at, row.due_at, now) if is_due and not is_snoozed else None,
        snoozed=_snoozed(row, now, zone) if is_snoozed else None,
        opened_at=row.opened_at,
        ago=times.ago(row.opened_at, now),
        channel=words.CHANNELS[row.channel],
        language=row.language,
        language_word=words.LANGUAGES[row.language],
        unread=row.unread,
        assignee=row.assignee,
        is_mine=row.assignee_id == member,
        order=order_of(row),
    )


def order_of(row: Row) -> str:
    """The queue's order as text that sorts the same way."""
    due = row.due_at.astimezone(UTC)
    return f"{RANKS.index(row.priority)} {due:%Y-%m-%dT%H:%M:%S.%f} {row.conversation}"


def belongs(row: Row | None, view: View, member: StaffId) -> bool:
    """Whether a row is shown in that view."""
    if row is None:
        return False
    is_snoozed = row.state is State.SNOOZED
    match view:
        case View.ALL:
            return not is_snoozed
        case View.MINE:
            return not is_snoozed and row.assignee_id == member
        case View.UNASSIGNED:
            return not is_snoozed and row.assignee_id is None
        case View.SNOOZED:
            return is_snoozed


def tabs(counts: Mapping[View, int]) -> list[ViewTab]:
    """The views with how many each has."""
    return [ViewTab(each.value, word, counted(counts[each])) for each, word in words.VIEWS.items()]


def counted(count: int) -> str:
    """A count, which goes only so far."""
    return f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)


def _snoozed(row: Row, now: datetime, zone: tzinfo) -> str:
    if row.snoozed_until is None:
        return "until they write"
    return f"until {times.stamp(row.snoozed_until, now, zone)}"
