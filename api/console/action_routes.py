"""Acts on a conversation: plain forms that lead back to its page; for htmx, what they changed."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.console import acts, page_routes, showing, transcript_view
from api.console.acts import (
    Act,
    Assign,
    Done,
    NoteForm,
    Plain,
    Reply,
    Resolve,
    Snooze,
)
from api.console.showing import Desk, Looking
from api.conversations import queue, takeover, timeline
from api.conversations.errors import PatientWroteMeanwhile
from api.core.errors import CareError
from api.core.ids import ConversationId
from api.staff.kinds import Permission
from api.staff.service import StaffSession

DONE = "Careline-Done"


def router(desk: Desk) -> APIRouter:
    """POST routes under `/console/conversations/<id>`."""
    routes = APIRouter(prefix="/console/conversations/{id_}", include_in_schema=False)
    _add_holding(routes, desk)
    _add_ending(routes, desk)
    _add_words(routes, desk)
    _add_presence(routes, desk)
    return routes


def _add_holding(routes: APIRouter, desk: Desk) -> None:
    answers = Annotated[StaffSession, Depends(desk.door.require(Permission.ANSWER))]
    plain = Annotated[Plain, Form()]

    @routes.post("/claim")
    async def claim(id_: str, request: Request, session: answers, form: plain) -> Response:
        return await _act(desk, request, session, id_, (acts.claim, form))

    @routes.post("/release")
    async def release(id_: str, request: Request, session: answers, form: plain) -> Response:
        return await _act(desk, request, session, id_, (acts.release, form))

    @routes.post("/give-back")
    async def give_back(id_: str, request: Request, session: answers, form: plain) -> Response:
        return await _act(desk, request, session, id_, (acts.give_back, form))

    @routes.post("/assign")
    async def assign(
        id_: str, request: Request, session: answers, form: Annotated[Assign, Form()]
    ) -> Response:
        return await _act(desk, request, session, id_, (acts.assign, form))


def _add_ending(routes: APIRouter, desk: Desk) -> None:
    answers = Annotated[StaffSession, Depends(desk.door.require(Permission.ANSWER))]

    @routes.post("/resolve")
    async def resolve(
        id_: str, request: Request, session: answers, form: Annotated[Resolve, Form()]
    ) -> Response:
        return await _act(desk, request, session, id_, (acts.resolve, form))

    @routes.post("/reopen")
    async def reopen(
        id_: str, request: Request, session: answers, form: Annotated[Plain, Form()]
    ) -> Response:
        return await _act(desk, request, session, id_, (acts.reopen, form))

    @routes.post("/snooze")
    async def snooze(
        id_: str, request: Request, session: answers, form: Annotated[Snooze, Form()]
    ) -> Response:
        return await _act(desk, request, session, id_, (acts.snooze, form))


def _add_words(routes: APIRouter, desk: Desk) -> None:
    answers = Annotated[StaffSession, Depends(desk.door.require(Permission.ANSWER))]

    @routes.post("/replies")
    async def reply(
        id_: str, request: Request, session: answers, form: Annotated[Reply, Form()]
    ) -> Response:
        return await _act(desk, request, session, id_, (acts.reply, form))

    @routes.post("/notes")
    async def note(
        id_: str, request: Request, session: answers, form: Annotated[NoteForm, Form()]
    ) -> Response:
        return await _act(desk, request, session, id_, (acts.note, form))


def _add_presence(routes: APIRouter, desk: Desk) -> None:
    line = desk.console.line
    # A page says by itself that it is open; only somebody who writes is at work.
    by_itself = Depends(desk.door.require(Permission.READ_CONVERSATION, keeps_awake=False))
    at_work = Depends(desk.door.require(Permission.ANSWER))

    @routes.post("/look", status_code=204)
    async def look(
        id_: str,
        session: Annotated[StaffSession, by_itself],
        position: Annotated[int, Form(ge=0)] = 0,
    ) -> None:
        conversation = ConversationId(id_)
        await takeover.look(line, conversation, writing=False, by=session.member)
        await takeover.mark_read(line, conversation, position=position, by=session.member)

    @routes.post("/writing", status_code=204)
    async def writing(id_: str, session: Annotated[StaffSession, at_work]) -> None:
        await takeover.look(line, ConversationId(id_), writing=True, by=session.member)


async def _act[F: acts.AnyForm](
    desk: Desk, request: Request, session: StaffSession, id_: str, wanted: tuple[Act[F], F]
) -> Response:
    """Do it, and show the conversation as it is then; what was refused says why."""
    at, conversation = await showing.looking(desk, request, session), ConversationId(id_)
    act, form = wanted
    try:
        done = await act(desk, at, conversation, form)
    except CareError as refusal:
        if refusal.status == 404:
            raise
        return await _refused(desk, at, conversation, refusal, form)
    return await _answered(desk, at, conversation, done, form)


async def _answered(
    desk: Desk, at: Looking, id_: ConversationId, done: Done, form: acts.AnyForm
) -> Response:
    following = await _next(desk, at, id_) if isinstance(form, Resolve) and form.next else None
    if not at.is_part:
        return RedirectResponse(following or _here(id_), 303)
    undo = f"{_here(id_)}/reopen" if done.can_undo else None
    said = json.dumps({"say": done.say, "undo": undo, "next": following})
    return await _pieces(desk, at, id_, headers={DONE: said})


async def _refused(
    desk: Desk, at: Looking, id_: ConversationId, refusal: CareError, form: acts.AnyForm
) -> Response:
    changes: dict[str, object] = {"refusal": refusal.sentence}
    if isinstance(refusal, PatientWroteMeanwhile) and isinstance(form, Reply):
        changes = {"collision": await _collision(desk, at, id_, form.seen)}
    if at.is_part:
        return await _pieces(desk, at, id_, changes, status=refusal.status)
    if isinstance(form, Reply | NoteForm):
        mode = "note" if isinstance(form, NoteForm) else "reply"
        changes |= {"draft": form.text, "mode": mode, f"{mode}_id": form.id}
    return await page_routes.show(desk, at, id_, changes, status=refusal.status)


async def _pieces(
    desk: Desk,
    at: Looking,
    id_: ConversationId,
    changes: Mapping[str, object] = MappingProxyType({}),
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    values = await showing.pieces(desk, at, id_, changes)
    return desk.pages.show_live("_pieces.html", values, status=status, headers=headers)


async def _collision(desk: Desk, at: Looking, id_: ConversationId, seen: int) -> dict[str, object]:
    """What the patient wrote while somebody wrote to them."""
    view = await timeline.view(desk.console.line, id_, by=at.member, is_new_look=False)
    return {
        "position": view.position,
        "words": transcript_view.patient_words_after(view, seen),
    }


async def _next(desk: Desk, at: Looking, but: ConversationId) -> str:
    """The most urgent one of the view; the inbox where there is none."""
    line = desk.console.line
    async with line.database.transaction() as session:
        page = await queue.page(session, line.keyring, at.view, member=at.member.id, limit=2)
    others = [each.conversation for each in page.rows if each.conversation != but]
    return f"{_here(others[0])}?view={at.view}" if others else f"/console/inbox?view={at.view}"


def _here(id_: ConversationId) -> str:
    return f"/console/conversations/{id_}"
