"""A whole Careline for tests: `careline up` on a free port and a data directory of its own."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Stack:
    base_url: str
    data_dir: str


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    yield Stack(os.environ["CARELINE_TEST_URL"], os.environ["CARELINE_TEST_DATA"])
