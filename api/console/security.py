"""Who may use the console: the cookie, the origin, the token of a form, the role.

Every route under `/console` has one `Requirement` or is on the short public list that the route
matrix of the tests names.
"""

import hmac
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from api.console.ports import Console
from api.staff.kinds import Permission
from api.staff.service import SessionOver, StaffSession, may, peek, session_of, write_audit
from api.web.pages import Pages

LOGIN: Final = "/console/login"
LOCKED: Final = "/console/locked"
HOME: Final = "/console"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf"
USE: Final = "staff:console:use"
NOT_YOURS: Final = "Your role may not do this. Ask whoever runs Careline if it should."
NOT_FROM_HERE: Final = "This did not come from a page of ours. Open the page again and retry."


class Turned(Exception):
    """Somebody is answered at the door instead of by the route."""

    def __init__(self, answer: Response) -> None:
        super().__init__(str(answer.status_code))
        self.answer = answer


def install(app: FastAPI) -> None:
    """Let an application give the answers of the door."""
    app.add_exception_handler(Turned, _answer)


async def _answer(_request: Request, turned: Exception) -> Response:
    if not isinstance(turned, Turned):
        raise turned
    return turned.answer


@dataclass(frozen=True, eq=False)
class Door:
    """The console's door: sets and reads the cookie, and makes what routes require."""

    console: Console
    pages: Pages

    @property
    def cookie(self) -> str:
        """The cookie's name; over TLS one that no other host and no path can set.

        Source: RFC 6265bis section 4.1.3.2, cookie name prefixes.
        """
        return "__Host-careline" if self.console.is_https else "careline_console"

    def require(
        self,
        permission: Permission | None,
        *,
        keeps_awake: bool = True,
        while_locked: bool = False,
    ) -> "Requirement":
        """A dependency that gives the session of somebody with this permission.

        Args:
            permission: what the route does; None for whoever is signed in.
            keeps_awake: whether the request is an act of a person.
            while_locked: whether the route serves a locked session too.
        """
        return Requirement(self, permission, keeps_awake=keeps_awake, while_locked=while_locked)

    def token_of(self, request: Request) -> str:
        """The session token that a browser sent; empty, if none."""
        return request.cookies.get(self.cookie, "")

    def let_in(self, answer: Response, token: str) -> None:
        """Give a browser its session. Lax, so that the link in a mail finds it."""
        answer.set_cookie(
            self.cookie, token, secure=self.console.is_https, httponly=True, samesite="lax"
        )

    def forget(self, answer: Response) -> None:
        """Take the session from a browser."""
        answer.delete_cookie(
            self.cookie, secure=self.console.is_https, httponly=True, samesite="lax"
        )

    async def refuse_strangers(self, request: Request) -> None:
        """Refuse what another site made a browser send; recorded."""
        if not self._is_from_here(request):
            raise await self.refusal(request, "origin", NOT_FROM_HERE)

    async def refusal(
        self, request: Request, cause: str, sentence: str, session: StaffSession | None = None
    ) -> Turned:
        """A recorded refusal, as a page or, where htmx asked, as a sentence."""
        desk = self.console.staff
        if session is None:
            session = await self._session_if_any(request)
        member = session.member.id if session else None
        async with desk.database.transaction() as work:
            origin = address_of(request)
            await write_audit(work, desk, USE, member=member, origin=origin, refused=cause)
        if is_htmx(request):
            return Turned(PlainTextResponse(sentence, 403))
        page = self.pages.show("refused.html", sentence=sentence)
        page.status_code = 403
        return Turned(page)

    async def _session_if_any(self, request: Request) -> StaffSession | None:
        try:
            return await peek(self.console.staff, self.token_of(request))
        except SessionOver:
            return None

    def _is_from_here(self, request: Request) -> bool:
        """Both headers are the browser's own; no page can set them.

        A form of a page that sends no referrer has the origin "null": the other header tells.
        """
        origin = request.headers.get("Origin", "null").lower()
        site = request.headers.get("Sec-Fetch-Site")
        if site is None:
            return origin == self.console.origin
        return site == "same-origin" and origin in {"null", self.console.origin}


@dataclass(frozen=True, eq=False)
class Requirement:
    """What a route asks of whoever calls it; as a dependency it gives their session."""

    door: Door
    permission: Permission | None
    keeps_awake: bool
    while_locked: bool

    async def __call__(self, request: Request) -> StaffSession:
        """The session of somebody who may; everybody else is turned away."""
        is_safe = request.method in SAFE
        if not is_safe:
            await self.door.refuse_strangers(request)
        session = await self._session(request)
        if session.is_locked and not self.while_locked:
            raise _to(request, LOCKED, 423)
        if not is_safe and not await _has_token(request, session):
            raise await self.door.refusal(request, "csrf", NOT_FROM_HERE, session)
        if self.permission is not None and not may(session.member.role, self.permission):
            raise await self.door.refusal(request, "role", NOT_YOURS, session)
        return session

    async def _session(self, request: Request) -> StaffSession:
        token = self.door.token_of(request)
        if not token:
            raise _to(request, LOGIN, 401)
        try:
            return await session_of(
                self.door.console.staff,
                token,
                origin=address_of(request),
                keeps_awake=self.keeps_awake,
            )
        except SessionOver:
            turned = _to(request, LOGIN, 401)
            self.door.forget(turned.answer)
            raise turned from None


def address_of(request: Request) -> str:
    """Where a request came from; of proxies only one on this machine is believed."""
    return request.client.host if request.client else ""


def is_htmx(request: Request) -> bool:
    """Whether a page of ours asked for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def way_on(wanted: str) -> str:
    """Where to go after signing in: a page of the console, and nowhere else."""
    is_ours = wanted == HOME or wanted.startswith((f"{HOME}/", f"{HOME}?"))
    is_plain = wanted.isascii() and wanted.isprintable() and not re.search(r"\\|\.\.", wanted)
    is_door = wanted.startswith((LOGIN, LOCKED))
    return wanted if is_ours and is_plain and not is_door and len(wanted) <= 200 else HOME


def _to(request: Request, page: str, status: int) -> Turned:
    """Off to another page: a redirect, or where a script asked, word that it must go there."""
    if is_htmx(request) or "text/event-stream" in request.headers.get("Accept", ""):
        return Turned(Response(status_code=status, headers={"HX-Redirect": page}))
    if request.method not in SAFE:
        return Turned(RedirectResponse(page, 303))
    query = f"?{request.url.query}" if request.url.query else ""
    wanted = way_on(request.url.path + query)
    ending = "" if wanted == HOME else f"?next={quote(wanted, safe='/')}"
    return Turned(RedirectResponse(page + ending, 303))


async def _has_token(request: Request, session: StaffSession) -> bool:
    sent: str | UploadFile | None = request.headers.get(CSRF_HEADER)
    if sent is None and "form" in request.headers.get("Content-Type", ""):
        sent = (await request.form()).get(CSRF_FIELD)
    return isinstance(sent, str) and hmac.compare_digest(sent.encode(), session.csrf.encode())
