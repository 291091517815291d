"""Who is this: the questions, three tries, then a person; never a hint which part was wrong.

The request that came first stays parked and is answered once the person is known.
"""

from dataclasses import replace

from api.conversations.decisions import BirthDates, Identifier
from api.conversations.line import Line
from api.conversations.outcome import WHO_KINDS, Outcome, Turn, say
from api.conversations.questions import expects_of
from api.conversations.verification import forgotten
from api.escalations.kinds import Reason
from api.messaging.kinds import Channel, InboundState
from api.messaging.threads import address_of
from api.people import guesses, service as people
from api.people.service import Person
from integrations.ports.dialogue import EngineReply

TRIES = 3


def ask_who(turn: Turn) -> Outcome:
    """Park the message and ask who it is for; it is answered in an episode of its own.

    What the engine's tracker holds of the refused turn must not colour the second try.
    """
    question = _question(turn, first_question(turn))
    return replace(question, inbound=InboundState.PARKED).with_changes(
        episode=turn.episode + 1, episode_turns=0
    )


def ask_anew(turn: Turn) -> Outcome:
    """Ask who it is once more: it has lapsed while we waited for something else."""
    return _question(turn, first_question(turn))


def first_question(turn: Turn) -> EngineReply:
    """A phone speaks for its number; a web visitor is asked for one first."""
    if turn.situation.channel is Channel.WEB:
        return say("identity_ask_identifier")
    return say("identity_ask_birth_date")


def take_identifier(turn: Turn, decision: Identifier) -> Outcome:
    """Keep what they typed until the birth date is there; known or not, it is asked for next."""
    question = _question(turn, say("identity_ask_birth_date"))
    return question.with_changes(identifier=decision.typed)


async def take_birth_dates(line: Line, turn: Turn, decision: BirthDates) -> Outcome:
    """Check who it is. A date that cannot be read is asked for again and counts as no try."""
    if not decision.dates:
        return _question(turn, say("identity_not_a_date"))
    claimed = await _claimed(line, turn)
    candidates = await _candidates(line, turn, claimed)
    match = people.match(candidates, decision.dates)
    if await _may_pass(line, turn, claimed, passed=match is not None) and match is not None:
        return _known(turn, match, shared=len(candidates) > 1)
    return _unknown(turn)


async def _may_pass(line: Line, turn: Turn, claimed: str, *, passed: bool) -> bool:
    """Count a wrong answer; after too many, over all sessions, a right one goes to a person too."""
    lookup = line.keyring.lookup(f"who|{claimed}")
    async with line.database.transaction() as session:
        if not passed:
            await guesses.record_failure(session, lookup, now=turn.now)
        return not await guesses.are_too_many(session, lookup, now=turn.now)


async def _claimed(line: Line, turn: Turn) -> str:
    """The number or record number that somebody says is theirs; a phone says it by itself."""
    if turn.situation.channel is Channel.WEB:
        return turn.identifier or ""
    async with line.database.transaction() as session:
        return await address_of(session, line.keyring, turn.conversation)


async def _candidates(line: Line, turn: Turn, claimed: str) -> tuple[Person, ...]:
    if turn.situation.channel is Channel.WEB:
        return await people.persons_called(line.gateway, claimed)
    return await people.persons_on_number(line.gateway, claimed)


def _known(turn: Turn, person: Person, *, shared: bool) -> Outcome:
    """Nothing is said here: the parked request is answered next, and that is the reply."""
    return Outcome(
        closes=WHO_KINDS,
        releases=True,
        identified=person.id,
        changes={
            "patient_id": person.id,
            "name": person.name,
            "verified_at": turn.now,
            "phone_is_shared": shared,
            "identity_tries": 0,
            "identifier": None,
            "misses": 0,
            **forgotten(),
        },
    )


def _unknown(turn: Turn) -> Outcome:
    tries = turn.identity_tries + 1
    if tries >= TRIES:
        return Outcome(
            replies=(say("identity_to_person"),),
            closes=WHO_KINDS,
            escalates=(Reason.IDENTITY_FAILED, None),
            to_person=True,
            changes={"identity_tries": 0, "identifier": None},
        )
    web = turn.situation.channel is Channel.WEB
    question = say("identity_no_match_web" if web else "identity_no_match")
    return _question(turn, question).with_changes(identity_tries=tries)


def _question(turn: Turn, reply: EngineReply) -> Outcome:
    return Outcome(replies=(reply,), expects=expects_of(reply, turn.now), closes=WHO_KINDS)
