"""The web chat's protocol: once per id, resume by position and event, errors without an echo.

Sessions too: come back to, in two tabs, idled out by the sandbox's clock, confirmed, ended.
"""

import json
import os
import signal
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.patients import Phone, Visitor, World

SAM = "+12125550101"
BORN = {"born": "1979-03-09"}
WRONG = {"born": "1979-03-08"}


def asked(world: World, visitor: Visitor, verb: str, path: str, **body: object) -> tuple[int, str]:
    """Status and error code of a request of this page."""
    answer = world.http.request(verb, f"/chat/{path}", headers=visitor.auth, **body)  # type: ignore[arg-type]
    return answer.status_code, answer.json().get("error", "") if answer.content else ""


def known(world: World) -> Visitor:
    """Sam Carter, who has said who he is."""
    visitor = Visitor.opens(world)
    for text in ("I want to book a visit", "1001", "3/9/1979"):
        visitor.says(text)
    return visitor


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
    whole = list(events(world, "/chat/events?after=0", visitor.auth, 3))
    assert [each["event"] for each in whole] == ["message"] * 3
    assert [int(each["id"]) for each in whole] == [1, 2, 3]
    rest = list(events(world, "/chat/events?after=0", {**visitor.auth, "Last-Event-ID": "2"}, 1))
    assert rest[0]["id"] == "3"
    assert json.loads(rest[0]["data"]) == visitor.transcript()[2]


def test_token_in_an_address_opens_the_stream_only(world: World) -> None:
    """A browser's EventSource can send no header; all else is asked for with one."""
    visitor = Visitor.opens(world)
    asked = {"token": visitor.token}
    assert world.http.get("/chat/messages", params=asked).status_code == 401
    (first,) = events(world, f"/chat/events?after=0&token={visitor.token}", {}, 1)
    assert first["id"] == "1"


def test_two_misses_in_a_row_offer_buttons_and_a_person(world: World) -> None:
    visitor = Visitor.opens(world)
    visitor.says("flurb gnarz wibble")
    offered = visitor.says("zzkx plomf")[-1]["choices"]
    assert "Talk to a person" in [each["label"] for each in offered]
    assert len(offered) > 1


def test_a_message_has_the_promised_shape(world: World) -> None:
    message = Visitor.opens(world).transcript()[0]
    assert set(message) == {
        "id", "position", "from", "name", "text", "choices", "progress", "form", "input",
        "tone", "at",
    }  # fmt: skip
    assert message["from"] == "assistant"
    assert message["progress"] is None
    assert message["form"] is None
    assert message["tone"] == "normal"


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
    answer = world.http.post("/chat/messages", json=body, headers=visitor.auth)
    assert answer.status_code == status
    assert "quorndle" not in answer.text


def test_a_megabyte_is_refused(world: World) -> None:
    visitor = Visitor.opens(world)
    body = json.dumps({"id": "12345678", "text": "x" * 2_000_000})
    answer = world.http.post("/chat/messages", content=body, headers=visitor.auth)
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


def test_nobody_reads_a_chat_without_its_token(world: World) -> None:
    Visitor.opens(world)
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        assert world.http.get("/chat/messages", headers=headers).status_code == 401
        assert world.http.get("/chat/events", headers=headers).status_code == 401


def test_an_unknown_clinic_is_refused(world: World) -> None:
    answer = world.http.post("/chat/sessions", json={"clinic": "elsewhere", "language": "en"})
    assert answer.status_code == 404


def test_second_tab_sees_the_same_log_and_writes_into_it(world: World) -> None:
    one = Visitor.opens(world)
    one.says("what are your hours")
    two = Visitor.opens(world, resume=one.resume)
    assert (two.standing, two.session) == ("resumed", one.session)
    assert two.transcript() == one.transcript()
    two.says("where are you")
    assert one.transcript() == two.transcript()
    streamed = list(events(world, "/chat/events?after=0", one.auth, 5))
    assert [json.loads(each["data"]) for each in streamed] == two.transcript()


