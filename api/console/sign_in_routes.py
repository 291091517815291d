"""Signing in and out, locking and unlocking, and where each role begins."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from api.console.ports import Console
from api.console.security import HOME, LOCKED, LOGIN, Door, address_of, way_on
from api.staff import service as staff
from api.staff.demo import code_to_type
from api.staff.kinds import Member, Permission, Role
from api.staff.service import Credentials, SessionOver, SignInRefused, StaffSession, may
from api.web.pages import Pages

ROLES: Final = tuple(Role)
# Where whoever has this begins; who has neither is told what the role is for.
BEGINNINGS: Final = (
    (Permission.READ_INBOX, "/console/inbox"),
    (Permission.READ_AUDIT, "/console/audit"),
)
NOT_UNLOCKED: Final = (
    "That did not work. Check your password. After three wrong tries, wait a little;"
    " after five you have to sign in anew."
)


def router(console: Console, pages: Pages) -> APIRouter:
    """`/console`, `/console/login`, `/console/logout`, `/console/lock` and `/console/locked`."""
    door = Door(console, pages)
    routes = APIRouter(prefix="/console", include_in_schema=False)
    _add_sign_in(routes, SignIn(door))
    _add_session(routes, door)
    _add_lock(routes, door)
    return routes


class SignInForm(BaseModel):
    """What the sign-in page sends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    email: str = ""
    password: str = ""
    code: str = ""
    next: str = HOME


class UnlockForm(BaseModel):
    """What the lock page sends."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    password: str = ""
    next: str = HOME
    csrf: str = ""


class SignIn:
    """The sign-in page, in all of its states."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._console = door.console

    async def page(
        self, wanted: str, *, chosen: str = "", email: str = "", problem: str = ""
    ) -> HTMLResponse:
        """The page. `chosen`: one of the sandbox's accounts, whose fields are filled in."""
        demo = self._console.demo
        answer = self.door.pages.show(
            "sign_in.html",
            clinic=self._console.clinic.facts,
            email=email,
            next=way_on(wanted),
            problem=problem,
            demo=demo,
            accounts=await self._accounts() if demo else (),
            filled=await self._filled(chosen) if demo and chosen else None,
        )
        answer.status_code = SignInRefused.status if problem else 200
        return answer

    def elsewhere(self, request: Request) -> Response | None:
        """To the address that our cookie and our forms are for, from the machine's other name."""
        here = urlsplit(self._console.base_url)
        if request.url.hostname != "localhost" or here.hostname != "127.0.0.1":
            return None
        return RedirectResponse(f"{self._console.base_url}{LOGIN}", 303)

    async def _accounts(self) -> list[Member]:
        async with self._console.staff.database.transaction() as session:
            found = await staff.members(session)
        return sorted(found, key=lambda member: (ROLES.index(member.role), member.email))

    async def _filled(self, email: str) -> dict[str, str] | None:
        desk, demo = self._console.staff, self._console.demo
        async with desk.database.transaction() as session:
            member = await staff.member_with_email(session, email)
            if member is None or demo is None:
                return None
            code = await code_to_type(session, desk, member.id, secret=demo.secret)
        return {
            "name": member.name,
            "email": member.email,
            "password": demo.password,
            "code": code,
        }


def _add_sign_in(routes: APIRouter, sign_in: SignIn) -> None:
    door = sign_in.door
    desk = door.console.staff

    @routes.get("/login")
    async def show(
        request: Request,
        wanted: Annotated[str, Query(alias="next")] = HOME,
        chosen: Annotated[str, Query(alias="as")] = "",
    ) -> Response:
        return sign_in.elsewhere(request) or await sign_in.page(wanted, chosen=chosen)

    @routes.post("/login", dependencies=[Depends(door.refuse_strangers)])
    async def enter(request: Request, form: Annotated[SignInForm, Form()]) -> Response:
        typed, origin = Credentials(form.email, form.password, form.code), address_of(request)
        try:
            signed_in = await staff.sign_in(desk, typed, origin=origin)
        except SignInRefused as refusal:
            return await sign_in.page(form.next, email=form.email, problem=refusal.sentence)
        await staff.sign_out(desk, door.token_of(request), origin=origin)
        answer = RedirectResponse(way_on(form.next), 303)
        door.let_in(answer, signed_in.token)
        return answer


def _add_session(routes: APIRouter, door: Door) -> None:
    anybody = Depends(door.require(None))
    even_locked = Depends(door.require(None, keeps_awake=False, while_locked=True))
    desk = door.console.staff

    @routes.get("")
    async def home(session: Annotated[StaffSession, anybody]) -> Response:
        for permission, page in BEGINNINGS:
            if may(session.member.role, permission):
                return RedirectResponse(page, 303)
        return door.pages.show("home.html", session=session, clinic=door.console.clinic.facts)

    @routes.post("/lock")
    async def lock(request: Request, _: Annotated[StaffSession, even_locked]) -> Response:
        await staff.lock(desk, door.token_of(request), origin=address_of(request))
        return RedirectResponse(LOCKED, 303)

    @routes.post("/logout")
    async def leave(request: Request, _: Annotated[StaffSession, even_locked]) -> Response:
        await staff.sign_out(desk, door.token_of(request), origin=address_of(request))
        answer = RedirectResponse(LOGIN, 303)
        door.forget(answer)
        return answer


def _add_lock(routes: APIRouter, door: Door) -> None:
    even_locked = Depends(door.require(None, keeps_awake=False, while_locked=True))
    desk = door.console.staff

    @routes.get("/locked")
    async def locked(
        session: Annotated[StaffSession, even_locked],
        wanted: Annotated[str, Query(alias="next")] = HOME,
    ) -> Response:
        if not session.is_locked:
            return RedirectResponse(way_on(wanted), 303)
        return _lock_page(door, session, wanted)

    @routes.post("/locked")
    async def unlock(
        request: Request,
        session: Annotated[StaffSession, even_locked],
        form: Annotated[UnlockForm, Form()],
    ) -> Response:
        token, origin = door.token_of(request), address_of(request)
        try:
            await staff.unlock(desk, token, form.password, origin=origin)
        except SignInRefused:
            return _lock_page(door, session, form.next, problem=NOT_UNLOCKED)
        except SessionOver:
            return RedirectResponse(LOGIN, 303)
        return RedirectResponse(way_on(form.next), 303)


def _lock_page(
    door: Door, session: StaffSession, wanted: str, *, problem: str = ""
) -> HTMLResponse:
    answer = door.pages.show(
        "locked.html",
        session=session,
        clinic=door.console.clinic.facts,
        next=way_on(wanted),
        problem=problem,
        demo=door.console.demo,
    )
    answer.status_code = SignInRefused.status if problem else 200
    return answer
