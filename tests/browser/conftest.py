"""A real Chromium before a whole Careline. Any console error or broken policy fails the test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.support.patients import World
from tests.support.stack import Stack

SHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
PHONE, DESKTOP, NARROW = (400, 760), (1280, 860), (320, 640)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the session: while it is open its event loop is in the way of asynchronous tests."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("There is no Chromium: install it, or name its binary in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def world(stack: Stack) -> Iterator[World]:
    """The demo data, untouched."""
    world = World(stack.base_url)
    world.wait_ready()
    world.reset()
    yield world
    world.faults(twilio="ok", fhir="ok", rasa="ok")
    world.http.close()


@pytest.fixture
def open_page(browser: Browser, world: World) -> Iterator[OpenPage]:
    """Opens a page of ours; at the end nothing may have gone wrong in any of them."""
    troubles: list[str] = []
    contexts = []

    def note(message: ConsoleMessage, provoked: str | None) -> None:
        is_provoked = provoked is not None and provoked in message.text
        if message.type in {"error", "warning"} and not is_provoked:
            troubles.append(message.text)

    def opened(
        path: str, size: tuple[int, int] = PHONE, *, dark: bool = False, provoked: str | None = None
    ) -> Page:
        context = browser.new_context(
            base_url=world.base_url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message, provoked))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.extend(_foreign(request.url, world)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keeps a picture to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=SHOTS / f"{name}.png")

    return shoot


def _foreign(url: str, world: World) -> list[str]:
    return [] if url.startswith(world.base_url) else [f"asked elsewhere: {url}"]
