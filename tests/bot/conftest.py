"""What the engine's tests share: one model, one running engine, one action server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine_process import ACTIONS_TOKEN, BOT, TOKEN, Engine, started
from stub_actions import Bookings, serve

# The action endpoint as shipped; the tracker in memory in place of Postgres.
ENDPOINTS = """
action_endpoint:
  url: ${ACTIONS_URL}
  headers:
    Authorization: Bearer ${ACTIONS_TOKEN}
"""


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the present inputs, trained if it is missing."""
    subprocess.run([sys.executable, "train.py"], cwd=BOT, check=True)
    current = json.loads((BOT / "models/current.json").read_text(encoding="utf-8"))
    return BOT / "models" / current["model"]


@pytest.fixture(scope="session")
def bookings() -> Bookings:
    """What the action server heard."""
    return Bookings()


@pytest.fixture(scope="session")
def engine(
    model: Path, bookings: Bookings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The engine, started once for all tests."""
    endpoints = tmp_path_factory.mktemp("engine") / "endpoints.yml"
    endpoints.write_text(ENDPOINTS, encoding="utf-8")
    with serve(bookings) as url:
        environment = {"RASA_TOKEN": TOKEN, "ACTIONS_URL": url, "ACTIONS_TOKEN": ACTIONS_TOKEN}
        with started(model, endpoints, environment) as running:
            yield running
