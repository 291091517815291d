"""A Careline of its own to be killed: what is proved here must not disturb the other tests."""

import random
from collections.abc import Iterator

import pytest

from tests.support.patients import World
from tests.support.stack import Stack, start_stack


@pytest.fixture(scope="session")
def doomed() -> Iterator[Stack]:
    with start_stack() as stack:
        yield stack


@pytest.fixture
def world(doomed: Stack) -> Iterator[World]:
    world = World(doomed.base_url)
    try:
        world.wait_ready()
        world.reset()
        yield world
    finally:
        world.http.close()


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    """Chance that can be repeated: the seed is printed and may be given by CARELINE_SEED."""
    seed = int(request.config.getoption("--seed") or random.SystemRandom().randrange(10**6))
    print(f"seed {seed}")
    return random.Random(seed)
