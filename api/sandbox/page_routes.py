"""The sandbox's pages: the front page and a clinic's web site to try the chat from."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.core.language import Language
from api.messaging.clinic import Clinic
from api.messaging.opening import hours_in_words
from api.sandbox.service import Sandbox
from api.web.pages import Pages

ADDRESS = "location"
# A clinic's site as careful as they come: what it must allow for the chat, and no more.
SITE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src {ours}; frame-src {ours};"
    " require-trusted-types-for 'script'"
)


def router(sandbox: Sandbox, pages: Pages, clinic: Clinic, *, base_url: str) -> APIRouter:
    """`/` and `/demo`."""
    routes = APIRouter(include_in_schema=False)
    demo_url = f"{demo_site(base_url)}/demo"

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
            policy=SITE_POLICY.format(ours=base_url),
            clinic=clinic.facts,
            address=clinic.answers[ADDRESS].words(Language.EN),
            hours=hours_in_words(clinic, Language.EN),
            base_url=base_url,
        )

    return routes


def demo_site(base_url: str) -> str:
    """The origin of the demo clinic's site: another than ours, as a clinic's is.

    The browser keeps the two apart.
    """
    return f"http://localhost:{urlsplit(base_url).port or 80}"