def test_polling_tells_the_same_as_streaming(world: World) -> None:
    visitor = Visitor.opens(world)
    visitor.says("what are your hours")
    polled = world.http.get("/chat/messages?after=0", headers=visitor.auth).json()
    streamed = list(events(world, "/chat/events?after=0", visitor.auth, 4))
    assert [each["event"] for each in streamed] == [*["message"] * 3, "standing"]
    assert [json.loads(each["data"]) for each in streamed[:3]] == polled["messages"]
    assert json.loads(streamed[3]["data"]) == polled["standing"]
    assert polled["standing"]["owner"] == "bot"
    assert "id" not in streamed[3]


def test_stream_goes_on_over_a_restart_without_gap_or_repeat(world: World) -> None:
    visitor = Visitor.opens(world)
    visitor.says("what are your hours")
    before = list(events(world, "/chat/events?after=0", visitor.auth, 3))
    pid = world.pid_of("api")
    os.kill(pid, signal.SIGKILL)
    world.wait_ready()
    assert world.pid_of("api") != pid
    visitor.says("where are you")
    last = {**visitor.auth, "Last-Event-ID": before[-1]["id"]}
    after = list(events(world, "/chat/events?after=0", last, 2))
    assert [int(each["id"]) for each in before + after] == [1, 2, 3, 4, 5]
    assert [json.loads(each["data"]) for each in before + after] == visitor.transcript()


def test_still_chat_rests_and_its_stream_ends(world: World) -> None:
    visitor = Visitor.opens(world)
    world.clock(advance="PT14M59S")
    assert asked(world, visitor, "POST", "sessions/stay") == (204, "")
    world.clock(advance="PT14M59S")
    assert asked(world, visitor, "GET", "messages") == (200, "")
    with world.http.stream("GET", "/chat/events", headers=visitor.auth) as stream:
        lines = stream.iter_lines()
        assert next(lines)
        world.clock(advance="PT1S")
        assert list(lines)[-1] == ""  # it ended, as a whole event
    for verb, path in (
        ("GET", "messages"),
        ("GET", "events"),
        ("POST", "sessions/stay"),
        ("POST", "sessions/end"),
    ):
        assert asked(world, visitor, verb, path) == (401, "session_idle")
    unknown = Visitor.opens(world, resume=visitor.resume)
    assert (unknown.standing, len(unknown.transcript())) == ("new", 1)
    assert unknown.session != visitor.session


def test_known_patients_chat_opens_with_the_birth_date_and_is_shown_with_the_code(
    world: World,
) -> None:
    first, phone = known(world), Phone(world, SAM)
    said = first.transcript()
    world.clock(advance="PT15M")
    back = Visitor.opens(world, resume=first.resume)
    assert (back.standing, back.session) == ("confirm", first.session)
    for verb, path in (("GET", "messages"), ("GET", "events"), ("POST", "sessions/stay")):
        assert asked(world, back, verb, path) == (403, "confirm_first")
    assert asked(world, back, "POST", "sessions/confirm", json=WRONG) == (403, "not_confirmed")
    assert asked(world, back, "POST", "sessions/confirm", json=BORN) == (200, "")
    (offer,) = back.transcript()
    assert "ending in 01" in offer["text"]
    assert asked(world, first, "GET", "messages") == (401, "session_over")
    phone.new()
    back.says("Y")
    world.settle()
    back.says(phone.new()[-1].split("code is ", 1)[1][:6])
    assert back.transcript()[: len(said)] == said
    assert back.says("knee pain")[-1]["text"].startswith("When suits you?")
    third = Visitor.opens(world, resume=first.resume)
    assert third.standing == "resumed"


