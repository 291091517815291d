"""The console as somebody of the staff has it before them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.support.patients import Visitor, World, inspector

WIDE = (1440, 900)
SMALL = (390, 844)
WISH = "I need to see someone about my knee, next week in the morning"
ALARM = "I have crushing chest pain"
MRN, NUMBER = "1005", "+12125550104"

Shoot = Callable[[Page, str], None]


@dataclass
class Desk:
    """A signed-in browser page of the console."""

    page: Page

    @property
    def rows(self) -> Locator:
        return self.page.locator("#rows > .row > a")

    @property
    def log(self) -> Locator:
        return self.page.locator("#log-content")

    @property
    def badge(self) -> Locator:
        return self.page.locator("#live")

    def row(self, words: str) -> Locator:
        return self.rows.filter(has_text=words)

    def opens(self, words: str) -> None:
        self.row(words).click()
        expect(self.page.locator("#talk")).to_be_visible()

    def claims(self) -> None:
        self.page.get_by_role("button", name="Assign to me").click()
        expect(self.page.locator("#menu-more summary")).to_contain_text("You have it")

    def replies(self, text: str) -> None:
        self.page.locator("#reply-text").fill(text)
        self.page.get_by_role("button", name="Send reply").click()

    def notes(self, text: str) -> None:
        self.page.locator("label.as-note").click()
        self.page.locator("#note-text").fill(text)
        self.page.get_by_role("button", name="Add note").click()

    def gives_back(self) -> None:
        self.page.locator("#menu-more summary").click()
        self.page.get_by_role("button", name="Give back to the assistant").click()


def signed_in(
    open_page: OpenPage,
    who: str,
    size: tuple[int, int] = WIDE,
    *,
    dark: bool = False,
    provoked: str | tuple[str, ...] = (),
) -> Desk:
    """Somebody's inbox, after they signed in by the form."""
    page = open_page(
        f"/console/login?as={who}@careline.example", size, dark=dark, provoked=provoked
    )
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/inbox")
    desk = Desk(page)
    expect(desk.badge).to_have_text("Live")
    return desk


def in_the_midst_of_booking(world: World) -> Visitor:
    """Somebody in the web chat who is known and has been offered times."""
    visitor = Visitor.opens(world)
    fhir = inspector(world)
    born = date.fromisoformat(fhir.get(f"Patient/{fhir.patient(MRN)}")["birthDate"])
    for text in (WISH, MRN, f"{born.month}/{born.day}/{born.year}"):
        visitor.says(text)
    return visitor


def violations(page: Page) -> list[str]:
    """What the accessibility rules find; nothing, where all is well."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
