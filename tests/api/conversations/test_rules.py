"""The states of a conversation, as a table and as what holds for every way through it."""

import random

import pytest

from api.conversations.kinds import Act, Owner, State
from api.conversations.rules import next_state, owner_in

B, P, S, R, NO = State.BOT, State.OPEN, State.SNOOZED, State.RESOLVED, None
TABLE = {
    #                    bot open snoozed resolved
    Act.CLAIM:          (P, P, P, P),
    Act.REPLY:          (P, P, P, P),
    Act.ASSIGN:         (P, P, P, P),
    Act.HAND_OVER:      (P, P, P, P),
    Act.RELEASE:        (NO, P, S, NO),
    Act.RESOLVE:        (B, R, R, R),
    Act.REOPEN:         (B, P, NO, P),
    Act.SNOOZE:         (NO, S, S, NO),
    Act.WAKE:           (NO, NO, P, NO),
    Act.GIVE_BACK:      (B, B, B, B),
    Act.ESCALATE:       (B, P, P, B),
    Act.PATIENT_WROTE:  (B, P, P, B),
    Act.NOTE:           (NO, NO, NO, NO),
    Act.ACKNOWLEDGE:    (NO, NO, NO, NO),
}  # fmt: skip
NEVER_REFUSED = frozenset({Act.PATIENT_WROTE, Act.ESCALATE, Act.HAND_OVER})


@pytest.mark.parametrize("act", Act)
def test_every_act_leads_where_the_table_says(act: Act) -> None:
    assert tuple(next_state(state, act) for state in (B, P, S, R)) == TABLE[act]


def test_what_patients_and_alarms_do_is_never_refused_and_never_sleeps() -> None:
    for act in NEVER_REFUSED:
        for state in State:
            reached = next_state(state, act)
            assert reached in {State.BOT, State.OPEN}


@pytest.mark.parametrize("seed", range(50))
def test_no_way_through_the_states_silences_everybody(seed: int) -> None:
    dice, state = random.Random(seed), State.BOT
    for _ in range(200):
        act = dice.choice(list(Act))
        before, state = state, next_state(state, act) or state
        if state is not before:
            assert (owner_in(state) is Owner.HUMAN) == (state in {State.OPEN, State.SNOOZED})
        # Only people take a conversation from the assistant, or the assistant hands it over.
        taken = owner_in(before) is Owner.BOT and owner_in(state) is Owner.HUMAN
        assert not taken or act in {
            Act.CLAIM, Act.REPLY, Act.ASSIGN, Act.HAND_OVER, Act.REOPEN,
        }  # fmt: skip
        # And only people let it go.
        let_go = owner_in(before) is Owner.HUMAN and owner_in(state) is Owner.BOT
        assert not let_go or act in {Act.RESOLVE, Act.GIVE_BACK}
