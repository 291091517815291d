"""What a turn leaves behind for the engine: which episode it is in, and how far."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from api.consent.kinds import ConsentState
from api.conversations.decisions import Bot, Decision, DoseReply, Situation
from api.conversations.kinds import Owner
from api.conversations.outcome import Turn, from_replies, say
from api.core.ids import ConversationId, MessageId
from api.core.language import Language
from api.messaging.inbox import Inbound
from api.messaging.kinds import Channel
from api.reminders.kinds import DoseAnswer

NOW = datetime(2027, 3, 8, 12, tzinfo=UTC)
WHERE = ConversationId("conversation")
TURN = Turn(
    inbound=Inbound(MessageId("message"), WHERE, "T", NOW, 1, b"", 0, 0, None),
    situation=Situation(
        text="T",
        channel=Channel.SMS,
        owner=Owner.BOT,
        language=Language.EN,
        consent=ConsentState.OPTED_IN,
        expectations=(),
        unexpected=0,
        repeats=0,
        today=date(2027, 3, 8),
    ),
    decision=Bot(),
    patient=None,
    identity_tries=0,
    phone_is_shared=False,
    identifier=None,
    consent_mark=0,
    sender="conversation:4",
    episode=4,
    episode_turns=0,
    misses=0,
    holding_since=None,
    booking_open=True,
    form=None,
    form_went_on=False,
    again=False,
    token="lease",
    now=NOW,
)


@pytest.mark.parametrize(
    ("decision", "turns"), [(Bot(), 1), (DoseReply("prompt", DoseAnswer.TAKEN), 0)]
)
def test_only_what_the_engine_heard_is_a_turn_of_its_episode(
    decision: Decision, turns: int
) -> None:
    """Before its first turn it is told what is under way; after it, no more."""
    outcome = from_replies((say("dose_taken"),), replace(TURN, decision=decision))
    assert outcome.changes["episode_turns"] == turns
    assert "episode" not in outcome.changes


@pytest.mark.parametrize(
    ("name", "advances"),
    [("medicine_set", True), ("medicine_list", True), ("medicine_stopped", True),
     ("booking_offers", True), ("medicine_to_person", False), ("not_understood", False)],
)  # fmt: skip
def test_reminders_set_up_one_after_the_other_are_no_circle(name: str, *, advances: bool) -> None:
    assert from_replies((say(name),), TURN).advances is advances


def test_medicine_that_was_not_understood_is_a_step_of_a_circle() -> None:
    again = say("medicine_which_name", notice="again")
    assert not from_replies((again,), TURN).advances
