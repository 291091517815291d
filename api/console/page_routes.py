"""The inbox and its conversations, as pages and as parts of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from api.console import looks, showing
from api.console.showing import Desk, Looking
from api.core.ids import ConversationId, new_id
from api.staff.kinds import Permission
from api.staff.service import StaffSession


def router(desk: Desk) -> APIRouter:
    """`/console/inbox`, `/console/conversations/<id>` and the pane of its patient."""
    routes = APIRouter(prefix="/console", include_in_schema=False)
    _add_inbox(routes, desk)
    _add_conversation(routes, desk)
    return routes


def _add_inbox(routes: APIRouter, desk: Desk) -> None:
    reads = Annotated[StaffSession, Depends(desk.door.require(Permission.READ_INBOX))]

    @routes.get("/inbox")
    async def inbox(request: Request, session: reads, after: str | None = None) -> HTMLResponse:
        at = await showing.looking(desk, request, session)
        listed = await showing.inbox(desk, at, after=after)
        template = "_work.html" if at.is_part and after is None else "console.html"
        return showing.page(desk, at, template, {**listed, "c": None, "look": ""})


def _add_conversation(routes: APIRouter, desk: Desk) -> None:
    reads = Annotated[StaffSession, Depends(desk.door.require(Permission.READ_CONVERSATION))]

    @routes.get("/conversations/{id_}")
    async def conversation(id_: str, request: Request, session: reads) -> HTMLResponse:
        at = await showing.looking(desk, request, session)
        return await show(desk, at, ConversationId(id_))

    @routes.get("/conversations/{id_}/patient")
    async def patient(id_: str, request: Request, session: reads) -> HTMLResponse:
        at = await showing.looking(desk, request, session)
        found = await showing.facts(desk, at, ConversationId(id_), is_new_look=True)
        found = await showing.whole_record(desk, at, found)
        values = {"view": at.view.value, **showing.conversation(desk, at, found)}
        return showing.page(desk, at, "_pane_pieces.html", values)


async def show(
    desk: Desk,
    at: Looking,
    id_: ConversationId,
    changes: Mapping[str, object] = MappingProxyType({}),
    *,
    status: int = 200,
) -> HTMLResponse:
    """The page of a conversation; where htmx asks, what stands beside the list.

    Raises:
        UnknownConversation: there is none.
    """
    found = await showing.facts(desk, at, id_, is_new_look=True)
    found = await showing.with_record(desk, at, found)
    values = {
        **(await showing.inbox(desk, at, open_id=id_)),
        **showing.conversation(desk, at, found),
        "look": looks.stamp(desk.console.line.keyring, at.session, id_),
        "reply_id": new_id(),
        "note_id": new_id(),
        **changes,
    }
    template = "_work.html" if at.is_part else "console.html"
    return showing.page(desk, at, template, values, status=status)
