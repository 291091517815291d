"""Every flow begins on a freshly seeded world, all faults off."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.patients import World
from tests.support.stack import Stack

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def world(stack: Stack) -> Iterator[World]:
    world = World(stack.base_url)
    try:
        world.wait_ready()
        world.reset()
        yield world
        world.faults(twilio="ok", fhir="ok", rasa="ok")
    finally:
        world.http.close()


@pytest.fixture
def careline(stack: Stack) -> Callable[..., str]:
    """The command line beside the running service; what it printed."""

    def run(*words: str) -> str:
        port = stack.base_url.rsplit(":", 1)[-1]
        ended = subprocess.run(
            [str(ROOT / "careline"), *words],
            env={"CARELINE_DATA_DIR": str(stack.data_dir), "CARELINE_PORT": port, "PATH": "/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run
