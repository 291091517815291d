"""Killing processes of a Careline, and coming through it as people do."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx

from tests.support.patients import Phone, World

LONGEST_S = 1500


def victims(dice: random.Random, most: int, *beside: str) -> Iterator[str]:
    """So many: worker and api are among any three in a row, and one of what stands beside them."""
    while True:
        some = ["worker", "api", dice.choice(beside)]
        dice.shuffle(some)
        for victim in some:
            if most == 0:
                return
            most -= 1
            yield victim


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


def send_surely(world: World, phone: Phone, text: str) -> None:
    """As a person would: send again only when the text is not in the thread."""
    before: int | None = None
    for _ in range(100):
        with suppress(httpx.HTTPError):
            if before is None:
                before = _sent(phone)
            elif _sent(phone) > before:
                return
            phone.sends(text)
            return
        world.wait_ready()
    raise AssertionError("not sent")


def _sent(phone: Phone) -> int:
    return len([each for each in phone.thread() if each["direction"] == "inbound"])
