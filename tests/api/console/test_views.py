"""What the pages are given: every code has a word, every row a place."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import pytest

from api.consent.kinds import ConsentState
from api.console import inbox_view, words
from api.console.inbox_view import Shown
from api.conversations.kinds import Act, State
from api.conversations.packet import Verification
from api.conversations.queue import Row, View
from api.core.ids import ConversationId
from api.core.language import Language
from api.escalations.kinds import EventKind, Outcome, Priority, Reason
from api.intake import steps
from api.messaging.gate import Refusal
from api.messaging.kinds import Channel, ExpectationKind, OutboundState
from api.people.chart import CardKind, Flag, Trend
from api.staff.kinds import StaffId

NOW = datetime(2026, 11, 25, 14, tzinfo=UTC)
ME, OTHER = StaffId("me"), StaffId("other")
ROW = Row(
    conversation=ConversationId("c1"),
    patient=None,
    name=None,
    channel=Channel.SMS,
    language=Language.EN,
    state=State.OPEN,
    reason=Reason.ASKED_FOR_PERSON,
    priority=Priority.ROUTINE,
    opened_at=NOW - timedelta(minutes=5),
    due_at=NOW + timedelta(hours=4),
    waiting_since=NOW,
    snoozed_until=None,
    unread=1,
    assignee_id=None,
    assignee=None,
    last="hello",
    position=1,
    version=1,
)
SHOWN = Shown(ME, NOW, UTC, {ConversationId("c1"): "•••-0106"})


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (Reason, words.REASONS),
        (Priority, words.PRIORITIES),
        (Outcome, words.OUTCOMES),
        (Channel, words.CHANNELS),
        (ConsentState, words.CONSENTS),
        (Verification, words.VERIFICATIONS),
        (OutboundState, words.DELIVERIES),
        (CardKind, words.CARDS),
        (Flag, words.FLAGS),
        (Trend, words.TRENDS),
        (View, words.VIEWS),
        (Language, words.LANGUAGES),
        (ExpectationKind, words.WAITS_FOR),
        (Refusal, words.NOT_SENT_BECAUSE),
    ],
)
def test_every_code_has_a_word(codes: type[StrEnum], said: Mapping[str, object]) -> None:
    assert set(codes) == set(said)


def test_every_act_and_step_is_told_or_hidden_on_purpose() -> None:
    told = words.EVENTS.keys() | words.HIDDEN_EVENTS
    # What people do to an escalation is told by what they do to its conversation.
    by_acts = {"acknowledged", "assigned", "released", "waiting", "reopened", "resolved"}
    assert {*Act, *EventKind} - told == by_acts


def test_rule_of_a_form_is_told_in_words() -> None:
    told = words.title_of(Reason.CRISIS, str(steps.CRISIS.arguments["rule"]))
    assert told == "Self-harm, answered above zero in a form"
    assert words.title_of(Reason.CRISIS, "self_harm") == "Self harm"


def test_order_is_the_queues() -> None:
    later = replace(ROW, due_at=ROW.due_at + timedelta(microseconds=1))
    urgent = replace(later, priority=Priority.STAT)
    other = replace(ROW, conversation=ConversationId("c2"))
    rows = sorted([other, later, urgent, ROW], key=inbox_view.order_of)
    assert rows == [urgent, ROW, other, later]


@pytest.mark.parametrize(
    ("row", "views"),
    [
        (None, set()),
        (ROW, {View.ALL, View.UNASSIGNED}),
        (replace(ROW, assignee_id=ME), {View.ALL, View.MINE}),
        (replace(ROW, assignee_id=OTHER), {View.ALL}),
        (replace(ROW, assignee_id=ME, state=State.SNOOZED), {View.SNOOZED}),
    ],
)
def test_row_is_in_the_views_that_it_belongs_to(row: Row | None, views: set[View]) -> None:
    assert {view for view in View if inbox_view.belongs(row, view, ME)} == views


def test_texter_nobody_has_identified_is_told_by_the_end_of_the_number() -> None:
    assert inbox_view.row_view(ROW, SHOWN).unknown == "Not identified · •••-0106"
    web = replace(ROW, conversation=ConversationId("c3"))
    assert inbox_view.row_view(web, SHOWN).unknown == "Not identified"


def test_deadline_is_shown_only_while_somebody_waits() -> None:
    assert inbox_view.row_view(ROW, SHOWN).due is not None
    answered = replace(ROW, waiting_since=None, assignee_id=ME, assignee="Dana Reed, RN")
    assert inbox_view.row_view(answered, SHOWN).due is None
    put_off = replace(answered, state=State.SNOOZED)
    assert inbox_view.row_view(put_off, SHOWN).snoozed == "until they write"


@pytest.mark.parametrize(
    ("name", "sign"), [("Dana Reed, RN", "DR"), ("Cher", "C"), (None, "?"), ("••• 0102", "?")]
)
def test_initials_are_of_letters(name: str | None, sign: str) -> None:
    assert words.initials(name) == sign
