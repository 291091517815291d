"""A dose and a visit as whoever has the phone in hand sees and answers them."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, OpenPage
from tests.support.patients import World
from tests.support.reminded import MONDAY, begins

expect.set_options(timeout=30_000)


def _text(page: Page, words: str) -> None:
    page.get_by_role("textbox", name="Text", exact=True).fill(words)
    page.get_by_role("button", name="Send").click()


def test_dose_and_visit_are_answered_on_the_phone(
    world: World, open_page: OpenPage, shoot: Callable[[Page, str], None]
) -> None:
    begins(world, MONDAY)
    page = open_page("/sandbox/phone", DESKTOP)
    page.get_by_role("button", name="John Miller").click()
    page.get_by_role("button", name="+ 1 hour").click()
    came = page.locator(".text.outbound")
    expect(came.last).to_contain_text("time for your 8am Metformin")
    _text(page, "T")
    expect(came.last).to_contain_text("I noted that you took it")

    world.clock(now="2027-03-08T14:01:00-05:00")
    expect(came.last).to_contain_text("visit Wed Mar 10 2:00pm with Dr Ana Ruiz")
    _text(page, "C")
    expect(came.last).to_contain_text("See you Wed Mar 10 2:00pm")
    expect(page.get_by_text("✓✓").last).to_be_visible()
    shoot(page, "reminders-on-the-phone")
