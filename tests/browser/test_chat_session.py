"""A chat that rests, is come back to, is cleared: nobody else at the screen sees it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.chat_page import CHAT, Chat
from tests.browser.conftest import OpenPage
from tests.support.patients import Phone, World

Shoot = Callable[[Page, str], None]
Later = Callable[[str], None]
OVER = ("401", "403")


def test_still_chat_is_warned_of_and_goes_on_with_one_tap(
    open_page: OpenPage, shoot: Shoot
) -> None:
    page = open_page("/")
    page.clock.install()
    page.goto(CHAT)
    Chat(page).greeted()
    page.clock.fast_forward("12:30")
    warning = page.get_by_role("dialog", name="Are you still there?")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("00:31")
    expect(warning).to_be_visible()
    shoot(page, "chat-idle")
    with page.expect_response("**/chat/sessions/stay") as stayed:
        page.get_by_role("button", name="I am still here").click()
    assert stayed.value.status == 204
    expect(warning).to_be_hidden()
    page.clock.fast_forward("12:30")
    expect(warning).to_be_hidden()
    page.clock.fast_forward("00:31")
    expect(warning).to_be_visible()


def test_chat_of_nobody_known_begins_anew_after_it_rested(
    open_page: OpenPage, later: Later
) -> None:
    page = open_page(CHAT, provoked=OVER)
    chat = Chat(page)
    chat.says("What are your hours?")
    expect(chat.answers).to_have_count(2)
    later("PT16M")
    chat.says("Where are you?")
    again = page.get_by_role("button", name="Open it again")
    expect(again).to_be_visible()
    expect(chat.answers).to_have_count(0)
    expect(chat.words).to_have_count(0)
    again.click()
    chat.greeted()
    # What was just typed is not lost.
    expect(chat.box).to_have_value("Where are you?")
    expect(chat.words).to_have_count(0)


def test_known_patients_chat_opens_by_the_birth_date_and_is_shown_by_the_code(
    open_page: OpenPage, used_world: World, later: Later, shoot: Shoot
) -> None:
    phone = Phone(used_world, "+12125550101")
    page = open_page(CHAT, provoked=OVER)
    chat = Chat(page)
    chat.greeted()
    chat.is_known()
    before = chat.answers.all_inner_texts()
    later("PT16M")
    page.reload()
    expect(page.get_by_text("Welcome back.").first).to_be_visible()
    expect(chat.answers).to_have_count(0)
    expect(page.get_by_role("link", name="Call 911 now")).to_be_visible()
    shoot(page, "chat-confirm")
    chat.gives_date(Month="3", Day="8", Year="1979")
    expect(page.get_by_role("alert")).to_contain_text("does not match")
    chat.gives_date(Month="3", Day="9", Year="1979")
    expect(chat.answers).to_have_count(1)
    expect(chat.answers.last).to_contain_text("ending in 01")
    phone.new()
    chat.offers.first.click()
    expect(chat.answers.last).to_contain_text("6 digits")
    used_world.settle()
    chat.says(phone.new()[-1].split("code is ", 1)[1][:6])
    expect(chat.answers.last).to_contain_text("sure it is you")
    assert chat.answers.all_inner_texts()[: len(before)] == before


def test_third_wrong_birth_date_begins_a_new_chat(open_page: OpenPage, later: Later) -> None:
    page = open_page(CHAT, provoked=OVER)
    chat = Chat(page)
    chat.greeted()
    chat.is_known()
    later("PT16M")
    page.reload()
    for day in ("6", "7", "8"):
        with page.expect_response("**/chat/sessions/confirm"):
            chat.gives_date(Month="3", Day=day, Year="1979")
    chat.greeted()
    expect(chat.words).to_have_count(0)


def test_cleared_chat_is_gone_from_this_device(open_page: OpenPage, shoot: Shoot) -> None:
    page = open_page(CHAT, provoked=OVER)
    chat = Chat(page)
    chat.says("What are your hours?")
    expect(chat.answers).to_have_count(2)
    with page.expect_popup() as opened:
        page.evaluate("void open(location.href)")
    other = Chat(opened.value)
    expect(other.answers).to_have_count(2)
    page.get_by_role("button", name="Clear this chat").click()
    page.get_by_role("button", name="Keep it").click()
    expect(chat.answers).to_have_count(2)
    page.get_by_role("button", name="Clear this chat").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear this chat").click()
    expect(page.get_by_text("The chat is cleared").first).to_be_visible()
    expect(chat.answers).to_have_count(0)
    shoot(page, "chat-cleared")
    # The other tab has another chat now.
    expect(other.on.get_by_text("This is a new one.")).to_be_visible()
    expect(other.words).to_have_count(0)
    page.reload()
    chat.greeted()
    expect(chat.words).to_have_count(0)
