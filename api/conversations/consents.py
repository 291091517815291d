"""Opting in and out: what each word comes to, and the FHIR Consent that follows."""

from datetime import datetime
from typing import assert_never

from api.consent.kinds import ConsentState
from api.consent.service import Act
from api.conversations import safeguards
from api.conversations.decisions import (
    AskOptIn,
    Declined,
    Help,
    OptIn,
    OptOut,
    Silenced,
    WrongNumber,
)
from api.conversations.outcome import Outcome, Turn, say
from api.conversations.questions import expects_of
from api.core.ids import ConversationId
from api.core.language import Language
from api.escalations.kinds import Reason
from api.gateway.projection import Projection
from api.messaging.gate import Purpose
from api.messaging.kinds import ExpectationKind, InboundState
from api.safety.scan import Finding
from integrations.ports.fhir import Resource

CONSENT_SYSTEM = "https://careline.example/consent"
CATEGORY_SYSTEM = "https://careline.example/fhir/CodeSystem/consent-category"
SCOPE_SYSTEM = "http://terminology.hl7.org/CodeSystem/consentscope"
POLICY = "https://careline.example/policies/sms"


type ConsentDecision = OptOut | OptIn | Help | WrongNumber | AskOptIn | Declined | Silenced
_EVERY_KIND = frozenset(ExpectationKind)


def outcome_of(turn: Turn, decision: ConsentDecision) -> Outcome:
    """What a word about consent comes to."""
    match decision:
        case OptOut():
            return _opt_out(decision)
        case OptIn():
            return _opt_in(decision)
        case Help():
            return Outcome(replies=(say("help_text"),), purpose=Purpose.CONSENT, overrides=True)
        case WrongNumber(finding):
            return _wrong_number(finding)
        case AskOptIn(language):
            return _ask(turn, language)
        case Declined():
            return _declined()
        case Silenced():
            return Outcome()
        case _ as never:
            assert_never(never)


def _opt_out(decision: OptOut) -> Outcome:
    """Where the carrier confirms the word by itself, a second confirmation must not follow."""
    outcome = Outcome(
        replies=() if decision.by_carrier else (say("opt_out_confirmed"),),
        purpose=Purpose.CONSENT,
        consent=ConsentState.OPTED_OUT,
        closes=_EVERY_KIND,
        escalates=((Reason.MAY_HAVE_MEANT_VISIT, None) if decision.may_have_meant_visit else None),
        overrides=True,
    )
    return safeguards.alarmed(outcome, decision.finding)


def _opt_in(decision: OptIn) -> Outcome:
    """After a first yes the parked request is answered, and that is the reply.

    After START the carrier confirms by itself; only a word that it does not know needs ours.
    """
    return Outcome(
        consent=ConsentState.OPTED_IN,
        closes=frozenset({ExpectationKind.OPT_IN}),
        releases=True,
        replies=(say("opted_in_again"),) if decision.confirm else (),
        purpose=Purpose.CONSENT,
        overrides=True,
    )


def _ask(turn: Turn, language: Language | None) -> Outcome:
    """Asked before anything else is answered; the message waits for the yes."""
    question = say("opt_in_request")
    return Outcome(
        replies=(question,),
        purpose=Purpose.CONSENT,
        inbound=InboundState.PARKED,
        consent=ConsentState.ASKED,
        expects=expects_of(question, turn.now),
        changes={} if language is None else {"language": language},
    )


def _declined() -> Outcome:
    """One closing line, then silence until they write again."""
    return Outcome(
        replies=(say("opt_in_declined"),),
        purpose=Purpose.CONSENT,
        consent=ConsentState.DECLINED,
        closes=frozenset({ExpectationKind.OPT_IN}),
    )


def _wrong_number(finding: Finding | None) -> Outcome:
    outcome = Outcome(
        replies=(say("wrong_number"),),
        purpose=Purpose.CONSENT,
        consent=ConsentState.OPTED_OUT,
        closes=_EVERY_KIND,
        escalates=(Reason.WRONG_NUMBER, None),
        changes={"patient_id": None, "verified_at": None, "name": None},
        overrides=True,
    )
    return safeguards.alarmed(outcome, finding)


def as_consent(act: Act, *, now: datetime) -> Projection | None:
    """The R4 Consent to be texted; None for an act that neither gives nor withdraws it.

    The exact words stay in our ledger; the resource points at the message that said them.
    """
    if act.patient is None or act.state not in {ConsentState.OPTED_IN, ConsentState.OPTED_OUT}:
        return None
    given = act.state is ConsentState.OPTED_IN
    resource: Resource = {
        "resourceType": "Consent",
        "identifier": [{"system": CONSENT_SYSTEM, "value": key_of(act.conversation)}],
        "status": "active" if given else "inactive",
        "scope": {"coding": [{"system": SCOPE_SYSTEM, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": "sms"}]}],
        "patient": {"reference": f"Patient/{act.patient}"},
        "dateTime": now.isoformat(),
        "policy": [{"uri": POLICY}],
        "sourceReference": {
            "identifier": {"system": "https://careline.example/message", "value": act.evidence}
        },
        "provision": {"type": "permit" if given else "deny"},
    }
    return Projection(key=f"consent/{act.conversation}", resource=resource)


def key_of(conversation: ConversationId) -> str:
    """The identifier of a number's Consent."""
    return f"sms-{conversation}"
