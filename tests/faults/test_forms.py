"""kill -9 while many fill in forms at once: each answer is kept once, each question asked once."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.ports.fhir import Resource
from tests.faults.form_talk import DONE, MOOD, REVIEW, VISIT, Said, Talk, Turn
from tests.faults.killing import LONGEST_S, kill, send_surely, victims
from tests.faults.reminded import number_of
from tests.support.patients import Phone, World, inspector
from tests.support.stack import ROOT, Stack

# A short run has fewer people, since it shares its machine with the whole suite.
SHORT_ROUNDS, LONG_FROM = 2, 30
FEW, MANY = 5, 20
SHORT_KILLS, KILLS_A_ROUND = 3, 2
EARLIEST, LATEST = 1, 12
HOLDING = "can't answer it right now"
DECLINED = "asked-declined"
SKIPPED = {"extension": [{"valueCode": DECLINED}]}

type Told = tuple[list[Resource], list[Resource], list[Resource]]


@dataclass
class Person:
    """Somebody at a form. `wave`: what they sent last and what came back."""

    id: str
    phone: Phone
    talk: Talk
    said: int = 0
    wave: list[Turn] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return self.said == len(self.talk.turns)

    def next_texts(self) -> list[str]:
        """The next text, and those that are sent right behind it."""
        turns = self.talk.turns
        end = self.said + 1
        while end < len(turns) and turns[end].hurried:
            end += 1
        self.wave, self.said = turns[self.said : end], end
        return [each.says for each in self.wave]


@pytest.mark.faults
def test_every_answer_is_kept_once_when_processes_are_killed(
    doomed: Stack, world: World, dice: random.Random, rounds: int, tmp_path: Path
) -> None:
    is_long = rounds >= LONG_FROM
    count, each = (rounds, MANY) if is_long else (SHORT_ROUNDS, FEW)
    talks = [Talk(dice.choice((MOOD, MOOD, VISIT)), dice) for _ in range(count * each)]
    out = tmp_path / "ids"
    beside(doomed, str(out), *(talk.form for talk in talks))
    ids = json.loads(out.read_text("utf-8"))
    everybody = [
        Person(id_, Phone(world, number_of(number)), talk)
        for number, (id_, talk) in enumerate(zip(ids, talks, strict=True))
    ]
    kills = count * KILLS_A_ROUND if is_long else SHORT_KILLS
    dying = victims(dice, kills, "rasa", "actions")
    for people in batched(everybody, each):
        begin = time.monotonic()
        fill_in(world, people, dice, dying)
        print(f"{len(people)} forms, {sum(len(p.talk.turns) for p in people)} texts", end=" ")
        print(f"in {time.monotonic() - begin:.0f} s")
        told = told_of(world)
        for person in people:
            holds(person.talk, *told.get(person.id, ([], [], [])))
    assert world.state()["dead_letters"] == 0


def whole() -> tuple[Talk, Told]:
    """A talk, and what the record has of it when all went well."""
    talk = Talk(MOOD, random.Random(1))
    items = [
        {"linkId": link, **({"answer": [{"valueCoding": {"code": said}}]} if said else SKIPPED)}
        for link, said in talk.answers.items()
    ]
    response = {"id": "r", "status": "completed", "item": [{"linkId": "group", "item": items}]}
    here = {"reference": "QuestionnaireResponse/r"}
    score = {"valueInteger": talk.score, "derivedFrom": [here], "meta": {"versionId": "1"}}
    task = {
        "status": "completed",
        "output": [{"valueReference": here}],
        "meta": {"versionId": "2"},
    }
    return talk, ([response], [score], [task])


BREAKS: dict[str, Callable[[Told], object]] = {
    "no response": lambda told: told[0].clear(),
    "two responses": lambda told: told[0].append(told[0][0]),
    "not completed": lambda told: told[0][0].update(status="in-progress"),
    "an answer lost": lambda told: items_of(told).pop(3),
    "an answer doubled": lambda told: items_of(told)[2]["answer"].extend(
        items_of(told)[3]["answer"]
    ),
    "an item doubled": lambda told: items_of(told).insert(2, items_of(told)[2]),
    "another answer": lambda told: items_of(told)[2]["answer"][0]["valueCoding"].update(code="x"),
    "no score": lambda told: told[1].clear(),
    "two scores": lambda told: told[1].append(told[1][0]),
    "another score": lambda told: told[1][0].update(valueInteger=27),
    "a score written twice": lambda told: told[1][0]["meta"].update(versionId="2"),
    "an open Task": lambda told: told[2][0].update(status="ready"),
    "a Task done twice": lambda told: told[2][0]["meta"].update(versionId="3"),
    "two outputs": lambda told: told[2][0]["output"].append(told[2][0]["output"][0]),
}


@pytest.mark.parametrize("how", BREAKS)
def test_what_is_lost_or_doubled_in_the_record_is_noticed(how: str) -> None:
    talk, told = whole()
    holds(talk, *told)
    BREAKS[how](told)
    with pytest.raises((AssertionError, ValueError)):
        holds(talk, *told)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["{first}"],
        ["{second}", "{first}"],
        ["{first}", "{first}"],
        ["{first}", "{second}", "{second}"],
        ["{first}", "{second} {second}"],
        ["{first}", "{second} " + REVIEW],
    ],
)
def test_question_that_is_lost_doubled_or_out_of_order_is_noticed(texts: list[str]) -> None:
    talk = Talk(MOOD, random.Random(1))
    first, second = talk.leads[:2]
    wave = [Turn("1", first), Turn("2", second)]
    person = Person("p", Phone(World("http://127.0.0.1:1"), number_of(0)), talk, wave=wave)
    answers(person, [f"{first} …", f"I {HOLDING}", f"{second} …"])
    with pytest.raises(AssertionError):
        answers(person, [text.format(first=first, second=second) for text in texts])


def fill_in(
    world: World, people: tuple[Person, ...], dice: random.Random, dying: Iterator[str]
) -> None:
    """All of them, text by text, until they have sent their forms; processes die meanwhile."""
    when = dice.sample(range(EARLIEST, LATEST), KILLS_A_ROUND)
    doomed_ones = dict(zip(when, dying, strict=False))
    wave = 0
    while open_ones := [person for person in people if not person.is_done]:
        dice.shuffle(open_ones)
        victim, after = doomed_ones.get(wave), dice.randrange(len(open_ones))
        for place, person in enumerate(open_ones):
            for text in person.next_texts():
                send_surely(world, person.phone, text)
            if victim is not None and place == after:
                time.sleep(dice.uniform(0, 0.4))
                kill(world, victim)
        rest(world)
        for person in open_ones:
            answers(person, person.phone.new())
        wave += 1


def answers(person: Person, texts: list[str]) -> None:
    """One answer to each text, in order: the one question that follows, or how it ended."""
    said = [text for text in texts if HOLDING not in text]
    assert len(said) == len(person.wave), (person.wave, texts)
    for turn, text in zip(person.wave, said, strict=True):
        known = (*person.talk.leads, REVIEW, DONE)
        found = [lead for lead in known for _ in range(text.count(lead))]
        assert found == [turn.expects], (turn, text)


def rest(world: World) -> None:
    """Until everything is up and nothing is pending or waits any more."""
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError, AssertionError):
            world.wait_ready()
            world.settle()
            inbox = world.state()["inbox"]
            if not any(inbox.get(state) for state in ("pending", "waiting")):
                return
    raise AssertionError(world.state())


def told_of(world: World) -> dict[str, Told]:
    """What the record has of each patient: responses, scores, Tasks."""
    told: dict[str, Told] = {}
    record = inspector(world)
    for place, (path, element) in enumerate(
        (
            ("QuestionnaireResponse?_count=200", "subject"),
            ("Observation?code=http://loinc.org|44261-6&_count=200", "subject"),
            ("Task?code=complete-questionnaire&_count=200", "for"),
        )
    ):
        for found in record.found(path):
            patient = str(found[element]["reference"]).removeprefix("Patient/")
            told.setdefault(patient, ([], [], []))[place].append(found)
    return told


def holds(
    talk: Talk, responses: list[Resource], scores: list[Resource], tasks: list[Resource]
) -> None:
    """One response with exactly what was said; one score, as it must be; the Task done once."""
    (response,) = responses
    assert response["status"] == "completed"
    assert said_in(response["item"]) == list(talk.answers.items())
    reference = {"reference": f"QuestionnaireResponse/{response['id']}"}
    assert [(each["valueInteger"], each["derivedFrom"]) for each in scores] == [
        (points, [reference]) for points in (talk.score,) if points is not None
    ]
    assert all(each["meta"]["versionId"] == "1" for each in scores)
    (task,) = tasks
    assert (task["status"], task["meta"]["versionId"]) == ("completed", "2")
    assert [each["valueReference"] for each in task["output"]] == [reference]


def items_of(told: Told) -> list[Resource]:
    """The answers in the first group of the response."""
    items: list[Resource] = told[0][0]["item"][0]["item"]
    return items


def said_in(items: list[Resource]) -> list[tuple[str, Said]]:
    """What was answered by somebody, in order; each answer of a question by itself."""
    found: list[tuple[str, Said]] = []
    for item in items:
        if "item" in item:
            found += said_in(item["item"])
        elif item["linkId"] != "may-be-pregnant":
            found += [(item["linkId"], value) for value in _values(item)]
    return found


def _values(item: Resource) -> list[Any]:
    if "answer" not in item:
        return [None for one in item["extension"] if one.get("valueCode") == DECLINED]
    values = [next(iter(each.values())) for each in item["answer"]]
    return [value["code"] if isinstance(value, dict) else value for value in values]


def beside(stack: Stack, *words: str) -> None:
    """Run a command of the people with forms, on the data of the service."""
    subprocess.run(
        [sys.executable, "-m", "tests.faults.form_people", *words],
        check=True,
        cwd=ROOT,
        env={**os.environ, "CARELINE_DATA_DIR": str(stack.data_dir)},
    )
