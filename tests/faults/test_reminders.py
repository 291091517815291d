"""kill -9 while thousands are reminded at once: each dose is asked about once, in its order."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.reminded import HOURS, number_of
from tests.support.patients import World
from tests.support.stack import ROOT, Stack

# Each has two doses; a short run is a small one, thirty rounds have two thousand reminders.
PEOPLE_A_ROUND, MOST_PEOPLE = 20, 1000
FEWEST_FOR_MOST = 30
VICTIMS = ("api", "worker", "rasa", "actions")
BEFORE, AFTER = "2027-03-08T07:00:00-05:00", "2027-03-08T08:31:00-05:00"
LONGEST_S = 1500


@pytest.mark.faults
def test_every_dose_is_asked_about_once_when_processes_are_killed(
    doomed: Stack, world: World, dice: random.Random, rounds: int, tmp_path: Path
) -> None:
    people = MOST_PEOPLE if rounds >= FEWEST_FOR_MOST else PEOPLE_A_ROUND * rounds
    world.clock(real=True)
    world.clock(now=BEFORE)
    world.reset()
    beside(doomed, "fill", str(people))
    beside(doomed, "go", AFTER)
    for _ in range(rounds):
        time.sleep(dice.uniform(0.1, 1.5))
        kill(world, dice.choice(VICTIMS))
    began = time.monotonic()
    rest(world)
    print(f"{people} people; at rest {time.monotonic() - began:.0f} s after the last kill")
    beside(doomed, "tell", str(tmp_path / "told"))
    told = json.loads((tmp_path / "told").read_text("utf-8"))
    world.clock(real=True)
    for person in range(people):
        holds(told["sent"].get(number_of(person), []), person)
    left = told["left"]
    assert left["prompts"] >= people * len(HOURS)
    assert {name: count for name, count in left.items() if name != "prompts"} == {
        "plans left behind": 0,
        "prompts not said": 0,
        "texts not sent": 0,
    }


def holds(texts: list[str], person: int) -> None:
    """One text for each dose, the earlier dose first."""
    assert len(texts) == len(HOURS), (person, texts)
    assert "8am" in texts[0], (person, texts)
    assert "8:30am" in texts[1], (person, texts)


def beside(stack: Stack, command: str, word: str) -> None:
    """Run a command of the people to remind, on the data of the service."""
    subprocess.run(
        [sys.executable, "-m", "tests.faults.reminded", command, word],
        check=True,
        cwd=ROOT,
        env={**os.environ, "CARELINE_DATA_DIR": str(stack.data_dir)},
    )


def kill(world: World, victim: str) -> None:
    """Kill a process as soon as it is up; one that is just coming up is killed then."""
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError, AssertionError, ProcessLookupError):
            os.kill(world.pid_of(victim), signal.SIGKILL)
            print(f"kill {victim}")
            return
        time.sleep(0.2)
    raise AssertionError(victim)


def rest(world: World) -> None:
    """Until nothing is pending any more."""
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError, AssertionError):
            world.wait_ready()
            world.settle()
            return
    state: dict[str, Any] = world.state()
    raise AssertionError(state)
