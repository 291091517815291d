"""The one-time code in the chat page: offered by buttons, typed from the phone, then it opens."""

from playwright.sync_api import expect

from tests.browser.chat_page import CHAT, Chat
from tests.browser.conftest import PHONE, OpenPage
from tests.support.patients import Phone, World

JOHN = "+12125550104"


def test_code_from_the_phone_opens_the_medicines(open_page: OpenPage, used_world: World) -> None:
    phone = Phone(used_world, JOHN)
    phone.new()
    chat = Chat(open_page(CHAT, PHONE))
    chat.greeted()
    chat.says("what medications am i on")
    expect(chat.answers.last).to_contain_text("record number (MRN)")
    chat.says("1005")
    chat.gives_date(Month="7", Day="30", Year="1962")
    expect(chat.answers.last).to_contain_text("ending in 04")
    expect(chat.answers.last).not_to_contain_text("Metformin")
    chat.offers.first.click()
    expect(chat.answers.last).to_contain_text("6 digits")
    used_world.settle()
    code = phone.new()[-1].split("code is ", 1)[1][:6]
    chat.says(code)
    expect(chat.answers.last).to_contain_text("Metformin")
