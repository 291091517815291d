"""From one state of a conversation to the next. Pure.

People own it while it is open or snoozed; the assistant answers otherwise. Whoever asks for
something that makes no sense in a state is refused, never half obeyed.
"""

from collections.abc import Mapping

from api.conversations.kinds import Act, Owner, State

_TO_PEOPLE: Mapping[Act, State] = {
    Act.CLAIM: State.OPEN,
    Act.REPLY: State.OPEN,
    Act.ASSIGN: State.OPEN,
    Act.HAND_OVER: State.OPEN,
}
# A missing act is one that is refused in that state.
_NEXT: Mapping[State, Mapping[Act, State]] = {
    State.BOT: {
        **_TO_PEOPLE,
        # What was escalated there is settled, or not yet after all; the assistant goes on.
        Act.RESOLVE: State.BOT,
        Act.REOPEN: State.BOT,
        Act.GIVE_BACK: State.BOT,
        Act.ESCALATE: State.BOT,
        Act.PATIENT_WROTE: State.BOT,
    },
    State.OPEN: {
        **_TO_PEOPLE,
        Act.REOPEN: State.OPEN,
        Act.RELEASE: State.OPEN,
        Act.RESOLVE: State.RESOLVED,
        Act.SNOOZE: State.SNOOZED,
        Act.GIVE_BACK: State.BOT,
        Act.ESCALATE: State.OPEN,
        Act.PATIENT_WROTE: State.OPEN,
    },
    State.SNOOZED: {
        **_TO_PEOPLE,
        Act.RELEASE: State.SNOOZED,
        Act.RESOLVE: State.RESOLVED,
        Act.SNOOZE: State.SNOOZED,
        Act.WAKE: State.OPEN,
        Act.GIVE_BACK: State.BOT,
        # What is new does not sleep with what was put off.
        Act.ESCALATE: State.OPEN,
        Act.PATIENT_WROTE: State.OPEN,
    },
    State.RESOLVED: {
        **_TO_PEOPLE,
        Act.RESOLVE: State.RESOLVED,
        Act.REOPEN: State.OPEN,
        Act.GIVE_BACK: State.BOT,
        # The assistant answers first; people see it again when there is a reason to.
        Act.ESCALATE: State.BOT,
        Act.PATIENT_WROTE: State.BOT,
    },
}


def next_state(state: State, act: Act) -> State | None:
    """The state after an act; None where the act is refused."""
    return _NEXT[state].get(act)


def owner_in(state: State) -> Owner:
    """Who answers the patient in a state."""
    return Owner.HUMAN if state in {State.OPEN, State.SNOOZED} else Owner.BOT
