"""The chat on a clinic's own site, which is of another origin and allows next to nothing."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import Chat, frame_that_opens
from tests.browser.conftest import DESKTOP, PHONE, Answer, OpenPage

WITHOUT_STORAGE = """
  if (location.hostname === "localhost") {
    Object.defineProperty(window, "sessionStorage", {get() { throw new Error("denied"); }});
    document.addEventListener("readystatechange", () => {
      document.documentElement.lang = "LANGUAGE";
    }, {once: true});
  }
"""
LAUNCHER = "html > div"
Shoot = Callable[[Page, str], None]
# What a page hears of the chat, with what comes along.
LISTEN = """
  for (const name of ["open", "close", "unread"])
    document.addEventListener(`careline:${name}`, ({detail}) =>
      console.info(detail ? `${name} ${detail.count}` : name));
"""


def _open(page: Page) -> Chat:
    """Open the chat with the mouse; the button is in a closed shadow tree, so by its place."""
    assert page.viewport_size
    x, y = page.viewport_size["width"] - 90, page.viewport_size["height"] - 48
    expect(page.locator(LAUNCHER)).to_be_attached()
    return frame_that_opens(page, lambda: page.mouse.click(x, y))


def _open_by_link(page: Page) -> Chat:
    expect(page.locator(LAUNCHER)).to_be_attached()
    return frame_that_opens(page, page.get_by_role("link", name="Book by chat").click)


def _listen(page: Page) -> list[str]:
    """What the page hears of the chat, as it hears it."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.evaluate(LISTEN)
    return heard


@pytest.mark.usefixtures("world")
def test_visit_is_booked_with_the_mouse_from_the_clinics_site(
    open_page: OpenPage, site: str, shoot: Shoot
) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    chat = _open(page)
    chat.is_known()
    shoot(page, "widget-offers")
    chosen = chat.offers.first.inner_text().split("\n")[-1]
    chat.offers.first.click()
    expect(chat.words.last).to_contain_text(chosen)
    chat.on.get_by_role("button", name="Book it", exact=True).click()
    expect(chat.answers.last).to_contain_text("Booked: ")


def test_keyboard_opens_minimises_and_finds_its_way_back(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    heard = _listen(page)
    expect(page.locator(LAUNCHER)).to_be_attached()
    page.get_by_role("button", name="Open the chat").focus()
    page.keyboard.press("Tab")
    chat = frame_that_opens(page, lambda: page.keyboard.press("Enter"))
    expect(chat.box).to_be_focused()
    page.keyboard.type("What are your hours?")
    page.keyboard.press("Enter")
    expect(chat.answers).to_have_count(2)
    page.keyboard.press("Escape")
    expect(chat.box).to_be_hidden()
    # The focus is on the button in the closed tree: from outside that is its host.
    assert page.evaluate("document.activeElement.parentNode === document.documentElement")
    page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    assert [each for each in heard if "unread" not in each] == ["open", "close", "open"]


def test_link_of_the_site_opens_the_chat_and_gets_the_focus_back(
    open_page: OpenPage, site: str
) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    expect(page.locator(LAUNCHER)).to_be_attached()
    chat = _open_by_link(page)
    chat.on.get_by_role("button", name="Minimize the chat").click()
    expect(page.get_by_role("link", name="Book by chat")).to_be_focused()
    assert page.url == f"{site}/demo"


def test_site_cannot_read_the_chat(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    page.evaluate("addEventListener('message', ({source}) => { window.chat = source; })")
    _open(page)
    assert page.evaluate("document.querySelector('html > div').shadowRoot") is None
    assert page.evaluate("frames.length") == 0
    # Whoever listens to its messages has the window, and still sees nothing of it.
    read = "() => { try { return chat.document.title; } catch (denied) { return denied.name; } }"
    assert page.evaluate(read) == "SecurityError"


def test_site_keeps_only_what_opens_nothing_by_itself(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    _open(page)
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert re.fullmatch(r'\[\{"careline\.lakeside":"en\.[\w-]{43}"\},\{\}\]', kept)
    assert "lakeside" in page.frames[1].url
    query = page.frames[1].url.partition("?")[2]
    assert query == f"lang=en&host={site}"


def test_chat_is_come_back_to_from_another_page_of_the_site(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    chat = _open(page)
    chat.says("What are your hours?")
    expect(chat.answers).to_have_count(2)
    page.goto(f"{site}/demo?another")
    again = _open_by_link(page)
    expect(again.answers).to_have_count(2)
    expect(again.words).to_have_text("What are your hours?")


def test_messages_that_come_while_it_is_minimised_are_counted(
    open_page: OpenPage, site: str, dana: Answer, shoot: Shoot
) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    heard = _listen(page)
    chat = _open(page)
    chat.on.get_by_role("button", name="Talk to a person").click()
    expect(chat.answers).to_have_count(2)
    chat.on.get_by_role("button", name="Minimize the chat").click()
    with page.expect_console_message(lambda message: message.text > "unread 0"):
        dana("Hello, how can I help?")
    shoot(page, "widget-unread")
    with page.expect_console_message(lambda message: message.text == "unread 0"):
        page.keyboard.press("Enter")
    expect(chat.on.locator(".bubble.coordinator")).to_be_visible()
    # Nothing that was said comes along.
    assert not any("help" in each for each in heard)


def test_words_of_other_windows_and_origins_do_nothing(open_page: OpenPage, site: str) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    heard = _listen(page)
    chat = _open(page)
    page.evaluate(
        """() => {
          for (const origin of ["https://elsewhere.example", location.origin])
            for (const careline of ["close", "keep", "unread"])
              dispatchEvent(new MessageEvent("message", {
                origin, source: window, data: {careline, value: "x"},
              }));
        }"""
    )
    expect(chat.box).to_be_visible()
    assert [each for each in heard if each != "unread 0"] == ["open"]
    assert page.evaluate("sessionStorage['careline.lakeside']") != "x"


def test_on_a_phone_it_fills_the_screen_and_the_page_behind_rests(
    open_page: OpenPage, site: str, shoot: Shoot
) -> None:
    page = open_page(f"{site}/demo", PHONE)
    _open_by_link(page)
    shoot(page, "widget-phone")
    assert page.frames[1].evaluate("[innerWidth, innerHeight]") == list(PHONE)
    # Modal: what is behind it cannot be reached.
    page.get_by_role("link", name="Care", exact=True).evaluate("link => link.focus()")
    assert page.evaluate("document.activeElement.tagName") != "A"
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    # The same frame beside the page: nothing was loaded again.
    expect(page.frames[1].locator("main")).to_have_css("block-size", "680px")
    assert len(page.frames[1].locator(".bubble").all()) == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_site_without_storage_has_a_chat_too(open_page: OpenPage, site: str, language: str) -> None:
    page = open_page("/", DESKTOP)
    page.add_init_script(WITHOUT_STORAGE.replace("LANGUAGE", language))
    page.goto(f"{site}/demo")
    chat = _open_by_link(page)
    expect(chat.on.locator("html")).to_have_attribute("lang", language)
