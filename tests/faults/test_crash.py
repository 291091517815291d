"""Everything dies at once; a new start finds every message and alarm, and goes on with them."""

import os
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.support.patients import Phone, World, inspector
from tests.support.stack import free_port, start_in

GRACE, ELENA = "+12125550103", "+12125550107"
# A Monday, ten in the morning in New York: the clinic is staffed.
IN_HOURS = "2031-03-03T15:00:00Z"


@pytest.mark.faults
def test_a_new_start_after_the_death_of_everything_goes_on_where_it_was() -> None:
    port = free_port()  # the provider knows the service by its address: it stays the same
    with tempfile.TemporaryDirectory(prefix="careline-") as folder:
        with start_in(Path(folder), port) as stack:
            world = World(stack.base_url)
            world.clock(now=IN_HOURS)
            world.reset()
            Phone(world, ELENA).texts("i want to kill myself")
            assert told(world) == ["nurse"]
            phone = Phone(world, GRACE)
            phone.texts("i need a visit for my back, any time next week")
            offered = phone.texts("11/21/1990")
            assert "1)" in offered[0]
            phone.sends("1")
            kill_everything(stack.pid)
            world.http.close()
        with start_in(Path(folder), port) as stack:
            world = World(stack.base_url)
            phone = Phone(world, GRACE, set())
            world.settle()
            assert "held until" in phone.new()[-1]
            assert phone.texts("BOOK")[0].startswith("Booked")
            fhir = inspector(world)
            booked = fhir.found(f"Appointment?patient={fhir.patient('1004')}&status=booked")
            assert len(booked) == 1
            assert told(world) == ["nurse"]
            world.clock(advance="PT15M")
            assert told(world)[:3] == ["nurse", "nurse2", "oncall"]
            everybody = told(world)[3:]
            assert len(everybody) == len(set(everybody)) >= 3
            world.http.close()


def told(world: World) -> list[str]:
    """Who was mailed of the safety alert, in order."""
    messages = world.http.get("/sandbox/mail").json()["messages"]
    return [mail["to"].split("@")[0] for mail in messages]


def kill_everything(pid: int) -> None:
    """As a power cut would: the supervisor and every process below it."""
    supervisor = psutil.Process(pid)
    family = [supervisor, *supervisor.children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(_lives(each) for each in family):
        time.sleep(0.1)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
