"""Patients, the engine and people at once, in many orders: the assistant never talks over a person.

Each round is one conversation in which messages come in, turns are under way, and people claim,
answer and give back, all by chance. The seed is printed; CARELINE_SEED repeats one.
"""

import asyncio
import itertools
import os
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import override

import pytest

from api.conversations import takeover
from api.conversations.errors import HeldByColleague, NotNow, PatientWroteMeanwhile
from api.conversations.kinds import Speaker
from api.conversations.takeover import Words
from api.conversations.turns import drain
from api.core.db import Database
from api.core.ids import PatientId, new_id
from api.core.language import Language
from api.escalations.kinds import Outcome
from api.gateway.service import Gateway
from api.gateway.tokens import turn_access
from api.messaging import inbox
from api.messaging.kinds import Channel
from api.scheduling import service as scheduling
from api.scheduling.desk import Asker
from api.staff.kinds import Member
from integrations.fakes.engine import FakeEngine
from integrations.ports.dialogue import EngineReply, EngineTurn
from tests.api.conversations.conftest import DANA, NOAH, Floor, Talk, a_line, answers_with_its_words
from tests.support.gateway import StoppedClock, made
from tests.support.spans import said_by_assistant, spans_of_people, talked_over

ROUNDS = 200
STEPS = 6
AT_ONCE = 20
OPEN_QUESTION = "What is the visit for?"


@dataclass
class SlowEngine(FakeEngine):
    """Answers a conversation's turn only when it is let go."""

    gates: defaultdict[str, asyncio.Semaphore] = field(
        default_factory=lambda: defaultdict(lambda: asyncio.Semaphore(0))
    )
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    @override
    async def turn(self, turn: EngineTurn) -> tuple[EngineReply, ...]:
        self.reached.set()
        await self.gates[turn.sender.split(":")[0]].acquire()
        return await super().turn(turn)


@dataclass
class Round:
    """One conversation, chance, and what was said in it."""

    talk: Talk
    engine: SlowEngine
    dice: random.Random
    sent: list[str] = field(default_factory=list)
    replied: list[str] = field(default_factory=list)
    given_back: int = 0
    under_way: list[asyncio.Task[None]] = field(default_factory=list)

    async def patient_sends(self) -> None:
        number = len(self.sent)
        kinds = ("note {}", "note {}", "note {}", "i want to die {}")
        text = self.dice.choice(kinds).format(number)
        self.sent.append(text)
        await self.talk.patient_sends(text)

    async def turn_begins(self) -> None:
        self.under_way.append(asyncio.create_task(drain(self.talk.line, self.talk.id)))

    async def engine_answers(self) -> None:
        self.engine.gates[self.talk.id].release()

    async def claims(self) -> None:
        await takeover.claim(self.talk.line, self.talk.id, by=self._somebody())

    async def replies(self) -> None:
        text = f"reply {new_id()}"
        words = Words(id=new_id(), text=text, seen=0, force=True)
        await takeover.reply(self.talk.line, self.talk.id, words, by=self._somebody())
        self.replied.append(text)

    async def gives_back(self) -> None:
        await takeover.give_back(self.talk.line, self.talk.id, by=self._somebody())

    async def resolves(self) -> None:
        await takeover.resolve(
            self.talk.line, self.talk.id, outcome=Outcome.ANSWERED, by=self._somebody()
        )

    async def releases(self) -> None:
        await takeover.release(self.talk.line, self.talk.id, by=self._somebody())

    def _somebody(self) -> Member:
        return self.dice.choice((DANA, DANA, NOAH))

    async def runs(self) -> None:
        """All steps by chance, some side by side; then everything comes to rest."""
        steps: list[Callable[[], Awaitable[None]]] = [
            *[self.patient_sends, self.turn_begins, self.engine_answers] * 3,
            *[self.claims, self.replies, self.gives_back] * 2,
            *[self.resolves, self.releases],
        ]
        for _ in range(STEPS):
            some = [step() for step in self.dice.choices(steps, k=self.dice.randint(1, 3))]
            for result in await asyncio.gather(*some, return_exceptions=True):
                if isinstance(result, BaseException):
                    assert isinstance(result, HeldByColleague | NotNow | PatientWroteMeanwhile)
        await self.rests()

    async def rests(self) -> None:
        for _ in range(100):
            self.engine.gates[self.talk.id].release()
        await asyncio.gather(*self.under_way)
        async with self.talk.line.database.transaction() as session:
            waiting = await inbox.pending(session, self.talk.line.keyring, self.talk.id, limit=1)
        if waiting:
            await drain(self.talk.line, self.talk.id)


