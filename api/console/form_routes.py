"""A patient's form: what was answered, and taking some of it into the record by a press."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.console import form_view, showing
from api.console.acts import AnyForm
from api.console.form_view import Eye
from api.console.showing import Desk, Looking
from api.conversations import packet
from api.core.errors import CareError
from api.core.ids import ConversationId
from api.intake import review
from api.intake.entries import Wanted
from api.intake.review import Sight
from api.staff import service as staff
from api.staff.kinds import Permission
from api.staff.service import StaffSession
from integrations.ports.fhir import NotFound

MOST_ENTRY_CHARS: Final = 200
MOST_ENTRIES: Final = 100

type Version = Annotated[int | None, Field(ge=1)]
type Key = Annotated[str, Field(min_length=1, max_length=300)]


class Add(AnyForm):
    """What is to be added. `number`: the how manieth of its answer; `over`: not any more.

    `version`: of the answers that the page showed.
    """

    answer: Key
    text: Annotated[str, Field(min_length=1, max_length=MOST_ENTRY_CHARS)]
    number: Annotated[int, Field(ge=1, le=MOST_ENTRIES)]
    over: str = ""
    version: Version = None


class Looked(AnyForm):
    """Which answer was looked at, in which version."""

    answer: Key
    version: Version = None


class UnknownForm(CareError):
    """The conversation's patient has no such form, or nobody knows whose conversation it is."""

    code = "unknown_form"
    status = 404
    sentence = "There is no such form of this patient."


def router(desk: Desk) -> APIRouter:
    """`/console/conversations/<id>/forms/<id>` and what is done there."""
    routes = APIRouter(prefix="/console/conversations/{id_}/forms/{form}", include_in_schema=False)
    reads = Annotated[StaffSession, Depends(desk.door.require(Permission.READ_RECORD))]
    adds = Annotated[StaffSession, Depends(desk.door.require(Permission.ADD_TO_RECORD))]

    @routes.get("")
    async def page(id_: str, form: str, request: Request, session: reads) -> HTMLResponse:
        at = await showing.looking(desk, request, session)
        return await _show(desk, at, ConversationId(id_), form)

    @routes.post("/added")
    async def add(
        id_: str, form: str, request: Request, session: adds, wanted: Annotated[Add, Form()]
    ) -> Response:
        async def do(sight: Sight) -> None:
            entry = Wanted(wanted.text, wanted.number, is_over=wanted.over == "yes")
            seen = replace(sight, version=wanted.version)
            await review.add(desk.console.line.forms, seen, wanted.answer, entry)

        at = await showing.looking(desk, request, session)
        draft = {wanted.answer: wanted.text}
        return await _act(desk, at, (ConversationId(id_), form), do, draft)

    @routes.post("/looked")
    async def looked(
        id_: str, form: str, request: Request, session: adds, wanted: Annotated[Looked, Form()]
    ) -> Response:
        async def do(sight: Sight) -> None:
            seen = replace(sight, version=wanted.version)
            await review.mark_looked_at(desk.console.line.forms, seen, wanted.answer)

        at = await showing.looking(desk, request, session)
        return await _act(desk, at, (ConversationId(id_), form), do)

    return routes


async def _act(
    desk: Desk,
    at: Looking,
    place: tuple[ConversationId, str],
    do: Callable[[Sight], Awaitable[None]],
    drafts: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Do it and go back to the page; what was refused says why, and nothing typed is lost."""
    id_, form = place
    sight, _ = await _sight(desk, at, id_, form)
    try:
        await do(sight)
    except NotFound:
        raise UnknownForm from None
    except CareError as refusal:
        said = {"refusal": refusal.sentence, "drafts": drafts}
        return await _show(desk, at, id_, form, said, status=refusal.status)
    return RedirectResponse(f"/console/conversations/{id_}/forms/{form}?view={at.view}", 303)


async def _show(
    desk: Desk,
    at: Looking,
    id_: ConversationId,
    form: str,
    said: Mapping[str, object] = MappingProxyType({}),
    *,
    status: int = 200,
) -> HTMLResponse:
    sight, who = await _sight(desk, at, id_, form)
    try:
        opened = await review.read(desk.console.line.forms, sight)
    except NotFound:
        raise UnknownForm from None
    async with desk.console.staff.database.transaction() as session:
        people = [each.member for each in await staff.listed(session)]
    names = {str(each.id): each.name for each in people}
    eye = Eye(at.member, at.now, desk.console.clinic.zone, names)
    values = {
        "here": f"/console/conversations/{id_}/forms/{form}",
        "back": f"/console/conversations/{id_}?view={at.view}",
        "view": at.view.value,
        "who": who,
        "identity": await showing.identity(desk, at, sight.patient),
        "refusal": "",
        "drafts": {},
        **form_view.context(opened, eye),
        **said,
    }
    return showing.page(desk, at, "form.html", values, status=status)


async def _sight(desk: Desk, at: Looking, id_: ConversationId, form: str) -> tuple[Sight, str]:
    """Whose form it is: the patient's who is identified in the conversation; and their name.

    Raises:
        UnknownConversation: there is none. UnknownForm: nobody is identified in it.
    """
    known = await packet.packet(desk.console.line, id_, by=at.member, is_new_look=False)
    if known.patient is None:
        raise UnknownForm
    return Sight(at.member, known.patient, form, at.origin or None), known.name or "Patient"
