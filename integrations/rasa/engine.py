"""The `DialogueEngine` port over a Rasa process on loopback or a private network.

Turns go through our input channel (`bot/channels/`); the engine's HTTP API, with the same token,
is used only to look a turn up and to seed a new sender with an open form.
"""

from collections.abc import Mapping, Sequence
from typing import Any, override
from urllib.parse import quote

import httpx

from integrations.ports.dialogue import DialogueEngine, EngineReply, EngineTurn, Loop
from integrations.ports.errors import UnknownOutcome, Unreachable

READY_TIMEOUT_S = 2.0
MAX_TEXT_CHARS = 1600
LISTEN = {"event": "action", "name": "action_listen"}


class RasaEngine(DialogueEngine):
    """One engine, or several behind one address."""

    def __init__(self, *, url: str, token: str, timeout_s: float) -> None:
        self._token = token
        self._http = httpx.AsyncClient(
            base_url=url, timeout=httpx.Timeout(timeout_s, connect=2.0), trust_env=False
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    @override
    async def turn(self, turn: EngineTurn) -> tuple[EngineReply, ...]:
        if turn.resume is not None:
            await self._open_form(turn.sender, turn.resume)
        body = {
            "conversation": turn.sender,
            "turn": turn.turn,
            "text": speakable(turn.text),
            "metadata": dict(turn.metadata),
        }
        answer = await self._call("POST", "/webhooks/line/turn", body)
        return tuple(_reply(each) for each in answer["messages"])

    @override
    async def recall(self, *, sender: str, turn: str) -> tuple[EngineReply, ...] | None:
        path = f"/conversations/{_segment(sender)}/tracker"
        tracker = await self._call("GET", path, None)
        events: Sequence[Mapping[str, Any]] = tracker.get("events") or ()
        heard = [n for n, each in enumerate(events) if each.get("message_id") == turn]
        if not heard:
            return None
        after = _until_next_user(events[heard[-1] + 1 :])
        said = (each["data"]["custom"] for each in after if each["event"] == "bot")
        return tuple(_reply(each) for each in said)

    @override
    async def is_ready(self) -> bool:
        try:
            status = await self._http.get(
                "/status", params={"token": self._token}, timeout=READY_TIMEOUT_S
            )
        except httpx.HTTPError:
            return False
        return status.status_code == httpx.codes.OK and bool(status.json().get("model_file"))

    async def _open_form(self, sender: str, loop: Loop) -> None:
        """Put a new sender into the middle of a form, as if it had been opened there."""
        events = [
            {"event": "action", "name": "action_session_start"},
            {"event": "session_started"},
            LISTEN,
            {"event": "active_loop", "name": loop.form},
            {"event": "slot", "name": "requested_slot", "value": loop.slot},
            LISTEN,
        ]
        await self._call("POST", f"/conversations/{_segment(sender)}/tracker/events", events)

    async def _call(self, method: str, path: str, body: object) -> dict[str, Any]:
        try:
            answer = await self._http.request(
                method,
                path,
                json=body,
                params={"token": self._token} if path.startswith("/conversations") else None,
                headers={"Authorization": f"Bearer {self._token}"},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unreachable from None
        except httpx.HTTPError:
            raise UnknownOutcome from None
        if answer.status_code == httpx.codes.CONFLICT:
            # Rasa's API answers 409 while no model is loaded: nothing happened.
            raise Unreachable
        if answer.status_code != httpx.codes.OK:
            raise UnknownOutcome
        read: dict[str, Any] = answer.json()
        return read


def speakable(text: str) -> str:
    """The text as the engine may see it: never a command of its own ("/restart"), bounded."""
    return text.lstrip().lstrip("/").lstrip()[:MAX_TEXT_CHARS] or "?"


def _segment(sender: str) -> str:
    """A sender as a part of a path; the engine takes a colon as it stands, and decodes nothing."""
    return quote(sender, safe=":")


def _reply(custom: Mapping[str, Any]) -> EngineReply:
    return EngineReply(str(custom["response"]), custom.get("arguments") or {})


def _until_next_user(events: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    for place, each in enumerate(events):
        if each["event"] == "user":
            return events[:place]
    return events
