"""The pictures of the guides, made anew when CARELINE_PICTURES says so: into docs/pictures/."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chat_page import CHAT, GRACE, JOHN, Chat, frame_that_opens
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.console_page import (
    ALARM,
    SMALL,
    WIDE,
    Desk,
    in_the_midst_of_booking,
    signed_in,
)
from tests.browser.form_questions import fill_in_visit_form
from tests.support.patients import Phone as Texter, World

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"

pytestmark = pytest.mark.skipif(
    "CARELINE_PICTURES" not in os.environ, reason="pictures are made on demand only"
)


def _take(page: Page, name: str) -> None:
    for frame in page.frames:
        frame.evaluate("document.fonts.ready.then(() => undefined)")
    page.mouse.move(2, 2)
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")


def _in_our_type(page: Page) -> Chat:
    """Pages that wait for our typeface; a visitor's take another one if it is not there at once."""

    def waiting(route: Route) -> None:
        answer = route.fetch()
        style = answer.text()
        assert "font-display:optional" in style
        route.fulfill(response=answer, body=style.replace("display:optional", "display:block"))

    page.context.route("**/w/shared/base.css*", waiting)
    page.reload()
    chat = Chat(page)
    chat.greeted()
    return chat


@pytest.mark.parametrize(("name", "dark"), [("chat-light", False), ("chat-dark", True)])
def test_chat_offers_times(open_page: OpenPage, name: str, *, dark: bool) -> None:
    page = open_page(CHAT, PHONE, dark=dark, device_scale_factor=2)
    _in_our_type(page).is_known()
    _take(page, name)


def test_chat_on_a_phone_in_spanish(open_page: OpenPage) -> None:
    page = open_page(f"{CHAT}?lang=es", (360, 720), device_scale_factor=2)
    chat = _in_our_type(page)
    chat.says("Quiero una cita por dolor de rodilla")
    expect(chat.answers).to_have_count(2)
    chat.says("1001")
    expect(page.get_by_label("Mes", exact=True)).to_be_visible()
    _take(page, "chat-phone")


def test_question_of_a_form(world: World, open_page: OpenPage) -> None:
    page = open_page(CHAT, PHONE, device_scale_factor=2)
    chat = _in_our_type(page)
    GRACE.begins(chat, world)
    page.get_by_role("button", name="Several days").click()
    expect(page.get_by_role("progressbar", name="Question 2 of")).to_be_visible()
    _take(page, "chat-form")


def test_answers_of_a_form(world: World, open_page: OpenPage) -> None:
    page = open_page(CHAT, PHONE, dark=True, device_scale_factor=2)
    chat = _in_our_type(page)
    JOHN.begins(chat, world)
    fill_in_visit_form(chat)
    page.get_by_role("button", name="Back", exact=True).scroll_into_view_if_needed()
    _take(page, "chat-form-review")


def test_chat_on_a_clinics_site(open_page: OpenPage, site: str) -> None:
    page = open_page(CHAT, (1280, 800))
    _in_our_type(page)
    page.goto(f"{site}/demo")
    expect(page.locator("html > div")).to_be_attached()
    chat = frame_that_opens(page, page.get_by_role("link", name="Book by chat").click)
    chat.is_known()
    _take(page, "chat-on-clinic-site")


def _console(world: World, open_page: OpenPage, size: tuple[int, int], *, dark: bool) -> Desk:
    """A nurse's console on a busy morning."""
    in_the_midst_of_booking(world).says(ALARM)
    Texter(world, "+12125550103").texts("I need to talk to a person")
    Texter(world, "+12125550107").texts("quiero hablar con una persona")
    Texter(world, "+12125550105").texts("is it ok to take ibuprofen with my pills")
    desk = signed_in(open_page, "nurse", size, dark=dark)
    expect(desk.rows).to_have_count(4)
    return desk


def _answered(desk: Desk) -> None:
    desk.opens("John Miller")
    expect(desk.page.locator("#pane")).to_contain_text("Penicillin", use_inner_text=False)
    desk.claims()
    desk.replies("Dana here. Are you with somebody?")
    desk.notes("Called, the daughter is with him.")
    expect(desk.log.locator(".said.note")).to_have_count(1)


@pytest.mark.parametrize(
    ("name", "size", "dark"),
    [
        ("console-conversation", WIDE, False),
        ("console-dark", WIDE, True),
        ("console-phone", SMALL, False),
    ],
)
def test_conversation_in_the_console(
    world: World, open_page: OpenPage, name: str, size: tuple[int, int], *, dark: bool
) -> None:
    desk = _console(world, open_page, size, dark=dark)
    _answered(desk)
    _take(desk.page, name)


def test_inbox_of_the_console(world: World, open_page: OpenPage) -> None:
    desk = _console(world, open_page, WIDE, dark=False)
    _take(desk.page, "console-inbox")
