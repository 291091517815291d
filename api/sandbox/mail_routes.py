"""The mails that would have gone out: JSON for programs, and a page for people."""

from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request, Response

from api.messaging.clinic import Clinic
from api.sandbox import queries
from api.sandbox.models import SandboxMailRow
from api.sandbox.schemas import Mail, Mails
from api.sandbox.service import Sandbox
from api.web.pages import Pages

PAGE: Final = "mail.html"
HTML: Final = "text/html"
LINKS: Final = ("http://", "https://")


def router(sandbox: Sandbox, pages: Pages, clinic: Clinic) -> APIRouter:
    """`/sandbox/mail`."""
    routes = APIRouter(prefix="/sandbox", tags=["sandbox"])

    @routes.get("/mail", response_model=Mails)
    async def mail(request: Request) -> Mails | Response:
        """What would have gone out by mail, in order; a browser gets a page, newest first."""
        async with sandbox.database.transaction() as session:
            rows = await queries.mails(session)
        if HTML not in request.headers.get("accept", ""):
            return Mails(messages=[_as_mail(row) for row in rows])
        return pages.show(PAGE, mails=_shown(rows, clinic))

    return routes


def _as_mail(row: SandboxMailRow) -> Mail:
    return Mail(to=row.to, subject=row.subject, text=row.text, at=row.at)


def _shown(rows: Sequence[SandboxMailRow], clinic: Clinic) -> list[dict[str, object]]:
    return [
        {
            "to": row.to,
            "subject": row.subject,
            "at": row.at.isoformat(),
            "clinic_time": row.at.astimezone(clinic.zone).strftime("%a %b %-d, %-I:%M %p"),
            "lines": [(line, line.startswith(LINKS)) for line in row.text.splitlines()],
        }
        for row in reversed(rows)
    ]