@pytest.mark.usefixtures("clinic")
async def test_the_assistant_is_silent_while_a_person_has_the_conversation(
    database: Database, gateway: Gateway, clock: StoppedClock
) -> None:
    seed = int(os.environ.get("CARELINE_SEED") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed}")
    engine = SlowEngine(answer=answers_with_its_words)
    floor = Floor(a_line(database, gateway, clock, engine), engine, clock)
    patient = PatientId(await made(gateway, {"resourceType": "Patient", "active": True}))
    rounds = []
    for number in range(ROUNDS):
        talk = await floor.opens(Channel.SMS if number < 60 else Channel.WEB)
        await begin_booking(talk, patient)
        rounds.append(Round(talk, engine, random.Random(f"{seed}|{number}")))
    for some in itertools.batched(rounds, AT_ONCE):
        await asyncio.gather(*(each.runs() for each in some))
    taken = 0
    for number, each in enumerate(rounds):
        taken += await check(each, f"seed {seed}, round {number}")
    # Chance must have made what is looked for, or the test proves nothing.
    assert taken > ROUNDS / 2
    assert sum(each.given_back for each in rounds) > ROUNDS / 8


async def begin_booking(talk: Talk, patient: PatientId) -> None:
    """A question of a booking stands open, as it does when a person steps in."""
    await talk.change(patient_id=patient, verified_at=await talk.clock.now())
    access = turn_access(turn="t", conversation=talk.id, patient=patient, origin="sms")
    asker = Asker(access, talk.id, patient, "t", Language.EN)
    await scheduling.open_booking(talk.line.desk, asker, "i need a visit")


async def check(round_: Round, where: str) -> int:
    """What must hold of a conversation whatever happened; how often somebody had it."""
    said = await round_.talk.said()
    assert [each.position for each in said] == list(range(1, len(said) + 1)), where
    heard = [each.rendered.text for each in said if each.speaker is Speaker.PATIENT]
    assert sorted(heard) == sorted(round_.sent), where
    answered = [each.rendered.text for each in said if each.speaker is Speaker.COORDINATOR]
    assert sorted(answered) == sorted(round_.replied), where
    async with round_.talk.line.database.transaction() as session:
        assert await talked_over(session, round_.talk.id) == [], where
        spans = await spans_of_people(session, round_.talk.id)
        spoken = await said_by_assistant(session, round_.talk.id)
    by_position = {each.position: each.rendered.text for each in said}
    for position, responses in spoken:
        if "given_back" in responses:
            round_.given_back += 1
            assert OPEN_QUESTION in by_position[position], where
    return len(spans)


async def test_an_answer_that_outlived_a_persons_visit_is_dropped(
    database: Database, gateway: Gateway, clock: StoppedClock
) -> None:
    engine = SlowEngine(answer=answers_with_its_words)
    floor = Floor(a_line(database, gateway, clock, engine), engine, clock)
    talk = await floor.opens()
    await talk.patient_sends("what are your hours")
    under_way = asyncio.create_task(drain(talk.line, talk.id))
    await engine.reached.wait()
    await takeover.claim(talk.line, talk.id, by=DANA)
    await takeover.give_back(talk.line, talk.id, by=DANA)
    engine.gates[talk.id].release()
    await under_way
    (said,) = await talk.texts(Speaker.ASSISTANT)
    assert said.startswith("The care team is done here")
