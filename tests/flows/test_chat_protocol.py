"""The web chat's protocol: once per id, resume by position and event, errors without an echo."""

import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.patients import Visitor, World


def auth(visitor: Visitor) -> dict[str, str]:
    return {"Authorization": f"Bearer {visitor.token}"}


def events(
    world: World, path: str, headers: dict[str, str], count: int
) -> Iterator[dict[str, str]]:
    """The first events of a stream, each with its id, event and data."""
    with world.http.stream("GET", path, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        event: dict[str, str] = {}
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if value and name:
                event[name] = value
            if not line and "data" in event:
                yield event
                count -= 1
                event = {}
                if count == 0:
                    return


def test_the_same_id_many_times_at_once_is_one_message(world: World) -> None:
    visitor = Visitor.opens(world)
    id_ = str(uuid.uuid4())
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: visitor.sends("what are your hours", id_), range(4)))
    assert len({each["position"] for each in taken}) == 1
    world.settle()
    said = [each["from"] for each in visitor.transcript()]
    assert said == ["assistant", "patient", "assistant"]


def test_a_stream_resumes_after_the_last_event_and_misses_nothing(world: World) -> None:
    visitor = Visitor.opens(world)
    visitor.says("what are your hours")
    whole = list(events(world, "/chat/events?after=0", auth(visitor), 3))
    assert [each["event"] for each in whole] == ["message"] * 3
    assert [int(each["id"]) for each in whole] == [1, 2, 3]
    rest = list(events(world, "/chat/events?after=0", {**auth(visitor), "Last-Event-ID": "2"}, 1))
    assert rest[0]["id"] == "3"
    assert json.loads(rest[0]["data"]) == visitor.transcript()[2]
    by_query = list(events(world, f"/chat/events?after=2&token={visitor.token}", {}, 1))
    assert by_query[0]["id"] == "3"


def test_a_message_has_the_promised_shape(world: World) -> None:
    message = Visitor.opens(world).transcript()[0]
    assert set(message) == {
        "id", "position", "from", "name", "text", "choices", "progress", "input", "at",
    }  # fmt: skip
    assert message["from"] == "assistant"
    assert message["progress"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"id": "12345678", "text": ""}, 422),
        ({"id": "x", "text": "quorndle"}, 422),
        ({"id": "12345678", "text": "quorndle", "admin": True}, 422),
        ({"id": "12345678", "text": "quorndle" * 1000}, 422),
    ],
)
def test_bad_input_is_refused_without_an_echo(
    world: World, body: dict[str, object], status: int
) -> None:
    visitor = Visitor.opens(world)
    answer = world.http.post("/chat/messages", json=body, headers=auth(visitor))
    assert answer.status_code == status
    assert "quorndle" not in answer.text


def test_a_megabyte_is_refused(world: World) -> None:
    visitor = Visitor.opens(world)
    body = json.dumps({"id": "12345678", "text": "x" * 2_000_000})
    answer = world.http.post("/chat/messages", content=body, headers=auth(visitor))
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


def test_nobody_reads_a_chat_without_its_token(world: World) -> None:
    Visitor.opens(world)
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        assert world.http.get("/chat/messages", headers=headers).status_code == 401
        assert world.http.get("/chat/events", headers=headers).status_code == 401


def test_an_unknown_clinic_is_refused(world: World) -> None:
    answer = world.http.post("/chat/sessions", json={"clinic": "elsewhere", "language": "en"})
    assert answer.status_code == 404
