"""What stops the assistant: red flags, a call for a person, going in circles."""

from dataclasses import replace
from typing import assert_never

from api.conversations.decisions import Loop, RedFlag, RedFlagCleared, WantsPerson
from api.conversations.outcome import RED_FLAG_CHECK_LASTS, Outcome, Turn, say
from api.escalations.kinds import Reason
from api.messaging.expectations import Expectation
from api.messaging.gate import Purpose
from api.messaging.kinds import ExpectationKind
from api.safety.scan import Finding, Level

type Safeguard = RedFlag | RedFlagCleared | Loop | WantsPerson
_RED_FLAGS = {
    Level.CRISIS: ("crisis", Reason.CRISIS),
    Level.EMERGENCY: ("emergency", Reason.EMERGENCY),
    Level.URGENT: ("urgent", Reason.URGENT_SYMPTOM),
}


def outcome_of(turn: Turn, decision: Safeguard) -> Outcome:
    """What a safeguard comes to."""
    match decision:
        case RedFlag(finding):
            return _ask_about(turn, finding) if finding.ask else _red_flag(finding)
        case RedFlagCleared():
            return Outcome(
                replies=(say("red_flag_cleared"),),
                purpose=Purpose.SAFETY,
                resolves=True,
                closes=frozenset({ExpectationKind.RED_FLAG_CHECK}),
                overrides=True,
            )
        case WantsPerson():
            return to_person("handoff", Reason.ASKED_FOR_PERSON)
        case Loop():
            return to_person("loop_paused", Reason.LOOP)
        case _ as never:
            assert_never(never)


def _red_flag(finding: Finding) -> Outcome:
    name, reason = _RED_FLAGS[finding.level]
    return Outcome(
        replies=(say(name),),
        purpose=Purpose.SAFETY,
        escalates=(reason, finding.rule),
        closes=frozenset({ExpectationKind.RED_FLAG_CHECK}),
        to_person=True,
        overrides=True,
    )


def _ask_about(turn: Turn, finding: Finding) -> Outcome:
    check = Expectation(
        ExpectationKind.RED_FLAG_CHECK,
        turn.now + RED_FLAG_CHECK_LASTS,
        ref=f"{finding.level}|{finding.rule}",
    )
    return Outcome(
        replies=(say("red_flag_question"),),
        purpose=Purpose.SAFETY,
        expects=(check,),
        # Whoever does not answer may not be able to: a person sees it now, not after a silence.
        escalates=(_RED_FLAGS[finding.level][1], finding.rule),
        overrides=True,
    )


def alarmed(outcome: Outcome, finding: Finding | None) -> Outcome:
    """The same outcome, with the alarm that its words also were: told first, and to a person."""
    if finding is None:
        return outcome
    name, reason = _RED_FLAGS[finding.level]
    return replace(
        outcome,
        replies=(say(name), *outcome.replies),
        escalates=(reason, finding.rule),
        to_person=True,
    )


def to_person(name: str, reason: Reason) -> Outcome:
    """Say so, and let a person have the conversation."""
    return Outcome(
        replies=(say(name),), purpose=Purpose.SAFETY, escalates=(reason, None), to_person=True
    )
