"""What a turn comes to, before it is recorded: replies, state, consent, who must be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from api.consent.kinds import ConsentState
from api.conversations.decisions import Bot, Decision, Situation
from api.conversations.proof import NO_PROOF, Proof
from api.conversations.questions import expects_of
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.escalations.kinds import Reason
from api.gateway.access import Assurance
from api.intake.service import OpenForm
from api.messaging.expectations import Expectation
from api.messaging.gate import Purpose
from api.messaging.inbox import Inbound
from api.messaging.kinds import ExpectationKind, InboundState
from integrations.ports.dialogue import EngineReply

RED_FLAG_CHECK_LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class Turn:
    """One message and all that is known when its turn comes.

    `consent_mark`: the newest act in the number's ledger then. `form_went_on`: the form was
    answered by a message that came after this one, while this one waited for the engine.
    `again`: it may have been put to the engine before. `token`: the fence of the lease; None for
    what overtakes a turn under way.
    """

    inbound: Inbound
    situation: Situation
    decision: Decision
    patient: PatientId | None
    identity_tries: int
    phone_is_shared: bool
    identifier: str | None
    consent_mark: int
    sender: str
    episode: int
    episode_turns: int
    misses: int
    holding_since: datetime | None
    booking_open: bool
    form: OpenForm | None
    form_went_on: bool
    again: bool
    token: str | None
    now: datetime
    proof: Proof = NO_PROOF

    @property
    def conversation(self) -> ConversationId:
        """Whose turn it is."""
        return self.inbound.conversation

    @property
    def language(self) -> Language:
        """The language the conversation is in."""
        return self.situation.language

    @property
    def level(self) -> Assurance:
        """How sure it is that the patient is who they say."""
        return self.proof.level


@dataclass(frozen=True)
class CodeText:
    """A one-time code to be texted to the number on file, whoever the number is shared with."""

    number: str = field(repr=False)
    digits: str = field(repr=False)
    patient: PatientId


@dataclass(frozen=True)
class Outcome:
    """What is to be written, all of it in one commit.

    Attributes:
        replies: said as one message, in this order.
        purpose: which rules of the send gate apply.
        inbound: what becomes of the message that came in.
        changes: columns of the conversation's row.
        expects: open questions to register with the reply.
        closes: kinds of open questions that are settled by this.
        answers: prompts whose own open questions are; those of others stay.
        consent: where the number stands from now on.
        escalates: why a person must look, and the safety rule that says so.
        to_person: the conversation is a person's from now on.
        releases: parked messages go on, each as a new turn.
        resolves: what was escalated in this conversation is settled.
        advances: a booking, a form or a reminder went on by it, so it is no part of a loop.
        identified: who the patient turned out to be.
        about: whom our question was about; it needs no proof of who answers it.
        overrides: said also when a person has taken over meanwhile.
        texts: a one-time code that goes to a phone, beside the reply.
        drops: parked messages are not answered any more.
        audits: tags of acts to be recorded as the patient's.
    """

    replies: tuple[EngineReply, ...] = ()
    purpose: Purpose = Purpose.REPLY
    inbound: InboundState = InboundState.DONE
    changes: Mapping[str, object] = field(default_factory=dict)
    expects: tuple[Expectation, ...] = ()
    closes: frozenset[ExpectationKind] = frozenset()
    answers: frozenset[str] = frozenset()
    consent: ConsentState | None = None
    escalates: tuple[Reason, str | None] | None = None
    to_person: bool = False
    releases: bool = False
    resolves: bool = False
    advances: bool = False
    identified: PatientId | None = None
    about: PatientId | None = None
    overrides: bool = False
    texts: CodeText | None = None
    drops: bool = False
    audits: tuple[str, ...] = ()

    def with_changes(self, **changes: object) -> "Outcome":
        """The same outcome with more columns to change."""
        return replace(self, changes={**self.changes, **changes})


def in_language(turn: Turn, language: Language) -> Turn:
    """The same turn of somebody who now speaks that language."""
    return replace(turn, situation=replace(turn.situation, language=language))


def say(name: str, **arguments: object) -> EngineReply:
    """A reply of our own making."""
    return EngineReply(name, arguments)


# Responses that hand the conversation, or at least the matter, to a person.
ESCALATING: Mapping[str, Reason] = {
    "handoff": Reason.ASKED_FOR_PERSON,
    "clinical_question": Reason.CLINICAL_QUESTION,
    "not_served": Reason.NOT_SERVED,
    "medicine_to_person": Reason.NOT_SERVED,
    "booking_no_times": Reason.NO_FREE_TIME,
    "identity_to_person": Reason.IDENTITY_FAILED,
    "faq_expired": Reason.ANSWER_EXPIRED,
    "dose_skipped_ran_out": Reason.REFILL,
    "dose_skipped_side_effect": Reason.SIDE_EFFECT,
    "form_to_person": Reason.NOT_SERVED,
    "crisis": Reason.CRISIS,
}
# A person answers the matter; the assistant may go on with the rest.
ASSISTANT_STAYS = frozenset({Reason.NOT_SERVED, Reason.ANSWER_EXPIRED, Reason.REFILL})
BOOKING_KINDS = frozenset({ExpectationKind.SLOT_CHOICE, ExpectationKind.HOLD_CONFIRM})
FORM_KINDS = frozenset(
    {ExpectationKind.FORM, ExpectationKind.FORM_OFFER, ExpectationKind.FORM_WHICH}
)
MEDICINE_KINDS = frozenset({ExpectationKind.MEDICINE, ExpectationKind.MEDICINE_NAMES})
IDENTITY_KINDS = frozenset({ExpectationKind.BIRTH_DATE, ExpectationKind.IDENTIFIER})
CODE_KINDS = frozenset({ExpectationKind.CODE_OFFER, ExpectationKind.CODE})
# What is asked to know who it is: a person who takes over asks it in their own way.
WHO_KINDS = IDENTITY_KINDS | CODE_KINDS
TOPIC_DONE = frozenset(
    {
        *("booking_booked", "booking_moved", "booking_kept", "booking_none", "booking_no_times"),
        *("form_done", "form_kept", "form_paused"),
    }
)
MISSES = frozenset({"not_understood"})
NOTHING_MADE_OF_IT = frozenset({"nothing_open", "not_understood", "out_of_scope"})


# A topic has one open question: what is said of it closes the one before.
_KINDS = {"booking": BOOKING_KINDS, "form": FORM_KINDS, "medicine": MEDICINE_KINDS}
# Three reminders that are set up one after the other are no circle.
_ADVANCING = frozenset({"booking", "form", "medicine"})
_STANDS_STILL = frozenset({"medicine_to_person", "medicine_none"})


def from_replies(replies: tuple[EngineReply, ...], turn: Turn) -> Outcome:
    """The outcome of replies by the engine or a service: what each name brings with it."""
    names = [reply.response for reply in replies]
    escalating = next((ESCALATING[name] for name in names if name in ESCALATING), None)
    outcome = Outcome(
        replies=_after_misses(replies, turn),
        changes=_episode(names, turn) | {"misses": _misses(replies, turn), "holding_since": None},
        expects=tuple(each for reply in replies for each in expects_of(reply, turn.now)),
        closes=frozenset().union(*(_KINDS.get(_topic(name), ()) for name in names)),
        answers=_answered(replies),
        advances=_goes_on(names) and not _misses(replies, turn),
    )
    if escalating is None:
        return outcome
    if escalating is Reason.CRISIS:
        return _crisis(outcome)
    return replace(
        outcome, escalates=(escalating, None), to_person=escalating not in ASSISTANT_STAYS
    )


def _topic(name: str) -> str:
    return name.partition("_")[0]


def _goes_on(names: list[str]) -> bool:
    return any(_topic(name) in _ADVANCING and name not in _STANDS_STILL for name in names)


def _answered(replies: tuple[EngineReply, ...]) -> frozenset[str]:
    """The prompts that were answered, by a letter or in free words."""
    said = (reply for reply in replies if reply.response.startswith(("dose_", "visit_")))
    return frozenset(
        str(reply.arguments["prompt"]) for reply in said if "prompt" in reply.arguments
    )


def _crisis(outcome: Outcome) -> Outcome:
    """An answer that alarms is a red flag, whichever way it came: its text alone, and a person."""
    (alarm,) = (each for each in outcome.replies if each.response == "crisis")
    return replace(
        outcome,
        replies=(EngineReply(alarm.response),),
        purpose=Purpose.SAFETY,
        escalates=(Reason.CRISIS, str(alarm.arguments["rule"])),
        to_person=True,
        overrides=True,
    )


def _episode(names: list[str], turn: Turn) -> dict[str, object]:
    """An episode ends with its topic, or after ten turns of the engine's without an open form.

    What the engine never heard is no turn of its own: what is under way is still to be told it.
    """
    turns = turn.episode_turns + isinstance(turn.decision, Bot)
    is_amid = turn.booking_open or turn.form is not None
    if TOPIC_DONE.intersection(names) and turn.phone_is_shared:
        # The next request may be another's: mother and child write from one phone.
        return {"episode": turn.episode + 1, "episode_turns": 0, "verified_at": None}
    if TOPIC_DONE.intersection(names) or (turns >= 10 and not is_amid):
        return {"episode": turn.episode + 1, "episode_turns": 0}
    return {"episode_turns": turns}


def _is_miss(reply: EngineReply) -> bool:
    return reply.response in MISSES or reply.arguments.get("notice") == "again"


def _misses(replies: tuple[EngineReply, ...], turn: Turn) -> int:
    return turn.misses + 1 if any(_is_miss(reply) for reply in replies) else 0


def _after_misses(replies: tuple[EngineReply, ...], turn: Turn) -> tuple[EngineReply, ...]:
    """From the second miss in a row on, a person is offered."""
    if _misses(replies, turn) < 2:
        return replies
    missed = next((each for each in replies if each.response.startswith("form_miss_")), None)
    if missed is not None:
        stuck = say("form_stuck", required=missed.arguments["required"])
        return (*replies[:-1], stuck, replies[-1])
    if replies[-1].response in MISSES:
        return (*replies[:-1], say("not_understood_twice"))
    return (say("person_hint"), *replies)
