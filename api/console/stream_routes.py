"""`/console/events`: the stream of a page."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from api.console import showing
from api.console.showing import Desk
from api.console.stream import Stream, Wanted
from api.core.ids import ConversationId
from api.staff.kinds import Permission
from api.staff.service import StaffSession

LAST_NUMBER = 2**62


def router(desk: Desk) -> APIRouter:
    """The one stream that every page of the inbox has."""
    routes = APIRouter(prefix="/console", include_in_schema=False)
    # A page that is merely open must not keep anybody signed in.
    reads = Annotated[
        StaffSession, Depends(desk.door.require(Permission.READ_INBOX, keeps_awake=False))
    ]

    @routes.get("/events", response_class=EventSourceResponse)
    async def events(
        request: Request,
        session: reads,
        opened: Annotated[str, Query(alias="open", max_length=36)] = "",
        after: Annotated[int, Query(ge=0, le=LAST_NUMBER)] = 0,
        look: Annotated[str, Query(max_length=64)] = "",
        last_event_id: Annotated[str, Header()] = "",
    ) -> AsyncIterator[ServerSentEvent]:
        """From a number, or from the last event that the page has, on."""
        at = await showing.looking(desk, request, session)
        resume = int(last_event_id[:18]) if last_event_id.isdecimal() else after
        open_id = ConversationId(opened) if opened else None
        wanted = Wanted(desk.door.token_of(request), open_id, resume, look)
        async for event in Stream(desk, at, wanted).events():
            yield event

    return routes
