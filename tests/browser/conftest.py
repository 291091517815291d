"""A real Chromium before a whole Careline. Any console error or broken policy fails the test."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    sync_playwright,
)

from tests.support.patients import World
from tests.support.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "screenshots"
PHONE, DESKTOP, NARROW = (400, 760), (1280, 860), (320, 640)

OpenPage = Callable[..., Page]
Careline = Callable[..., str]
Answer = Callable[[str], None]


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


@pytest.fixture(scope="module")
def used_world(stack: Stack) -> Iterator[World]:
    """What the tests of a file share: the demo data, with what those before have left in it.

    Enough for whoever looks only at a chat of their own, which no other visitor has a part in.
    """
    world = World(stack.base_url)
    world.wait_ready()
    world.reset()
    world.clock(real=True)
    yield world
    world.http.close()


@pytest.fixture
def world(used_world: World) -> Iterator[World]:
    """The demo data, untouched, at the real time."""
    used_world.wait_ready()
    used_world.reset()
    used_world.clock(real=True)
    yield used_world
    used_world.faults(twilio="ok", fhir="ok", rasa="ok")


@pytest.fixture
def later(used_world: World) -> Iterator[Callable[[str], None]]:
    """Moves the time of care; the next test is at the real one again."""

    def later(duration: str) -> None:
        used_world.clock(advance=duration)

    yield later
    used_world.clock(real=True)


@pytest.fixture
def site(used_world: World) -> str:
    """The origin of the demo clinic's own site."""
    return f"http://localhost:{urlsplit(used_world.base_url).port}"


@pytest.fixture
def careline(stack: Stack) -> Careline:
    """The command line beside the running service; what it printed."""

    def run(*words: str) -> str:
        port = stack.base_url.rsplit(":", 1)[-1]
        environment = {"CARELINE_DATA_DIR": str(stack.data_dir), "CARELINE_PORT": port}
        ended = subprocess.run(
            [str(ROOT / "careline"), *words],
            env={**environment, "PATH": "/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


class Watch:
    """Notes what goes wrong in any page of a context, and what is asked of anybody else.

    `opened`: the answers that opened a chat.
    """

    def __init__(self, ours: tuple[str, ...]) -> None:
        self.opened: list[Response] = []
        self.troubles: list[str] = []
        self.provoked: list[str] = []
        self._ours = ours

    def over(self, context: BrowserContext) -> None:
        """Every page of it, also those that pages open."""
        context.on("console", self._note)
        context.on("weberror", lambda failed: self.troubles.append(str(failed.error)))
        context.on("request", lambda request: self._check(request.url))
        context.on("response", self._note_opened)

    def _note(self, message: ConsoleMessage) -> None:
        is_provoked = any(part in message.text for part in self.provoked)
        if message.type in {"error", "warning"} and not is_provoked:
            self.troubles.append(message.text)

    def _note_opened(self, answer: Response) -> None:
        if answer.url.endswith("/chat/sessions") and answer.status == 201:
            self.opened.append(answer)

    def _check(self, url: str) -> None:
        if not url.startswith(self._ours):
            self.troubles.append(f"asked elsewhere: {url}")


@pytest.fixture
def watch(used_world: World, site: str) -> Iterator[Watch]:
    """At the end nothing may have gone wrong in any page."""
    watch = Watch((used_world.base_url, site))
    yield watch
    assert watch.troubles == []


@pytest.fixture
def dana(careline: Careline, watch: Watch) -> Answer:
    """A nurse who answers in the chat that was opened last."""

    def answer(words: str) -> None:
        session = watch.opened[-1].json()["session"]
        careline("conversation", "reply", session, words, "--name", "Dana Reed, RN")

    return answer


@pytest.fixture
def open_page(browser: Browser, used_world: World, watch: Watch) -> Iterator[OpenPage]:
    """Opens a page of ours. `provoked`: console errors that the test causes itself."""
    contexts = []

    def opened(
        path: str,
        size: tuple[int, int] = PHONE,
        *,
        dark: bool = False,
        provoked: str | tuple[str, ...] = (),
        **more: object,
    ) -> Page:
        context = browser.new_context(
            base_url=used_world.base_url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **more,  # type: ignore[arg-type]  # what Playwright's own contexts take
        )
        contexts.append(context)
        watch.provoked += [provoked] if isinstance(provoked, str) else provoked
        watch.over(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def shoot() -> Callable[[Page, str], None]:
    """Keeps a picture to look at."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=SHOTS / f"{name}.png")

    return shoot
