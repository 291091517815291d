"""The loops of forms and bookings, called as the engine calls them, over HTTP on both sides."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, override

import httpx
import pytest

from actions.gateway import _Connection
from actions.main import create_app

SLOTS = {"intake_form": ("form_answer", "form_words"), "booking_form": ("booking_answer",)}
TOKEN = "a-token-of-the-engine-in-a-test"


@dataclass
class Product:
    """What the actions call: a form at a question, and what it was told."""

    url: str
    takes_words: bool = False
    is_open: bool = True
    told: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    made = Product("")

    class Internal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path.endswith("/answer"):
                made.told.append((self.path, body["text"]))
            said = json.dumps({"open": made.is_open, "takes_words": made.takes_words}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Internal)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("INTERNAL_URL", made.url)
    monkeypatch.setenv("INTERNAL_TOKEN", "a-token-of-the-product-in-a-test")
    monkeypatch.setenv("ACTIONS_TOKEN", TOKEN)
    monkeypatch.setattr(_Connection, "client", None)
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


async def validate(loop: str, asked: str, **heard: str) -> dict[str, object]:
    """Let the loop's validation run after a text; the slots that it sets."""
    slots: dict[str, str | None] = {**dict.fromkeys(SLOTS[loop]), **heard}
    events = [{"event": "slot", "name": name, "value": value} for name, value in heard.items()]
    tracker = {
        "sender_id": "a",
        "slots": slots | {"requested_slot": asked},
        "latest_message": {"text": "", "metadata": {"token": "t", "language": "en"}},
        "events": [{"event": "user", "text": ""}, *events],
        "active_loop": {"name": loop},
    }
    call = {
        "next_action": f"validate_{loop}",
        "sender_id": "a",
        "tracker": tracker,
        "domain": {"forms": {loop: {"required_slots": list(SLOTS[loop])}}, "slots": {}},
    }
    app = httpx.ASGITransport(app=create_app())
    async with httpx.AsyncClient(transport=app, base_url="http://actions") as engine:
        answer = await engine.post(
            "/webhook", json=call, headers={"Authorization": f"Bearer {TOKEN}"}
        )
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["events"]
    client, _Connection.client = _Connection.client, None
    if client is not None:
        await client.aclose()
    return {each["name"]: each["value"] for each in found}


@pytest.mark.parametrize("takes_words", [True, False])
async def test_answer_is_handed_over_once_and_the_next_question_asked_for(
    product: Product, takes_words: bool
) -> None:
    product.takes_words = takes_words
    asked = "form_words" if takes_words else "form_answer"
    found = await validate("intake_form", asked, **{asked: "my knee"})
    assert product.told == [("/internal/v1/form/answer", "my knee")]
    assert found == {"form_answer": None, "form_words": None, "requested_slot": asked}


@pytest.mark.parametrize(("asked", "takes_words"), [("form_words", False), ("form_answer", True)])
async def test_answer_that_comes_again_when_the_form_has_gone_on_does_not_end_the_loop(
    product: Product, asked: str, takes_words: bool
) -> None:
    product.takes_words = takes_words
    found = await validate("intake_form", asked, **{asked: "my knee"})
    following = "form_words" if takes_words else "form_answer"
    assert product.told == [("/internal/v1/form/answer", "my knee")]
    assert found == {"form_answer": None, "form_words": None, "requested_slot": following}


async def test_what_is_no_answer_leaves_the_slots_alone(product: Product) -> None:
    assert await validate("intake_form", "form_answer") == {"requested_slot": "form_answer"}
    assert product.told == []


@pytest.mark.parametrize(
    ("loop", "slot"), [("intake_form", "form_words"), ("booking_form", "booking_answer")]
)
async def test_loop_ends_when_nothing_is_open_any_more_and_keeps_nothing(
    product: Product, loop: str, slot: str
) -> None:
    product.is_open = False
    found = await validate(loop, slot, **{slot: "no thanks"})
    assert [text for _, text in product.told] == ["no thanks"]
    assert found[slot] is None
    assert found["requested_slot"] is None
