"""The engine's one way in: a turn of the line, answered with names of responses and no words."""

from __future__ import annotations

import hmac
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

TEXT_CHARS: Final = 1600  # the most a text message of several parts can hold
ID_CHARS: Final = 255  # the tracker store's column
# What a text of nothing but slashes stands for: unclear, like any single mark.
UNCLEAR: Final = "?"

Handler = Callable[[UserMessage], Awaitable[Any]]
logger = logging.getLogger(__name__)


class BadTurn(Exception):
    """The body is not a turn."""


@dataclass(frozen=True)
class Turn:
    """What the line asks: this text, said in this conversation, known under this turn id."""

    conversation: str
    turn: str
    text: str
    metadata: dict[str, Any]

    @classmethod
    def from_json(cls, body: object) -> Turn:
        """Read a turn.

        Raises:
            BadTurn: A field is missing, unknown, empty, too long or of another type.
        """
        if not isinstance(body, dict) or set(body) != {"conversation", "turn", "text", "metadata"}:
            raise BadTurn
        if not isinstance(body["metadata"], dict):
            raise BadTurn
        return cls(
            conversation=_read_text(body["conversation"], ID_CHARS),
            turn=_read_text(body["turn"], ID_CHARS),
            text=_read_text(body["text"], TEXT_CHARS),
            metadata=body["metadata"],
        )

    def message(self, *, channel: str, output: CollectingOutputChannel) -> UserMessage:
        """Give the message as the engine takes it."""
        return UserMessage(
            self._spoken(),
            output,
            self.conversation,
            input_channel=channel,
            message_id=self.turn,
            metadata=self.metadata,
        )

    def _spoken(self) -> str:
        """Take leading slashes away: the engine would read "/restart" as a command."""
        return self.text.lstrip("/ \t\r\n") or UNCLEAR


class Line(InputChannel):
    """POST turn, GET health. Texts stay out of logs and of error answers."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    @classmethod
    def name(cls) -> str:
        """Give the channel's place in the URL."""
        return "line"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Line:
        """Make the channel with the token of the environment.

        Raises:
            KeyError: RASA_TOKEN is not set, or empty.
        """
        token = os.environ["RASA_TOKEN"]
        if not token:
            raise KeyError("RASA_TOKEN")
        return cls(token)

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """Give the routes."""
        routes = Blueprint("line")

        @routes.get("/")
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @routes.post("/turn")
        async def turn(request: Request) -> HTTPResponse:
            if not self._may_ask(request):
                return response.empty(401)
            return await self._answer(request, on_new_message)

        return routes

    def _may_ask(self, request: Request) -> bool:
        """Compare as bytes: the comparison refuses a text that is not ASCII."""
        given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
        return hmac.compare_digest(given, self._expected)

    async def _answer(self, request: Request, handle: Handler) -> HTTPResponse:
        try:
            asked = Turn.from_json(_read_json(request))
        except BadTurn:
            return response.json({"error": "bad_turn"}, 400)
        output = CollectingOutputChannel()
        try:
            await handle(asked.message(channel=self.name(), output=output))
        except Exception as error:  # noqa: BLE001 - whatever failed, its message may hold the text
            logger.error("A turn failed: %s", type(error).__name__)  # noqa: TRY400 - as above
            return response.json({"error": "turn_failed", "type": type(error).__name__}, 500)
        return response.json({"turn": asked.turn, "messages": _named_responses(output)})


def _named_responses(output: CollectingOutputChannel) -> list[dict[str, Any]]:
    """Give what was answered; words in place of a named response fail here, on purpose."""
    return [message["custom"] for message in output.messages]


def _read_json(request: Request) -> object:
    try:
        body: object = request.json
    except Exception as error:
        raise BadTurn from error
    return body


def _read_text(value: object, most_chars: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > most_chars:
        raise BadTurn
    return value
