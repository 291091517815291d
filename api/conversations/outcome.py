"""What a turn comes to, before it is recorded: replies, state, consent, who must be told."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from api.consent.kinds import ConsentState
from api.conversations.decisions import Decision, Situation
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.escalations.kinds import Reason
from api.messaging.expectations import Expectation
from api.messaging.gate import Purpose
from api.messaging.inbox import Inbound
from api.messaging.kinds import ExpectationKind, InboundState
from integrations.ports.dialogue import EngineReply

BOOKING_FORM = "booking_form"
SLOT_CHOICE_LASTS = timedelta(minutes=30)
OPT_IN_LASTS = timedelta(days=7)
IDENTITY_LASTS = timedelta(hours=12)
RED_FLAG_CHECK_LASTS = timedelta(hours=12)


@dataclass(frozen=True)
class Turn:
    """One message and all that is known when its turn comes.

    `consent_mark`: the newest act in the number's ledger then.
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
    again: bool
    token: str | None
    now: datetime

    @property
    def conversation(self) -> ConversationId:
        """Whose turn it is."""
        return self.inbound.conversation

    @property
    def language(self) -> Language:
        """The language the conversation is in."""
        return self.situation.language


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
        consent: where the number stands from now on.
        escalates: why a person must look, and the safety rule that says so.
        to_person: the conversation is a person's from now on.
        releases: parked messages go on, each as a new turn.
        resolves: what was escalated in this conversation is settled.
        advances: a booking went on by it, so it is no part of a loop.
        identified: who the patient turned out to be.
        overrides: said also when a person has taken over meanwhile.
    """

    replies: tuple[EngineReply, ...] = ()
    purpose: Purpose = Purpose.REPLY
    inbound: InboundState = InboundState.DONE
    changes: Mapping[str, object] = field(default_factory=dict)
    expects: tuple[Expectation, ...] = ()
    closes: frozenset[ExpectationKind] = frozenset()
    consent: ConsentState | None = None
    escalates: tuple[Reason, str | None] | None = None
    to_person: bool = False
    releases: bool = False
    resolves: bool = False
    advances: bool = False
    identified: PatientId | None = None
    overrides: bool = False

    def with_changes(self, **changes: object) -> "Outcome":
        """The same outcome with more columns to change."""
        return replace(self, changes={**self.changes, **changes})


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
}
# A person answers the matter; the assistant may go on with the rest.
ASSISTANT_STAYS = frozenset({Reason.NOT_SERVED, Reason.ANSWER_EXPIRED, Reason.REFILL})
BOOKING_KINDS = frozenset({ExpectationKind.SLOT_CHOICE, ExpectationKind.HOLD_CONFIRM})
IDENTITY_KINDS = frozenset({ExpectationKind.BIRTH_DATE, ExpectationKind.IDENTIFIER})
TOPIC_DONE = frozenset(
    {"booking_booked", "booking_moved", "booking_kept", "booking_none", "booking_no_times"}
)
MISSES = frozenset({"not_understood"})
REMINDER_QUESTIONS = {
    "dose_prompt": ExpectationKind.DOSE,
    "dose_why": ExpectationKind.DOSE_WHY,
    "visit_prompt": ExpectationKind.VISIT,
    "visit_release": ExpectationKind.VISIT_RELEASE,
}


def from_replies(replies: tuple[EngineReply, ...], turn: Turn) -> Outcome:
    """The outcome of replies by the engine or a service: what each name brings with it."""
    names = [reply.response for reply in replies]
    escalating = next((ESCALATING[name] for name in names if name in ESCALATING), None)
    outcome = Outcome(
        replies=_after_misses(replies, turn),
        changes=_episode(names, turn) | {"misses": _misses(replies, turn), "holding_since": None},
        expects=tuple(each for reply in replies for each in expects_of(reply, turn.now)),
        closes=BOOKING_KINDS if any(name.startswith("booking_") for name in names) else frozenset(),
        advances=any(name.startswith("booking_") for name in names) and not _misses(replies, turn),
    )
    if escalating is None:
        return outcome
    return replace(
        outcome, escalates=(escalating, None), to_person=escalating not in ASSISTANT_STAYS
    )


def expects_of(reply: EngineReply, now: datetime) -> tuple[Expectation, ...]:
    """The open question that a response is, if it is one."""
    match reply.response:
        case "booking_offers":
            offers = reply.arguments.get("offers")
            count = len(offers) if isinstance(offers, list) else 0
            kind = ExpectationKind.SLOT_CHOICE
            return (Expectation(kind, now + SLOT_CHOICE_LASTS, choices=count),)
        case "booking_held":
            until = datetime.fromisoformat(str(reply.arguments["held_until"]))
            lapsed = until <= now  # BOOK competes for the time again
            until = now + SLOT_CHOICE_LASTS if lapsed else until
            return (Expectation(ExpectationKind.HOLD_CONFIRM, until),)
        case "opt_in_request":
            return (Expectation(ExpectationKind.OPT_IN, now + OPT_IN_LASTS),)
        case "identity_ask_identifier" | "identity_no_match_web":
            return (Expectation(ExpectationKind.IDENTIFIER, now + IDENTITY_LASTS),)
        case name if name in REMINDER_QUESTIONS:
            return (_of_reminder(reply, now),)
        case "which_question":
            return (Expectation(ExpectationKind.WHICH, now + SLOT_CHOICE_LASTS),)
        case "identity_ask_birth_date" | "identity_not_a_date" | "identity_no_match":
            return (Expectation(ExpectationKind.BIRTH_DATE, now + IDENTITY_LASTS),)
        case _:
            return ()


def _of_reminder(reply: EngineReply, now: datetime) -> Expectation:
    """What a reminder, or a question about its answer, waits for; it says so itself until when."""
    until = reply.arguments.get("until")
    expires_at = datetime.fromisoformat(str(until)) if until else now + IDENTITY_LASTS
    kind = REMINDER_QUESTIONS[reply.response]
    return Expectation(kind, expires_at, ref=str(reply.arguments["prompt"]))


def _episode(names: list[str], turn: Turn) -> dict[str, object]:
    """An episode ends with its topic, or after ten turns without an open form."""
    turns = turn.episode_turns + 1
    if TOPIC_DONE.intersection(names) and turn.phone_is_shared:
        # The next request may be another's: mother and child write from one phone.
        return {"episode": turn.episode + 1, "episode_turns": 0, "verified_at": None}
    if TOPIC_DONE.intersection(names) or (turns >= 10 and not turn.booking_open):
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
    if replies[-1].response in MISSES:
        return (*replies[:-1], say("not_understood_twice"))
    return (say("person_hint"), *replies)
