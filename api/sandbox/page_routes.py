"""The sandbox's pages: the front page and a clinic's web site to try the chat from."""

from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.core.language import Language
from api.messaging.clinic import Clinic
from api.sandbox.service import Sandbox
from api.web.pages import Pages

ADDRESS = "location"


def router(sandbox: Sandbox, pages: Pages, clinic: Clinic, *, base_url: str) -> APIRouter:
    """`/` and `/demo`."""
    routes = APIRouter(include_in_schema=False)
    # Another origin than ours, as a clinic's site is: the browser keeps the two apart.
    demo_url = f"http://localhost:{urlsplit(base_url).port or 80}/demo"

    @routes.get("/")
    async def front() -> HTMLResponse:
        number = sandbox.account.number
        return pages.show(
            "front.html", clinic=clinic.facts, clinic_number=number, demo_url=demo_url
        )

    @routes.get("/demo")
    async def demo() -> HTMLResponse:
        return pages.show(
            "demo.html",
            clinic=clinic.facts,
            address=clinic.answers[ADDRESS].words(Language.EN),
            chat_url=f"{base_url}/c/{clinic.facts.id}",
        )

    return routes
