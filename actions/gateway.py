"""The one way an action speaks to the product: HTTP to `/internal`, with the turn's token."""

import os
from collections.abc import Mapping
from typing import Any

import httpx
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

# Less than the engine's own limit for an action, more than any answer should take.
TIMEOUT_S = 10.0
IDENTITY_REQUIRED, CODE_REQUIRED = "identity_required", "code_required"


class Refused(Exception):
    """The product refused with a typed code that the conversation can talk about."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _client() -> httpx.AsyncClient:
    settings = os.environ  # noqa: TID251 -- actions have no settings of `api`
    return httpx.AsyncClient(
        base_url=settings["INTERNAL_URL"],
        headers={"X-Internal-Token": settings["INTERNAL_TOKEN"]},
        timeout=TIMEOUT_S,
        trust_env=False,
    )


class _Connection:
    """One pooled client per process, made when the first action runs."""

    client: httpx.AsyncClient | None = None

    @classmethod
    def get(cls) -> httpx.AsyncClient:
        if cls.client is None:
            cls.client = _client()
        return cls.client


async def call(tracker: Tracker, path: str, body: Mapping[str, object]) -> dict[str, Any]:
    """POST to an internal path for this turn.

    Raises:
        Refused: a typed refusal. httpx.HTTPError: the product is away; the turn fails.
    """
    metadata = tracker.latest_message.get("metadata") or {}
    answer = await _Connection.get().post(
        f"/internal/v1/{path}",
        json={"language": metadata.get("language", "en"), **body},
        headers={"Authorization": f"Bearer {metadata.get('token', '')}"},
    )
    if answer.status_code == httpx.codes.FORBIDDEN:
        raise Refused(str(answer.json()["error"]))
    answer.raise_for_status()
    read: dict[str, Any] = answer.json()
    return read


def heard(tracker: Tracker) -> str:
    """What the patient wrote in this turn."""
    return str(tracker.latest_message.get("text") or "")


def respond(dispatcher: CollectingDispatcher, reply: Mapping[str, Any]) -> None:
    """Answer by the name of a response and its arguments; words are the product's."""
    dispatcher.utter_message(
        json_message={"response": reply["response"], "arguments": reply.get("arguments", {})}
    )


def ask_who(dispatcher: CollectingDispatcher) -> None:
    """Say that the patient must be known first; the product parks the message and asks."""
    respond(dispatcher, {"response": IDENTITY_REQUIRED})


def put_off(dispatcher: CollectingDispatcher, refused: Refused) -> None:
    """Say what is missing; the product parks the message, asks for that, and asks us again."""
    if refused.code == CODE_REQUIRED:
        respond(dispatcher, {"response": CODE_REQUIRED})
    else:
        ask_who(dispatcher)
