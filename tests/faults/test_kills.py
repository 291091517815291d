"""kill -9 in the middle of a turn: nothing lost, nothing answered twice, nothing booked twice."""

import os
import random
import signal
import time

import httpx
import pytest

from tests.faults.killing import send_surely
from tests.support.patients import FhirClient, Phone, World, inspector, staff

VICTIMS = ("worker", "rasa", "actions", "api")
STEPS = (
    "i need a visit for my back, any time next week",
    "yes",
    "1/31/1980",
    "1",
    "BOOK",
)
HOLDING = "can't answer it right now"
LONGEST_S = 150


@pytest.mark.faults
def test_nothing_is_lost_or_doubled_when_processes_are_killed(
    world: World, dice: random.Random, rounds: int
) -> None:
    for number in range(rounds):
        victim = VICTIMS[number % len(VICTIMS)]
        at_step = dice.randrange(len(STEPS))
        delay_s = dice.uniform(0, 0.3)
        print(f"round {number}: kill {victim} {delay_s:.3f} s after step {at_step}")
        phone = new_patient(world, number)
        for step, text in enumerate(STEPS):
            send_surely(world, phone, text)
            if step == at_step:
                time.sleep(delay_s)
                os.kill(world.pid_of(victim), signal.SIGKILL)
            answers = answers_to(world, phone)
            assert len(answers) == 1, (number, step, answers)
        assert booked_once(inspector(world), phone, number), number
    assert world.state()["dead_letters"] == 0
    world.clock(advance="PT15M")
    assert inspector(world).found("Appointment?status=pending") == []


def new_patient(world: World, number: int) -> Phone:
    """A patient made by staff, with a phone from the range that belongs to nobody."""
    digits = f"+12125550{110 + number % 80}"
    answer = staff(world).create(
        {
            "resourceType": "Patient",
            "active": True,
            "identifier": [{"system": "https://careline.example/mrn", "value": f"8{number:03}"}],
            "name": [{"family": f"Fault{number}", "given": ["Pat"]}],
            "telecom": [{"system": "phone", "value": digits}],
            "birthDate": "1980-01-31",
        }
    )
    assert answer.status_code == 201, answer.text
    return Phone(world, digits)


def answers_to(world: World, phone: Phone) -> list[str]:
    """What came back, the holding reply left out, once everything is up and settled again."""
    answers: list[str] = []
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        try:
            world.wait_ready()
            world.settle()
            answers += [text for text in phone.new() if HOLDING not in text]
        except (httpx.HTTPError, AssertionError):
            continue
        if answers and not any(world.state()["inbox"].get(k) for k in ("pending", "waiting")):
            return answers
    return answers


def booked_once(fhir: FhirClient, phone: Phone, number: int) -> bool:
    patient = fhir.patient(f"8{number:03}")
    booked = fhir.found(f"Appointment?patient={patient}&status=booked")
    held = fhir.found(f"Appointment?patient={patient}&status=pending")
    return len(booked) == 1 and not held
