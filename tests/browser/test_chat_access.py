"""The chat for everybody: axe, sizes, zoom, spacing, contrast, no jumps. In each of its states."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chat_page import CHAT, Chat, frame_that_opens
from tests.browser.conftest import DESKTOP, NARROW, PHONE, Answer, OpenPage
from tests.browser.for_everybody import CLIPPED, agrees, check

# Source: WCAG 2.2, 1.4.12 text spacing.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
    word-spacing: 0.16em !important } p { margin-block-end: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
SHIFTS = """() => new Promise(done => new PerformanceObserver(list =>
    done(list.getEntries().reduce((sum, each) => sum + each.value, 0)))
  .observe({type: "layout-shift", buffered: true}) || setTimeout(done, 300, 0))"""


def test_greeting_choices_and_dates_are_for_everybody(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.greeted()
    check(page)
    chat.says("I want to book a visit for my knee next week")
    expect(chat.answers.last).to_contain_text("record number")
    chat.says("1001")
    expect(page.get_by_label("Month", exact=True)).to_be_visible()
    check(page)
    chat.gives_date(Month="2", Day="30", Year="1979")
    expect(page.get_by_role("alert")).to_contain_text("real date")
    check(page)
    chat.gives_date(Month="3", Day="9", Year="1979")
    expect(chat.offers).to_have_count(5)
    check(page)
    for button in chat.offers.all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 48
    page.evaluate(SPACED)
    assert page.evaluate(CLIPPED) == []


def test_troubles_are_for_everybody(open_page: OpenPage) -> None:
    page = open_page(CHAT, provoked=("422", "ERR_INTERNET_DISCONNECTED"))
    chat = Chat(page)
    chat.greeted()
    page.route("**/chat/messages", lambda route: route.fulfill(status=422, json={}), times=1)
    chat.says("What are your hours?")
    expect(page.get_by_role("button", name="Not sent. Try again")).to_be_visible()
    page.context.set_offline(True)
    expect(page.get_by_text("No connection.")).to_be_visible()
    chat.says("Where are you?")
    expect(chat.notes.last).to_contain_text("Waiting to send")
    check(page)


def test_emergency_and_person_are_for_everybody(open_page: OpenPage, dana: Answer) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.greeted()
    chat.says("I have crushing chest pain and I can't breathe right now")
    expect(page.locator(".bubble.emergency")).to_be_visible()
    dana("I am calling you now.")
    expect(page.locator(".bubble.coordinator")).to_be_visible()
    check(page)


def test_idle_warning_is_for_everybody(open_page: OpenPage) -> None:
    page = open_page("/")
    page.clock.install()
    page.goto(CHAT)
    Chat(page).greeted()
    page.clock.fast_forward("13:01")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.clock.resume()
    check(page)


def test_birth_date_card_is_for_everybody(
    open_page: OpenPage, later: Callable[[str], None]
) -> None:
    page = open_page(CHAT, provoked=("401", "403"))
    chat = Chat(page)
    chat.greeted()
    chat.is_known()
    later("PT16M")
    page.reload()
    expect(page.get_by_label("Month", exact=True)).to_be_visible()
    check(page)


def test_clinics_site_with_the_button_and_the_open_chat_is_for_everybody(
    open_page: OpenPage, site: str
) -> None:
    page = open_page("/", DESKTOP)
    # Axe cannot see into a closed tree, so here it is an open one.
    page.add_init_script(
        """const attach = Element.prototype.attachShadow;
        Element.prototype.attachShadow = function () { return attach.call(this, {mode: "open"}); };
        """
    )
    page.goto(f"{site}/demo")
    launcher = page.get_by_role("button", name="Chat with us")
    expect(launcher).to_be_visible()
    agrees(page)
    frame_that_opens(page, launcher.click)
    agrees(page)


@pytest.mark.parametrize("size", [PHONE, NARROW, DESKTOP])
def test_nothing_jumps_while_it_loads(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(CHAT, size)
    Chat(page).greeted()
    expect(page.locator("#standing")).to_contain_text("Team")
    assert page.evaluate(SHIFTS) == 0


def test_at_four_hundred_percent_everything_is_reached(open_page: OpenPage) -> None:
    # 1280 x 1024 at 400 %.
    page = open_page(CHAT, (320, 256))
    chat = Chat(page)
    chat.greeted()
    chat.says("Where are you?")
    expect(chat.answers).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    strip = page.get_by_role("link", name="Call 911 now")
    for control in (chat.box, page.get_by_role("button", name="Clear this chat")):
        control.focus()
        expect(control).to_be_in_viewport(ratio=1)
        expect(strip).to_be_in_viewport(ratio=1)


def test_with_the_keyboard_up_question_and_answers_stay(open_page: OpenPage) -> None:
    page = open_page(CHAT, (400, 520))
    chat = Chat(page)
    chat.greeted()
    expect(page.get_by_text("Write STOP to end")).to_be_hidden()
    chat.says("I want to book a visit for my knee")
    expect(chat.answers.last).to_contain_text("record number")
    chat.says("1001")
    expect(page.get_by_label("Month", exact=True)).to_be_in_viewport(ratio=1)
    expect(chat.answers.last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("preference", [{"forced_colors": "active"}, {"contrast": "more"}])
def test_wished_for_contrast_keeps_borders(
    open_page: OpenPage, preference: dict[str, str], shoot: Callable[[Page, str], None]
) -> None:
    page = open_page(CHAT, PHONE, **preference)
    chat = Chat(page)
    chat.greeted()
    for part in (chat.answers.last, page.get_by_role("button", name="Send")):
        border = part.evaluate("each => getComputedStyle(each).borderTopStyle")
        assert border == "solid" or "contrast" in preference
    shoot(page, f"chat-{'-'.join(preference)}")


def test_words_of_the_other_direction_stand_right(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.says("مرحبا، رقمي 212-555-0101")
    expect(chat.words.last.locator("bdi")).to_have_text("212-555-0101")
    assert chat.words.last.evaluate("each => getComputedStyle(each).direction") == "rtl"
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(CLIPPED) == []
