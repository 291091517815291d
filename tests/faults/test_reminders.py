"""kill -9 while thousands are reminded at once: each dose is asked about once, in its order."""

import json
import os
import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.killing import LONGEST_S, kill, victims
from tests.faults.reminded import HOURS, number_of
from tests.support.patients import World
from tests.support.stack import ROOT, Stack

# A short run has two thousand doses in few texts, a long one has a text for each of them.
SHORT_ROUNDS, LONG_FROM = 3, 30
SHORT, LONG = (125, 8), (1000, 1)
BEFORE, AFTER = "2027-03-08T07:00:00-05:00", "2027-03-08T08:31:00-05:00"


@pytest.mark.faults
def test_every_dose_is_asked_about_once_when_processes_are_killed(
    doomed: Stack, world: World, dice: random.Random, rounds: int, tmp_path: Path
) -> None:
    is_long = rounds >= LONG_FROM
    people, each = LONG if is_long else SHORT
    world.clock(real=True)
    world.clock(now=BEFORE)
    world.reset()
    beside(doomed, "begin", str(people), str(each), AFTER)
    for victim in victims(dice, rounds if is_long else SHORT_ROUNDS, "rasa", "actions"):
        time.sleep(dice.uniform(0.1, 2.5))
        kill(world, victim)
    began = time.monotonic()
    rest(world)
    print(f"{people} people; at rest {time.monotonic() - began:.0f} s after the last kill")
    beside(doomed, "tell", str(tmp_path / "told"))
    told = json.loads((tmp_path / "told").read_text("utf-8"))
    world.clock(real=True)
    holds_for_all(told, people, each)


NOTHING_LEFT = {
    "plans left behind": 0,
    "doses not asked about just once": 0,
    "prompts not said": 0,
    "texts not sent": 0,
}


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        ([], {}),
        (["8am …"], {}),
        (["8am …", "8am …", "8:30am …"], {}),
        (["8:30am …", "8am …"], {}),
        (["8am …", "8:30am …"], {"doses": 1}),
        (["8am …", "8:30am …"], {"plans left behind": 1}),
        (["8am …", "8:30am …"], {"doses not asked about just once": 1}),
    ],
)
def test_what_is_lost_doubled_or_out_of_order_is_noticed(
    texts: list[str], left: dict[str, int]
) -> None:
    whole = {"sent": {number_of(0): ["8am …", "8:30am …"]}, "left": {"doses": 2} | NOTHING_LEFT}
    holds_for_all(whole, people=1, each=1)
    broken = {"sent": {number_of(0): texts}, "left": {"doses": 2} | NOTHING_LEFT | left}
    with pytest.raises(AssertionError):
        holds_for_all(broken, people=1, each=1)


def holds_for_all(told: dict[str, Any], people: int, each: int) -> None:
    """Nothing is left, and every phone had what it was to have."""
    left = dict(told["left"])
    assert left.pop("doses") >= people * len(HOURS) * each
    assert left == NOTHING_LEFT
    for person in range(people):
        holds(told["sent"].get(number_of(person), []), person)


def holds(texts: list[str], person: int) -> None:
    """One text for each hour, the earlier hour first."""
    assert len(texts) == len(HOURS), (person, texts)
    assert "8am" in texts[0], (person, texts)
    assert "8:30am" in texts[1], (person, texts)


def beside(stack: Stack, *words: str) -> None:
    """Run a command of the people to remind, on the data of the service."""
    subprocess.run(
        [sys.executable, "-m", "tests.faults.reminded", *words],
        check=True,
        cwd=ROOT,
        env={**os.environ, "CARELINE_DATA_DIR": str(stack.data_dir)},
    )


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
