"""Whoever gets the one-time link of a text and opens it, over HTTP as its page does."""

import re
from typing import Any

import httpx

from api.intake.assignments import as_task
from tests.support.fhir import NOW
from tests.support.patients import Visitor, World, staff

_LINK = re.compile(r"https?://\S+/f/lakeside\S*#([A-Za-z0-9]{22})\b")


def link_in(text: str) -> str:
    """The address in a text."""
    found = _LINK.search(text)
    assert found, text
    return found[0]


def opened(world: World, link: str, born: str, language: str = "es") -> httpx.Response:
    """The answer to a birth date that is given on the page of a link."""
    token = link.partition("#")[2]
    wanted = {"clinic": "lakeside", "language": language, "link": token, "born": born}
    return world.http.post("/chat/sessions/link", json=wanted)


def visitor(world: World, answer: httpx.Response) -> Visitor:
    """Whoever was let in."""
    assert answer.status_code == 201, answer.text
    got: dict[str, Any] = answer.json()
    return Visitor(world, got["token"], got["session"], resume=got["resume"])


def asks_for(world: World, form: str, mrn: str) -> None:
    """The clinic wants a form from somebody."""
    record = staff(world)
    requester = f"Practitioner/{record.found('Practitioner')[0]['id']}"
    canonical = f"https://careline.example/Questionnaire/{form}|1.0"
    task = as_task(canonical, record.patient(mrn), requester=requester, now=NOW)
    assert record.create(task).status_code == 201
