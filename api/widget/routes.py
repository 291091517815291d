"""The web chat's protocol: a session, messages up by POST, messages down by SSE with resume."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.conversations.transcript import Said
from api.core.addresses import network_of
from api.widget import links, service, sessions
from api.widget.limits import Asked
from api.widget.links import ByLink
from api.widget.schemas import (
    Confirm,
    Confirmed,
    Messages,
    MessageTaken,
    OpenByLink,
    OpenSession,
    SendMessage,
    SessionOpened,
    as_message,
    as_opened,
    as_standing,
)
from api.widget.service import Chat
from api.widget.sessions import Visit, Wanted
from api.widget.streams import Again, News, attended

RETRY_MS = 2_000
# No transcript is longer; an integer of Postgres takes it.
LAST_POSITION = 999_999_999


def router(chat: Chat) -> APIRouter:
    """The routes under `/chat`."""
    routes = APIRouter(prefix="/chat", tags=["chat"])
    _add_sessions(routes, chat)
    _add_messages(routes, chat)
    return routes


def presented(authorization: Annotated[str, Header()] = "") -> str:
    """The token that a request comes with; never in an address, which others write down."""
    return authorization.removeprefix("Bearer ")


def presented_for_events(
    authorization: Annotated[str, Header()] = "", token: Annotated[str, Query()] = ""
) -> str:
    """The same for the stream, where a browser's own EventSource can send no header.

    Promised to integrators. Our own page reads the stream by fetch: no address of it has a token.
    """
    return presented(authorization) or token


def address_of(request: Request) -> str:
    """Who asks; behind a proxy on this machine, whom the proxy names (uvicorn sees to that)."""
    return request.client.host if request.client else ""


Token = Annotated[str, Depends(presented)]
Address = Annotated[str, Depends(address_of)]


def _visitor_of(chat: Chat) -> Callable[[str], Awaitable[Visit]]:
    async def visit(token: Token) -> Visit:
        return await sessions.visit_of(chat.line, token)

    return visit


def _watcher_of(chat: Chat) -> Callable[[str], Awaitable[Visit]]:
    async def visit(token: Annotated[str, Depends(presented_for_events)]) -> Visit:
        return await sessions.visit_of(chat.line, token)

    return visit


def _add_sessions(routes: APIRouter, chat: Chat) -> None:
    mine = Annotated[Visit, Depends(_visitor_of(chat))]

    @routes.post("/sessions", status_code=201)
    async def open_session(wanted: OpenSession, address: Address) -> SessionOpened:
        """Open a chat with a clinic, or come back to the one that `resume` names."""
        network = network_of(address)
        await chat.limits.count(Asked.SESSION, by=network, address=address)
        resume = wanted.resume or ""
        asked = Wanted(wanted.clinic, wanted.language, resume, network)
        return as_opened(await sessions.open_session(chat.line, asked))

    @routes.post("/sessions/link", status_code=201)
    async def open_by_link(wanted: OpenByLink, address: Address) -> SessionOpened:
        """Open a chat at a form by the one-time link of a text; the birth date proves whose."""
        network = network_of(address)
        await chat.limits.count(Asked.CONFIRM, by=network, address=address)
        asked = ByLink(wanted.clinic, wanted.language, wanted.link, wanted.born, network)
        return as_opened(await links.open_by_link(chat.line, asked))

    @routes.post("/sessions/confirm")
    async def confirm(token: Token, answer: Confirm, address: Address) -> Confirmed:
        """Say whose chat it is by the birth date, after it was still for too long."""
        network = network_of(address)
        await chat.limits.count(Asked.CONFIRM, by=network, address=address)
        await sessions.confirm(chat.line, token, answer.born, network=network)
        return Confirmed(confirmed=True)

    @routes.post("/sessions/stay", status_code=204)
    async def stay(mine: mine) -> None:
        """Say that somebody is still there."""
        await sessions.stay(chat.line, mine)

    @routes.post("/sessions/end", status_code=204)
    async def end(mine: mine) -> None:
        """Clear the chat from this device: nothing that was given for it opens it any more."""
        await sessions.end(chat.line, mine)


def _add_messages(routes: APIRouter, chat: Chat) -> None:
    mine = Annotated[Visit, Depends(_visitor_of(chat))]

    @routes.post("/messages", status_code=202)
    async def send(mine: mine, message: SendMessage, address: Address) -> MessageTaken:
        """Send a message; the same id again is the same message."""
        await chat.limits.count(Asked.MESSAGE, by=mine.session, address=address)
        position = await service.receive(chat, mine, message.id, message.text)
        return MessageTaken(id=message.id, position=position)

    @routes.get("/messages")
    async def messages(
        mine: mine, after: Annotated[int, Query(ge=0, le=LAST_POSITION)] = 0
    ) -> Messages:
        """The transcript after a position."""
        said = await service.messages_after(chat, mine.conversation, after)
        attending = await attended(chat.line, mine.conversation)
        return Messages(
            messages=[as_message(each) for each in said],
            standing=as_standing(attending) if attending else None,
        )

    @routes.get("/events", response_class=EventSourceResponse)
    async def events(
        mine: Annotated[Visit, Depends(_watcher_of(chat))],
        after: Annotated[int, Query(ge=0, le=LAST_POSITION)] = 0,
        last_event_id: Annotated[str, Header()] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        """The transcript as it grows, from a position or the browser's last event on."""
        position = (
            min(int(last_event_id[:20]), LAST_POSITION) if last_event_id.isdecimal() else after
        )
        async for news in chat.streams.follow(mine, position):
            yield as_event(news)


def as_event(news: News) -> ServerSentEvent:
    """Only messages have an id: a page that comes back goes on after the last one it has."""
    if isinstance(news, Again):
        return ServerSentEvent(data={}, event="again")
    if isinstance(news, Said):
        data = as_message(news).model_dump(mode="json")
        return ServerSentEvent(data=data, event="message", id=str(news.position), retry=RETRY_MS)
    return ServerSentEvent(data=as_standing(news).model_dump(mode="json"), event="standing")
