"""The web chat's protocol: a session, messages up by POST, messages down by SSE with resume."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.conversations.transcript import topic_of
from api.core.ids import ConversationId
from api.widget import service
from api.widget.schemas import (
    Message,
    Messages,
    MessageTaken,
    OpenSession,
    SendMessage,
    SessionOpened,
    as_message,
)
from api.widget.service import Chat

RETRY_MS = 2_000


def router(chat: Chat) -> APIRouter:
    """The routes under `/chat`."""

    async def conversation(
        authorization: Annotated[str, Header()] = "", token: str = ""
    ) -> ConversationId:
        presented = authorization.removeprefix("Bearer ") or token
        return await service.conversation_of(chat, presented)

    routes = APIRouter(prefix="/chat", tags=["chat"])
    mine = Annotated[ConversationId, Depends(conversation)]

    @routes.post("/sessions", status_code=201)
    async def open_session(wanted: OpenSession) -> SessionOpened:
        """Open a chat with a clinic."""
        opened = await service.open_session(chat, wanted.clinic, wanted.language)
        return SessionOpened(
            session=opened.session, token=opened.token, expires_at=opened.expires_at
        )

    @routes.post("/messages", status_code=202)
    async def send(mine: mine, message: SendMessage) -> MessageTaken:
        """Send a message; the same id again is the same message."""
        position = await service.receive(chat, mine, message.id, message.text)
        return MessageTaken(id=message.id, position=position)

    @routes.get("/messages")
    async def messages(mine: mine, after: Annotated[int, Query(ge=0)] = 0) -> Messages:
        """The transcript after a position."""
        said = await service.messages_after(chat, mine, after)
        return Messages(messages=[as_message(each) for each in said])

    @routes.get("/events", response_class=EventSourceResponse)
    async def events(
        mine: mine,
        after: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[str, Header()] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        """The transcript as it grows, from a position or the browser's last event on."""
        position = int(last_event_id) if last_event_id.isdecimal() else after
        async for message in follow(chat, mine, position):
            yield ServerSentEvent(
                data=message.model_dump(mode="json"),
                event="message",
                id=str(message.position),
                retry=RETRY_MS,
            )

    return routes


async def follow(chat: Chat, conversation: ConversationId, position: int) -> AsyncIterator[Message]:
    """Every message after a position, now and as they come.

    Subscribed before the first look, so that nothing falls between looking and listening.
    """
    async with chat.announcements.subscribe(topic_of(conversation)) as news:
        while True:
            for said in await service.messages_after(chat, conversation, position):
                position = said.position
                yield as_message(said)
            await news.wait()