def test_three_wrong_birth_dates_close_the_chat_for_good(world: World) -> None:
    first = known(world)
    world.clock(advance="PT1H")
    back = Visitor.opens(world, resume=first.resume)
    tries = [asked(world, back, "POST", "sessions/confirm", json=WRONG) for _ in range(3)]
    assert tries == [(403, "not_confirmed")] * 2 + [(401, "session_over")]
    assert asked(world, back, "POST", "sessions/confirm", json=BORN) == (401, "session_over")
    assert Visitor.opens(world, resume=first.resume).standing == "new"


@pytest.mark.parametrize("born", ["", "3/9/1979", "1979-13-41", None, 5, "1979-03-09T00:00:01"])
def test_birth_date_that_is_none_is_refused_without_an_echo(world: World, born: object) -> None:
    visitor = Visitor.opens(world)
    answer = world.http.post("/chat/sessions/confirm", json={"born": born}, headers=visitor.auth)
    assert answer.status_code == 422
    assert "1979" not in answer.text


def test_cleared_chat_opens_nowhere_any_more(world: World) -> None:
    one = known(world)
    two = Visitor.opens(world, resume=one.resume)
    assert asked(world, two, "POST", "sessions/end") == (204, "")
    for page in (one, two):
        assert asked(world, page, "GET", "messages") == (401, "session_over")
        assert asked(world, page, "POST", "sessions/confirm", json=BORN) == (401, "session_over")
    fresh = Visitor.opens(world, resume=one.resume)
    assert (fresh.standing, len(fresh.transcript())) == ("new", 1)


def test_address_that_opens_too_many_chats_is_told_to_wait(world: World) -> None:
    body = {"clinic": "elsewhere", "language": "en"}  # counted, and leaves nothing behind
    headers = {"X-Forwarded-For": f"2001:db8:{uuid.uuid4().hex[:4]}::1"}
    answers = [world.http.post("/chat/sessions", json=body, headers=headers) for _ in range(70)]
    codes = [answer.status_code for answer in answers]
    assert codes == sorted(codes)
    assert set(codes) == {404, 429}
    assert answers[-1].json()["error"] == "too_often"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert world.http.post("/chat/sessions", json=body).status_code == 404


def test_hand_over_tells_when_a_person_answers(world: World) -> None:
    world.clock(now="2027-03-03T10:00:00-05:00")
    world.reset()
    visitor = Visitor.opens(world)
    assert "The care team is here now." in visitor.says("talk to a person")[-1]["text"]
    assert standing_of(world, visitor) == {"owner": "human", "name": None, "open": True}
    world.clock(now="2027-03-05T18:00:00-05:00")
    late = Visitor.opens(world, "es")
    answer = late.says("quiero hablar con una persona")[-1]["text"]
    assert "La clínica está cerrada. Abre el lunes a las 8 am." in answer
    assert standing_of(world, late)["open"] is False


def standing_of(world: World, visitor: Visitor) -> dict[str, object]:
    """Who answers, as a page that polls is told."""
    read = world.http.get("/chat/messages", headers=visitor.auth).json()
    return dict(read["standing"])


def test_two_turns_that_are_not_understood_offer_choices_and_a_person(world: World) -> None:
    visitor = Visitor.opens(world)
    visitor.says("blorf quandle wibble")
    answer = visitor.says("zxcv grumph fooble")[-1]
    assert "PERSON" in [choice["send"] for choice in answer["choices"]]
    assert len(answer["choices"]) > 1
    booking = known(world)
    for text in ("knee pain", "blorf quandle wibble"):
        booking.says(text)
    stuck = booking.says("zxcv grumph fooble")[-1]
    assert "PERSON" in [choice["send"] for choice in stuck["choices"]]


def test_emergency_stands_out(world: World) -> None:
    answer = Visitor.opens(world).says("crushing chest pain right now")[-1]
    assert answer["tone"] == "emergency"
    assert "Call 911 now" in answer["text"]
    assert answer["input"] == "none"
