"""The running engine, asked as the line asks it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine_process import ACTIONS_TOKEN, TOKEN, Engine
from stub_actions import Bookings

TURN = "/webhooks/line/turn"
SAID_NOWHERE = "purple elephants dance quietly"


@pytest.fixture
def conversation(request: pytest.FixtureRequest) -> str:
    """A sender id of its own for each test."""
    return f"{request.node.name}:1"


@pytest.fixture
def failing(bookings: Bookings) -> Iterator[None]:
    """The action server answers 500."""
    bookings.is_failing = True
    yield
    bookings.is_failing = False


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearer wrong",
        TOKEN.encode(),
        b"Bearer \xff\xfe",
        "Bearer é".encode(),
    ],
)
def test_without_the_token_nothing_is_heard(
    engine: Engine, authorization: bytes | None, conversation: str
) -> None:
    turn = {"conversation": conversation, "turn": "1", "text": "hello", "metadata": {}}
    assert engine.ask("POST", TURN, turn, authorization=authorization).status == 401


def test_the_engines_own_interface_wants_the_token_too(engine: Engine) -> None:
    assert engine.ask("GET", "/conversations/x/tracker").status == 401
    assert engine.ask("GET", f"/conversations/x/tracker?token={TOKEN}").status == 200


def test_stock_channels_are_closed(engine: Engine) -> None:
    body = {"sender": "x", "message": "hello"}
    assert engine.ask("POST", "/webhooks/rest/webhook", body).status == 404


def test_health_is_told_without_a_token(engine: Engine) -> None:
    assert engine.ask("GET", "/webhooks/line/", authorization=None).body == {"status": "ok"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", [], {}, {"text": "hello"}, "hello"])
def test_what_is_no_turn_is_refused(engine: Engine, body: object) -> None:
    answer = engine.ask("POST", TURN, body)
    assert (answer.status, answer.body) == (400, {"error": "bad_turn"})


def test_an_answer_names_its_turn_and_its_responses(engine: Engine, conversation: str) -> None:
    answer = engine.turn("what are your opening hours", conversation=conversation, turn="turn-7")
    assert answer.status == 200
    assert answer.body == {"turn": "turn-7", "messages": [{"response": "faq_hours"}]}


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("remind me to take my metformin at 8", "reminder_set_up"),
        ("cambie mi recordatorio a las 9", "reminder_change"),
        ("stop reminding me about my pills", "reminder_stop"),
        ("what reminders do i have", "reminder_list"),
        ("i skipped it today", "dose_skipped"),
    ],
)
def test_what_is_asked_of_reminders_is_handed_over_word_for_word(
    engine: Engine, conversation: str, text: str, response: str
) -> None:
    answer = engine.turn(text, conversation=conversation, turn="turn-9")
    assert answer.body["messages"] == [{"response": response, "arguments": {"text": text}}]


def test_the_turn_id_is_found_again_in_the_tracker(engine: Engine, conversation: str) -> None:
    engine.turn("hello", conversation=conversation, turn="turn-8")
    tracker = engine.ask("GET", f"/conversations/{conversation}/tracker?token={TOKEN}").body
    assert "turn-8" in [event.get("message_id") for event in tracker["events"]]


def test_a_booking_asks_until_it_is_closed(
    engine: Engine, bookings: Bookings, conversation: str
) -> None:
    first = engine.turn("I want to book an appointment", conversation=conversation)
    assert first.body["messages"] == [{"response": "booking_when", "arguments": {"of": 2}}]
    assert engine.responses("tuesday at 3", conversation=conversation) == ["booking_confirm"]
    assert engine.responses("yes", conversation=conversation) == ["booking_done"]
    assert bookings.answers[conversation] == ["tuesday at 3", "yes"]
    assert engine.responses("what are your opening hours", conversation=conversation) == [
        "faq_hours"
    ]


def test_a_practical_question_in_a_booking_is_answered_and_asked_on_once(
    engine: Engine, bookings: Bookings, conversation: str
) -> None:
    engine.turn("I want to book an appointment", conversation=conversation)
    said = engine.responses("what are your opening hours", conversation=conversation)
    assert said == ["faq_hours", "booking_when"]
    assert bookings.answers[conversation] == []
    assert engine.responses("tuesday at 3", conversation=conversation) == ["booking_confirm"]


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("I want to talk to a person", "handoff"),
        ("are my test results back", "not_served"),
        ("I need a refill of my metformin", "not_served"),
    ],
)
def test_what_is_urgent_to_the_patient_interrupts_a_booking(
    engine: Engine, conversation: str, text: str, response: str
) -> None:
    engine.turn("I want to book an appointment", conversation=conversation)
    assert engine.responses(text, conversation=conversation) == [response, "booking_when"]


@pytest.mark.parametrize(
    "answer",
    [
        "my knee hurts",
        "hello",
        "no",
        "zxqv brrt",
        "I want to book an appointment",
        "thursday",
        "bye",
    ],
)
def test_anything_else_in_a_booking_is_an_answer(
    engine: Engine, bookings: Bookings, conversation: str, answer: str
) -> None:
    engine.turn("I want to book an appointment", conversation=conversation)
    assert engine.responses(answer, conversation=conversation) == ["booking_confirm"]
    assert bookings.answers[conversation] == [answer]


def test_what_is_not_served_names_its_topic(engine: Engine, conversation: str) -> None:
    answer = engine.turn("I need a refill of my metformin", conversation=conversation)
    assert answer.body["messages"] == [
        {"response": "not_served", "arguments": {"topic": "refill_request"}}
    ]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/book_appointment",
        '/greet{"a":"b"}',
        "///",
        "EXTERNAL: greet",
        "{response}",
        "🙃",
        "\u202e",
        "日本",
        "\\",
        "%s %(x)s",
        "-",
        "?",
    ],
)
def test_odd_texts_are_asked_about(engine: Engine, conversation: str, text: str) -> None:
    assert len(engine.responses(text, conversation=conversation)) == 1


def test_a_command_of_the_engine_is_only_words(engine: Engine, conversation: str) -> None:
    """The booking stays open, and takes the word for an answer."""
    engine.turn("I want to book an appointment", conversation=conversation)
    assert engine.responses("/restart", conversation=conversation) == ["booking_confirm"]


def test_the_longest_text_is_heard(engine: Engine, conversation: str) -> None:
    assert engine.turn("a" * 1600, conversation=conversation).status == 200
    assert engine.turn("a" * 1601, conversation=conversation).status == 400


@pytest.mark.usefixtures("failing")
def test_failing_actions_leave_the_answer_empty(engine: Engine, conversation: str) -> None:
    answer = engine.turn("I want to book an appointment", conversation=conversation)
    assert (answer.status, answer.body["messages"]) == (200, [])


def test_the_next_turn_after_a_failure_works(
    engine: Engine, bookings: Bookings, conversation: str
) -> None:
    bookings.is_failing = True
    engine.turn("I want to book an appointment", conversation=conversation)
    bookings.is_failing = False
    assert engine.responses("I want to book an appointment", conversation=conversation) == [
        "booking_when"
    ]


def test_metadata_reach_the_actions_and_the_token_is_a_header(
    engine: Engine, bookings: Bookings, conversation: str
) -> None:
    turn = {
        "conversation": conversation,
        "turn": "turn-9",
        "text": "I want to book an appointment",
        "metadata": {"token": "turn-token"},
    }
    engine.ask("POST", TURN, turn)
    assert bookings.calls[-1]["tracker"]["latest_message"]["metadata"]["token"] == "turn-token"
    assert bookings.tokens == {f"Bearer {ACTIONS_TOKEN}"}


def test_no_word_and_no_token_is_in_the_log_at_its_most_talkative(
    engine: Engine, bookings: Bookings, conversation: str
) -> None:
    engine.turn(SAID_NOWHERE, conversation=conversation)
    engine.turn("I want to book an appointment", conversation=conversation)
    engine.turn(SAID_NOWHERE, conversation=conversation)
    bookings.is_failing = True
    engine.turn(SAID_NOWHERE, conversation=conversation)
    bookings.is_failing = False
    engine.ask("POST", TURN, f'{{"text": "{SAID_NOWHERE}'.encode())
    engine.ask("POST", f"/model/parse?token={TOKEN}", {"text": SAID_NOWHERE})
    log = "".join(engine.lines)
    assert "processor.py" in log
    for word in [*SAID_NOWHERE.split(), TOKEN, ACTIONS_TOKEN]:
        assert word not in log
