"""A safety alert reaches a person: mail after mail, through outages, until somebody takes it on."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.patients import Phone, World, inspector
from tests.support.stack import Stack

GRACE, SAM = "+12125550103", "+12125550101"
CRISIS = "i want to kill myself"
# A Monday in New York: at ten in the morning the clinic is staffed, at ten at night it is not.
IN_HOURS, AT_NIGHT = "2031-03-03T15:00:00Z", "2031-03-04T03:00:00Z"
LADDER = ["nurse", "nurse2", "oncall"]


@pytest.fixture(scope="module", autouse=True)
def present(stack: Stack) -> Iterator[None]:
    """Afterwards it is today again: other flows ask for answers that hold today."""
    yield
    world = World(stack.base_url)
    world.clock(real=True)
    world.http.close()


@pytest.fixture
def in_hours(world: World) -> World:
    return at(world, IN_HOURS)


def at(world: World, time: str) -> World:
    """Set that time in a world that was only just made, so that nothing has happened yet."""
    world.clock(now=time)
    return world


def mails(world: World) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = world.http.get("/sandbox/mail").json()["messages"]
    return read


def told(world: World) -> list[str]:
    """The names before the @, in order."""
    return [mail["to"].split("@")[0] for mail in mails(world)]


def minutes_after(world: World) -> list[int]:
    """How long after the first mail each went out."""
    seen = [mail["at"][11:16].split(":") for mail in mails(world)]
    since = [int(hour) * 60 + int(minute) for hour, minute in seen]
    return [each - since[0] for each in since]


def task_of(world: World) -> dict[str, Any]:
    return inspector(world).found("Task?priority=stat")[0]


def versions(world: World) -> list[tuple[str, str]]:
    """Status and standing of every version of the one urgent Task, the oldest first."""
    history = inspector(world).get(f"Task/{task_of(world)['id']}/_history")
    found = [entry["resource"] for entry in reversed(history["entry"])]
    return [(each["status"], each["businessStatus"]["coding"][0]["code"]) for each in found]


def test_in_clinic_hours_it_climbs_every_five_minutes(in_hours: World) -> None:
    phone = Phone(in_hours, GRACE)
    assert any("988" in text for text in phone.texts(CRISIS))
    assert told(in_hours) == ["nurse"]
    in_hours.clock(advance="PT30M")
    assert told(in_hours)[:3] == LADDER
    everybody = told(in_hours)[3:]
    assert set(LADDER) <= set(everybody)
    assert Counter(everybody).most_common(1)[0][1] == 1
    assert minutes_after(in_hours) == [0, 5, 10] + [15] * len(everybody)
    assert in_hours.state()["unacknowledged_escalations"] == 1
    assert (
        versions(in_hours) == [("requested", "unassigned")] * 2 + [("requested", "escalated")] * 3
    )
    notes = [note["text"] for note in task_of(in_hours)["note"]]
    assert notes[1:] == [
        "Told the primary nurse by e-mail.",
        "Not acknowledged in time. Told the backup nurse by e-mail.",
        "Told the nurse on call by e-mail.",
        "Not acknowledged in time. Told everybody by e-mail.",
    ]
    in_hours.clock(advance="P1D")
    assert len(told(in_hours)) == 3 + len(everybody)


def test_every_step_is_audited(in_hours: World) -> None:
    before = len(steps_audited(in_hours))
    Phone(in_hours, GRACE).texts(CRISIS)
    in_hours.clock(advance="PT16M")
    fresh = steps_audited(in_hours)[: -before or None]
    assert fresh == ["everybody", "on_call", "backup", "primary"]


def steps_audited(world: World) -> list[str]:
    """The steps of all ladders ever, the newest first."""
    events = inspector(world).found("AuditEvent?agent=ladder&_count=500")
    return [event["subtype"][-1]["code"].removeprefix("escalation:ladder:") for event in events]


def test_out_of_hours_it_starts_on_call(world: World) -> None:
    Phone(at(world, AT_NIGHT), GRACE).texts(CRISIS)
    assert told(world) == ["oncall"]
    world.clock(advance="PT4M")
    assert told(world) == ["oncall"]
    world.clock(advance="PT2M")
    assert set(told(world)[1:]) >= set(LADDER)


def test_who_takes_it_on_stops_it_and_the_task_ends_completed(
    in_hours: World, careline: Callable[..., str]
) -> None:
    Phone(in_hours, GRACE).texts(CRISIS)
    in_hours.clock(advance="PT6M")
    assert told(in_hours) == ["nurse", "nurse2"]
    conversation = mails(in_hours)[0]["text"].rsplit("/", 1)[1].strip()
    careline("conversation", "give-back", conversation)
    in_hours.clock(advance="PT1H")
    assert told(in_hours) == ["nurse", "nurse2"]
    assert in_hours.state()["unacknowledged_escalations"] == 0
    assert task_of(in_hours)["status"] == "completed"


def test_with_everything_else_down_it_climbs_and_the_record_follows_in_order(
    in_hours: World,
) -> None:
    in_hours.faults(twilio="down", fhir="down", rasa="down")
    Phone(in_hours, GRACE).sends(CRISIS)
    in_hours.settle()
    in_hours.clock(advance="PT11M")
    assert told(in_hours) == LADDER
    in_hours.faults(fhir="ok")
    in_hours.settle()
    assert (
        versions(in_hours) == [("requested", "unassigned")] * 2 + [("requested", "escalated")] * 2
    )


def test_who_asks_for_a_person_is_told_of_once_and_again_when_overdue(in_hours: World) -> None:
    Phone(in_hours, SAM).texts("talk to a person")
    first = mails(in_hours)
    assert {mail["subject"] for mail in first} == {"Somebody asked for a person"}
    in_hours.clock(advance="PT3H")
    assert mails(in_hours) == first
    in_hours.clock(advance="PT2H")
    late = mails(in_hours)[len(first) :]
    assert {mail["subject"] for mail in late} == {"Overdue: Somebody asked for a person"}


def test_mail_names_nobody_and_leads_to_the_conversation(in_hours: World) -> None:
    Phone(in_hours, GRACE).texts(CRISIS)
    mail = mails(in_hours)[0]
    said = (mail["subject"] + mail["text"]).lower()
    assert not [word for word in ("grace", "0103", "kill", "suicide", "crisis") if word in said]
    link = mail["text"].splitlines()[-1]
    assert link.startswith(f"{in_hours.base_url}/console/conversations/")
    page = in_hours.http.get("/sandbox/mail", headers={"Accept": "text/html"}).text
    assert f'<a href="{link}">' in page


def test_reset_empties_the_mail(in_hours: World) -> None:
    Phone(in_hours, GRACE).texts(CRISIS)
    assert told(in_hours) == ["nurse"]
    in_hours.reset()
    assert told(in_hours) == []
    in_hours.clock(advance="PT30M")
    assert told(in_hours) == []
