"""The hosted chat as a visitor uses it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, NARROW, PHONE, OpenPage
from tests.support.patients import World

CHAT = "/c/lakeside"
expect.set_options(timeout=30_000)

Shoot = Callable[[Page, str], None]


def _said(page: Page) -> list[str]:
    """What the assistant said, in order."""
    return page.locator(".bubble.assistant").all_inner_texts()


def _last(page: Page) -> Locator:
    return page.locator(".bubble.assistant").last


def _type(page: Page, words: str) -> None:
    page.get_by_role("textbox", name=re.compile("message|mensaje")).fill(words)
    page.get_by_role("button", name=re.compile("^(Send|Enviar)$")).click()


def _give_birth_date(page: Page, **boxes: str) -> None:
    for label, value in boxes.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name=re.compile("Continu")).click()


def test_visit_is_booked_with_the_mouse(open_page: OpenPage, shoot: Shoot) -> None:
    page = open_page(CHAT)
    expect(page.locator(".bubble.assistant")).to_have_count(1)
    _type(page, "I need to see a doctor about my knee next week in the morning")
    expect(_last(page)).to_contain_text("record number (MRN)")
    _type(page, "1001")
    _give_birth_date(page, Month="3", Day="9", Year="1979")
    offers = page.get_by_role("group").get_by_role("button")
    expect(offers).to_have_count(5)
    shoot(page, "chat-offers")
    chosen = offers.first.inner_text()
    offers.first.click()
    expect(page.locator(".bubble.patient").last).to_contain_text(chosen)
    page.get_by_role("button", name="Book it", exact=True).click()
    expect(_last(page)).to_contain_text("Booked: ")
    shoot(page, "chat-booked")


def test_visit_is_booked_in_spanish(open_page: OpenPage, shoot: Shoot) -> None:
    page = open_page(f"{CHAT}?lang=es")
    expect(page.get_by_role("link", name="Llame al 911")).to_be_visible()
    _type(page, "Necesito una cita por dolor de rodilla la próxima semana por la mañana")
    expect(page.locator(".bubble.assistant")).to_have_count(2)
    _type(page, "1001")
    # Day before month, as it is written there.
    _give_birth_date(page, Día="9", Mes="marzo", Año="1979")
    offers = page.get_by_role("group").get_by_role("button")
    expect(offers).to_have_count(5)
    shoot(page, "chat-spanish")
    offers.nth(1).click()
    page.get_by_role("group").get_by_role("button").first.click()
    expect(_last(page)).to_contain_text("Reservada: ")


def test_language_is_switched_in_the_middle(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    expect(page.locator(".bubble.assistant")).to_have_count(1)
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("button", name="Enviar")).to_be_visible()
    expect(page.locator(".bubble.assistant")).to_have_count(2)
    assert "español" in _said(page)[-1].lower()


def test_impossible_birth_date_is_pointed_at_and_not_sent(
    open_page: OpenPage, shoot: Shoot
) -> None:
    page = open_page(CHAT)
    _type(page, "I want to book a visit for my knee")
    expect(page.locator(".bubble.assistant")).to_have_count(2)
    _type(page, "1001")
    _give_birth_date(page, Month="2", Day="30", Year="1979")
    expect(page.get_by_role("alert")).to_contain_text("real date")
    expect(page.get_by_label("Day", exact=True)).to_be_focused()
    assert page.locator(".bubble.patient").count() == 2
    shoot(page, "chat-date-error")


def test_reload_shows_the_same_conversation(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    _type(page, "What are your hours?")
    expect(page.locator(".bubble.assistant")).to_have_count(2)
    before = _said(page)
    page.reload()
    expect(page.locator(".bubble.assistant")).to_have_count(2)
    assert _said(page) == before
    expect(page.locator(".bubble.patient")).to_have_count(1)


def test_message_that_could_not_be_sent_goes_later_and_once(
    open_page: OpenPage, world: World
) -> None:
    page = open_page(CHAT, provoked="503")
    expect(page.locator(".bubble.assistant")).to_have_count(1)
    answered: list[int] = []

    def lose_answer(route: Route) -> None:
        """The server takes the first try, and its answer is lost."""
        if answered:
            route.continue_()
            return
        answered.append(route.fetch().status)
        route.fulfill(status=503, body="")

    page.route("**/chat/messages", lose_answer)
    _type(page, "What are your hours?")
    expect(page.locator(".bubble.assistant")).to_have_count(2)
    expect(page.locator(".note")).to_have_count(0)
    assert answered == [202]
    assert page.locator(".bubble.patient").count() == 1
    assert world.state()["inbox"] == {"done": 1}


def test_words_typed_before_the_greeting_came_stand_after_it(open_page: OpenPage) -> None:
    page = open_page("/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/chat/sessions", hold)
    with page.expect_request("**/chat/sessions"):
        page.goto(CHAT)
    _type(page, "What are your hours?")
    expect(page.locator(".note")).to_be_visible()
    held[0].continue_()
    expect(page.locator(".bubble.assistant")).to_have_count(2)
    speakers = [each.split(":")[0] for each in page.locator(".bubble").all_inner_texts()]
    assert speakers == ["Assistant", "You said", "Assistant"]


def test_keyboard_is_enough(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    expect(page.locator(".bubble.assistant")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Español")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Call 911 now")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Where are you?")
    page.keyboard.press("Enter")
    expect(page.locator(".bubble.assistant")).to_have_count(2)


def test_each_answer_is_announced_once(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    expect(page.get_by_role("status")).to_contain_text("not a nurse")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    _type(page, "What are your hours?")
    expect(page.get_by_role("status")).to_contain_text("Monday")


def test_what_a_visitor_writes_is_shown_as_it_is(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    hostile = "<img src=x onerror=alert(1)><b>hours</b>"
    _type(page, hostile)
    expect(page.locator(".bubble.patient")).to_contain_text(hostile)
    expect(page.locator(".note")).to_have_count(0)
    page.reload()
    expect(page.locator(".bubble.patient")).to_contain_text(hostile)
    assert page.locator(".bubble img").count() == 0


def test_person_is_one_click_away(open_page: OpenPage, world: World) -> None:
    page = open_page(CHAT)
    page.get_by_role("button", name="Talk to a person").click()
    expect(_last(page)).to_contain_text("A person from Lakeside Clinic")
    assert world.state()["unacknowledged_escalations"] == 1


@pytest.mark.parametrize("path", [CHAT, "/", "/sandbox/phone", "/demo"])
def test_narrow_window_never_scrolls_sideways(open_page: OpenPage, path: str) -> None:
    page = open_page(path, NARROW)
    page.wait_for_load_state()
    width = page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= NARROW[0]


@pytest.mark.parametrize(
    ("name", "path", "size", "dark"),
    [
        ("chat-dark", CHAT, PHONE, True),
        ("chat-narrow", CHAT, NARROW, False),
        ("chat-desktop", CHAT, DESKTOP, False),
        ("front-dark", "/", DESKTOP, True),
        ("front-narrow", "/", NARROW, False),
        ("phone-dark", "/sandbox/phone#+12125550103", DESKTOP, True),
        ("phone-narrow", "/sandbox/phone", NARROW, False),
        ("demo-narrow", "/demo", NARROW, False),
    ],
)
def test_page_opens_without_trouble(
    open_page: OpenPage, shoot: Shoot, name: str, path: str, size: tuple[int, int], *, dark: bool
) -> None:
    page = open_page(path, size, dark=dark)
    expect(page.get_by_role("main")).to_be_visible()
    if path == CHAT:
        expect(page.locator(".bubble.assistant")).to_have_count(1)
    shoot(page, name)
