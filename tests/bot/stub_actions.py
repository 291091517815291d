"""An action server for the tests: the real SDK, a booking of two questions, and reminders."""

from __future__ import annotations

import asyncio
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

QUESTIONS = ("booking_when", "booking_confirm")


@dataclass
class Bookings:
    """What the server heard, by conversation; `is_failing` makes it answer 500."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    is_failing: bool = False

    def question(self, conversation: str) -> str | None:
        given = len(self.answers.get(conversation, []))
        return QUESTIONS[given] if given < len(QUESTIONS) else None


class BookingAction(Action):
    """An action over what was heard."""

    def __init__(self, bookings: Bookings) -> None:
        self.bookings = bookings


class Open(BookingAction):
    def name(self) -> str:
        return "action_booking_open"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        self.bookings.answers[tracker.sender_id] = []
        return []


class Validate(FormValidationAction):
    def __init__(self, bookings: Bookings) -> None:
        self.bookings = bookings

    def name(self) -> str:
        return "validate_booking_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        return ["booking_answer"] if self.bookings.question(tracker.sender_id) else []

    def validate_booking_answer(
        self,
        value: str,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, Any]:
        self.bookings.answers[tracker.sender_id].append(value)
        return {"booking_answer": None}


class Ask(BookingAction):
    def name(self) -> str:
        return "action_ask_booking_form_booking_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        question = self.bookings.question(tracker.sender_id)
        dispatcher.utter_message(json_message={"response": question, "arguments": {"of": 2}})
        return []


class Outcome(BookingAction):
    def name(self) -> str:
        return "action_booking_outcome"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(json_message={"response": "booking_done"})
        return []


class Reminder(Action):
    """What is said or asked of reminders: it answers with its own name and what it heard."""

    def __init__(self, called: str) -> None:
        self.called = called

    def name(self) -> str:
        return f"action_{self.called}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        heard = {"text": tracker.latest_message["text"]}
        dispatcher.utter_message(json_message={"response": self.called, "arguments": heard})
        return []


REMINDERS = (
    *("reminder_set_up", "reminder_change", "reminder_stop", "reminder_list"),
    *("dose_taken", "dose_skipped", "dose_later"),
)


@contextmanager
def serve(bookings: Bookings) -> Iterator[str]:
    """Serve the actions on a free port of the loopback; gives the URL."""
    executor = ActionExecutor()
    for action in (Open, Validate, Ask, Outcome):
        executor.register_action(action(bookings))
    for called in REMINDERS:
        executor.register_action(Reminder(called))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(bookings, executor))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/webhook"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(bookings: Bookings, executor: ActionExecutor) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "deflate":
                body = zlib.decompress(body)
            call = json.loads(body)
            bookings.calls.append(call)
            bookings.tokens.add(self.headers.get("authorization"))
            self._answer(call)

        def _answer(self, call: dict[str, Any]) -> None:
            if bookings.is_failing:
                self._send(500, {})
                return
            self._send(200, asyncio.run(executor.run(call)))

        def _send(self, status: int, answer: object) -> None:
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
