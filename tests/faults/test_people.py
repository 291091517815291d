"""kill -9 while ten coordinators and a hundred patients write: nothing lost, nothing doubled."""

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults import coordinators
from tests.support.patients import Visitor, World
from tests.support.stack import ROOT, Stack

# A short run is a small one; from seventeen rounds on there are a hundred.
PATIENTS_A_ROUND, MOST_PATIENTS = 6, 100
REPLIES_A_ROUND, MOST_REPLIES = 1, 12
MESSAGES_EACH = 3
VICTIMS = ("worker", "api", "coordinators")
LONGEST_S = 300
MOST_STARTS = 5


@dataclass
class Patient:
    """A visitor who sends again, with the same id, what is not known to have arrived."""

    visitor: Visitor
    texts: list[str] = field(default_factory=list)

    def writes(self, world: World) -> None:
        for number in range(MESSAGES_EACH):
            text = f"what are your hours on day {number} {uuid.uuid4()}"
            self.texts.append(text)
            self._sends_surely(world, text)

    def _sends_surely(self, world: World, text: str) -> None:
        id_ = str(uuid.uuid4())
        for _ in range(200):
            try:
                self.visitor.sends(text, id_)
            except (httpx.HTTPError, AssertionError):
                world.wait_ready()
            else:
                return
        raise AssertionError("not sent")


@dataclass
class Office:
    """The coordinators' process, which is begun again whenever it died."""

    data_dir: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def plan(self, seed: int, sessions: Sequence[str], replies: int) -> None:
        text = json.dumps({"seed": seed, "sessions": list(sessions), "replies": replies})
        (self.folder / "plan").write_text(text, "utf-8")

    def opens(self) -> None:
        self.process = subprocess.Popen(self._argv("work", "diary"), **self._where())

    def dies(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.opens()

    def finishes(self) -> None:
        """Until all is done; a start that failed because something was away is tried again."""
        for _ in range(MOST_STARTS):
            assert self.process is not None
            if self.process.wait(LONGEST_S) == 0:
                return
            self.opens()
        raise AssertionError("the coordinators were never done")

    def tells(self) -> list[dict[str, Any]]:
        """What every conversation holds."""
        subprocess.run(self._argv("tell", "told"), check=True, **self._where())
        told: list[dict[str, Any]] = json.loads((self.folder / "told").read_text("utf-8"))
        return told

    def _argv(self, command: str, file: str) -> list[str]:
        paths = [str(self.folder / "plan"), str(self.folder / file)]
        return [sys.executable, "-m", "tests.faults.coordinators", command, *paths]

    def _where(self) -> dict[str, Any]:
        return {"cwd": ROOT, "env": {**os.environ, "CARELINE_DATA_DIR": str(self.data_dir)}}


@pytest.mark.faults
def test_people_and_patients_lose_nothing_when_processes_are_killed(
    doomed: Stack, world: World, dice: random.Random, rounds: int, tmp_path: Path
) -> None:
    many = min(PATIENTS_A_ROUND * rounds, MOST_PATIENTS)
    patients = [Patient(Visitor.opens(world)) for _ in range(many)]
    office = Office(doomed.data_dir, tmp_path)
    replies = min(REPLIES_A_ROUND * rounds, MOST_REPLIES)
    office.plan(dice.randrange(10**6), [each.visitor.session for each in patients], replies)
    office.opens()
    with ThreadPoolExecutor(20) as pool:
        writing = [pool.submit(each.writes, world) for each in patients]
        for number in range(rounds):
            time.sleep(dice.uniform(0.3, 1.5))
            kill(world, office, VICTIMS[number % len(VICTIMS)])
        for each in writing:
            each.result(LONGEST_S)
    office.finishes()
    rest(world)
    known = coordinators.diary(tmp_path / "diary")
    told = {each["session"]: each for each in office.tells()}
    for patient in patients:
        holds(told[patient.visitor.session], patient.texts)
    replied = [text for each in told.values() for text in said_by(each, "coordinator")]
    sent = {f"reply {id_}" for id_, state in known.items() if state == "sent"}
    assert sorted(replied) == sorted(sent)
    assert len(sent) > coordinators.COORDINATORS
    assert world.state()["dead_letters"] == 0


def holds(told: dict[str, Any], texts: Sequence[str]) -> None:
    """Gapless, every text once and in its order, and no word of the assistant's over a person."""
    positions = [position for position, _, _ in told["said"]]
    assert positions == list(range(1, len(positions) + 1)), told["session"]
    assert said_by(told, "patient") == list(texts), told["session"]
    assert told["talked_over"] == [], told["session"]


def said_by(told: dict[str, Any], speaker: str) -> list[str]:
    return [text for _, who, text in told["said"] if who == speaker]


def kill(world: World, office: Office, victim: str) -> None:
    print(f"kill {victim}")
    if victim == "coordinators":
        office.dies()
        return
    world.wait_ready()
    os.kill(world.pid_of(victim), signal.SIGKILL)


def rest(world: World) -> None:
    """Until everything that came in is dealt with."""
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        try:
            world.wait_ready()
            world.settle()
        except (httpx.HTTPError, AssertionError):
            continue
        if not any(world.state()["inbox"].get(name) for name in ("pending", "waiting")):
            return
    raise AssertionError("never at rest")
