"""The one-time code: in the web chat it opens what number and birth date do not, the record.

It is texted to the number on file because the patient asks for it. What they wanted stays parked
until the code is there, so nothing has to be said twice.
"""

from dataclasses import dataclass, replace
from typing import Final

from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations import code_limits, identity, proof
from api.conversations.decisions import CodeReply, CodeWish
from api.conversations.line import Line
from api.conversations.outcome import CODE_KINDS, CodeText, Outcome, Turn, say
from api.conversations.questions import expects_of
from api.conversations.verification import forgotten, no_code
from api.core.clock import real_now
from api.core.ids import PatientId
from api.escalations.kinds import Reason
from api.gateway.access import Assurance, opens_record
from api.messaging.kinds import InboundState
from api.people import service as people
from integrations.ports.dialogue import EngineReply

# Who said no to our texts, or ended them, is not texted because somebody in a chat asks.
OFF: Final = frozenset({ConsentState.OPTED_OUT, ConsentState.DECLINED})
SHOWN_DIGITS: Final = 2


@dataclass(frozen=True)
class _Phone:
    """The number on file, and whether it may be texted."""

    number: str
    is_off: bool

    @property
    def ends(self) -> str:
        """All of the number that is ever shown."""
        return self.number[-SHOWN_DIGITS:]


def may_read_record(turn: Turn) -> bool:
    """Whether this turn may read the record: its patient is known, and as surely as it takes."""
    return turn.patient is not None and opens_record(turn.situation.channel, turn.level)


async def ask_for_code(line: Line, turn: Turn) -> Outcome:
    """Park the message and offer a code; it is answered once the code is there.

    Nobody known: who it is comes first. A code that is on its way is asked for, not sent again.

    Raises:
        PortError: the record is away, so that the number on file is not known.
    """
    if turn.patient is None:
        return identity.ask_who(turn)
    phone = await _phone_of(line, turn.patient)
    if phone is None or phone.is_off:
        return _cannot_text(turn, phone)
    is_sent = proof.holds(turn.proof.code, real_now())
    question = _question(turn, say("code_ask" if is_sent else "code_offer", ends=phone.ends))
    # What the engine's tracker holds of the refused turn must not colour the second try.
    return replace(question, inbound=InboundState.PARKED).with_changes(
        episode=turn.episode + 1, episode_turns=0
    )


async def outcome_of(line: Line, turn: Turn, decision: CodeWish | CodeReply) -> Outcome:
    """What an answer to one of our questions about a code comes to."""
    if turn.patient is None:  # it has lapsed; what they wanted stays parked
        return identity.ask_anew(turn)
    if isinstance(decision, CodeReply):
        return await _typed(line, turn, turn.patient, decision.digits)
    if decision.yes:
        return await _send(line, turn, turn.patient)
    return Outcome(
        replies=(say("code_declined"),), closes=CODE_KINDS, drops=True, changes=no_code()
    )


async def _send(line: Line, turn: Turn, patient: PatientId) -> Outcome:
    """Text a fresh code; one that was sent before is void."""
    phone = await _phone_of(line, patient)
    if phone is None or phone.is_off:
        return _cannot_text(turn, phone)
    now = real_now()
    async with line.database.transaction() as session:
        may_send = await code_limits.reserve(
            session, turn.conversation, patient, turn=turn.inbound.turn, now=now
        )
    if not may_send:
        return _to_person()
    digits = proof.new_digits()
    sent = replace(
        _question(turn, say("code_sent", ends=phone.ends)),
        texts=CodeText(phone.number, digits, patient),
    )
    return sent.with_changes(
        code_lookup=proof.lookup_of(line.keyring, turn.conversation, patient, digits),
        code_expires_at=now + proof.LASTS,
        code_tries_left=proof.TRIES,
    )


async def _typed(line: Line, turn: Turn, patient: PatientId, digits: str) -> Outcome:
    code = turn.proof.code
    if code is None or not proof.holds(code, real_now()):
        return await _failed(line, turn, patient)
    typed = proof.lookup_of(line.keyring, turn.conversation, patient, digits)
    if proof.is_right(code, typed):
        return _proven()
    if len(digits) != proof.DIGITS:  # cannot be one, so it costs no try
        return _question(turn, say("code_wrong", ends=_ends(turn)))
    if code.tries_left <= 1:
        return await _failed(line, turn, patient)
    wrong = replace(
        _question(turn, say("code_wrong", ends=_ends(turn))), audits=("identity:code:refuse",)
    )
    return wrong.with_changes(code_tries_left=code.tries_left - 1)


def _proven() -> Outcome:
    """The code is used up; what was parked is answered next."""
    return Outcome(
        replies=(say("code_right"),),
        closes=CODE_KINDS,
        releases=True,
        audits=("identity:code:confirm",),
        changes={**forgotten(), "level": Assurance.CODE.value, "hidden_to": 0},
    )


async def _failed(line: Line, turn: Turn, patient: PatientId) -> Outcome:
    """Too late, or mistyped too often: another code once, then a person."""
    failed = turn.proof.failed + 1
    if failed >= proof.MOST_FAILED:
        return replace(_to_person(), audits=("identity:code:refuse",))
    phone = await _phone_of(line, patient)
    if phone is None or phone.is_off:
        return _cannot_text(turn, phone)
    offer = replace(
        _question(turn, say("code_offer_again", ends=phone.ends)), audits=("identity:code:refuse",)
    )
    return offer.with_changes(**no_code(), codes_failed=failed)


def _cannot_text(turn: Turn, phone: _Phone | None) -> Outcome:
    """Nothing to text to: a person helps. Texts that are off: said kindly, a person is offered."""
    del turn
    if phone is None:
        return replace(_to_person(), replies=(say("code_no_number"),))
    return Outcome(
        replies=(say("code_texts_off"),), closes=CODE_KINDS, drops=True, changes=no_code()
    )


def _to_person() -> Outcome:
    return Outcome(
        replies=(say("code_to_person"),),
        closes=CODE_KINDS,
        escalates=(Reason.IDENTITY_FAILED, None),
        to_person=True,
        changes={**no_code(), "codes_failed": 0},
    )


def _question(turn: Turn, reply: EngineReply) -> Outcome:
    return Outcome(replies=(reply,), expects=expects_of(reply, turn.now), closes=CODE_KINDS)


def _ends(turn: Turn) -> str:
    """How the number ends to which the code went, as the open question says."""
    open_questions = (each for each in turn.situation.expectations if each.kind in CODE_KINDS)
    return next((each.ref or "" for each in open_questions), "")


async def _phone_of(line: Line, patient: PatientId) -> _Phone | None:
    """The number on file, in the same choice as reminders make."""
    person = await people.person(line.gateway, patient)
    number = min(person.numbers, default=None) if person and person.alive else None
    if number is None:
        return None
    async with line.database.transaction() as session:
        standing = await consent.standing_of(session, line.keyring.lookup(number))
    return _Phone(number, standing.state in OFF)
