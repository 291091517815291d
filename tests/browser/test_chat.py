"""The hosted chat as a visitor uses it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chat_page import CHAT, DESEO, WISH, Chat
from tests.browser.conftest import DESKTOP, NARROW, PHONE, Answer, OpenPage
from tests.support.patients import World

Shoot = Callable[[Page, str], None]
# Month, day, year, and which of them is wrong.
IMPOSSIBLE = (
    ("2", "30", "1979", "Day"),
    ("13", "3", "1979", "Month"),
    ("Ma", "3", "1979", "Month"),
    ("May", "3", "2999", "Year"),
    ("", "", "", "Month"),
)


@pytest.mark.usefixtures("world")
def test_visit_is_booked_in_spanish_on_a_narrow_phone(open_page: OpenPage, shoot: Shoot) -> None:
    page = open_page(f"{CHAT}?lang=es", NARROW)
    chat = Chat(page)
    expect(page.get_by_role("link", name="Llame al 911")).to_be_visible()
    chat.says(DESEO)
    expect(chat.answers).to_have_count(2)
    chat.says("1001")
    # Day before month, as it is written there.
    expect(page.get_by_role("group").get_by_role("textbox").first).to_have_attribute("name", "day")
    chat.gives_date(Día="9", Mes="marzo", Año="1979")
    expect(chat.offers).to_have_count(5)
    shoot(page, "chat-spanish")
    chat.offers.nth(1).click()
    chat.offers.first.click()
    expect(chat.answers.last).to_contain_text("Reservada: ")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW[0]


@pytest.mark.usefixtures("world")
def test_keyboard_is_enough_to_book(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat, keys = Chat(page), page.keyboard
    chat.greeted()
    # The order of the page: header, emergency, messages, answer box, send.
    for focused in (
        page.get_by_role("button", name="Español"),
        page.get_by_role("link", name="Call 911 now"),
        page.get_by_role("log"),
        chat.box,
    ):
        keys.press("Tab")
        expect(focused).to_be_focused()
    keys.type(WISH)
    keys.press("Enter")
    expect(chat.answers.last).to_contain_text("record number (MRN)")
    keys.type("1001")
    keys.press("Enter")
    expect(page.get_by_label("Month", exact=True)).to_be_visible()
    # Back to the question, which stands before the answer box.
    for _ in range(4):
        keys.press("Shift+Tab")
    for typed in ("3", "9", "1979"):
        keys.type(typed)
        keys.press("Tab")
    keys.press("Enter")
    # Answered in the question's card, so the next question has the focus.
    expect(chat.offers).to_have_count(5)
    expect(page.get_by_role("group")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Book it", exact=True)).to_be_visible()
    keys.press("Tab")
    keys.press("Enter")
    expect(chat.answers.last).to_contain_text("Booked: ")


def test_offered_times_are_numbered_buttons_and_told_once(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.greeted()
    chat.is_known()
    labels = chat.offers.all_inner_texts()
    assert [label.split()[0] for label in labels[:3]] == ["1", "2", "3"]
    told = chat.answers.last.inner_text()
    assert not any(label.split("\n")[-1] in told for label in labels)
    question = page.get_by_role("group", name=told)
    expect(question).to_have_count(1)


def test_language_is_switched_in_the_middle_and_stays_after_a_reload(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.greeted()
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("button", name="Enviar")).to_be_visible()
    expect(chat.answers).to_have_count(2)
    assert "español" in chat.answers.last.inner_text().lower()
    page.reload()
    expect(chat.answers).to_have_count(2)
    expect(page.get_by_role("button", name="Enviar")).to_be_visible()


def test_impossible_birth_date_is_pointed_at_and_not_sent(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.says("I want to book a visit for my knee")
    expect(chat.answers).to_have_count(2)
    chat.says("1001")
    for month, day, year, wrong in IMPOSSIBLE:
        chat.gives_date(Month=month, Day=day, Year=year)
        expect(page.get_by_role("alert")).to_contain_text("real date")
        box = page.get_by_label(wrong, exact=True)
        expect(box).to_be_focused()
        expect(box).to_have_attribute("aria-invalid", "true")
    assert chat.words.count() == 2


def test_reload_shows_the_same_conversation(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.says("What are your hours?")
    expect(chat.answers).to_have_count(2)
    before = chat.answers.all_inner_texts()
    page.reload()
    expect(chat.answers).to_have_count(2)
    assert chat.answers.all_inner_texts() == before
    expect(chat.words).to_have_count(1)


def test_nothing_of_the_patient_is_kept_or_in_an_address(open_page: OpenPage) -> None:
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(CHAT)
    chat = Chat(page)
    chat.greeted()
    chat.is_known()
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert re.fullmatch(r'\[\{"lakeside":"en\.[\w-]{43}"\},\{\}\]', kept)
    assert page.context.cookies() == []
    addresses = {re.sub(r"\?v=\w+", "", url.split("/", 3)[3]) for url in asked}
    assert not any("?" in address for address in addresses)


def test_second_tab_is_in_step(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    first = Chat(page)
    first.says("What are your hours?")
    expect(first.answers).to_have_count(2)
    # A window that a page opens has a copy of what its session keeps.
    with page.expect_popup() as opened:
        page.evaluate("void open(location.href)")
    second = Chat(opened.value)
    expect(second.answers).to_have_count(2)
    second.says("Where are you?")
    expect(first.answers).to_have_count(3)
    expect(first.words).to_have_count(2)
    expect(second.answers).to_have_count(3)
    assert first.answers.all_inner_texts() == second.answers.all_inner_texts()


def _taken(world: World) -> int:
    """How many messages of visitors the server has, whatever became of them."""
    return sum(world.state()["inbox"].values())


def test_message_that_could_not_be_sent_goes_later_and_once(
    open_page: OpenPage, used_world: World
) -> None:
    before = _taken(used_world)
    page = open_page(CHAT, provoked="503")
    chat = Chat(page)
    chat.greeted()
    answered: list[int] = []

    def lose_answer(route: Route) -> None:
        """The server takes the first try, and its answer is lost."""
        if answered:
            route.continue_()
            return
        answered.append(route.fetch().status)
        route.fulfill(status=503, body="")

    page.route("**/chat/messages", lose_answer)
    chat.says("What are your hours?")
    expect(chat.answers).to_have_count(2)
    expect(chat.notes).to_have_count(0)
    assert answered == [202]
    assert chat.words.count() == 1
    assert _taken(used_world) == before + 1


def test_refused_message_can_be_sent_again_by_hand(open_page: OpenPage) -> None:
    page = open_page(CHAT, provoked="422")
    chat = Chat(page)
    chat.greeted()
    page.route("**/chat/messages", lambda route: route.fulfill(status=422, json={}), times=1)
    chat.says("What are your hours?")
    page.get_by_role("button", name="Not sent. Try again").click()
    expect(chat.answers).to_have_count(2)
    expect(chat.notes).to_have_count(0)


def test_offline_in_the_middle_and_back_is_one_message_and_one_answer(
    open_page: OpenPage, used_world: World
) -> None:
    before = _taken(used_world)
    page = open_page(CHAT, provoked="ERR_INTERNET_DISCONNECTED")
    chat = Chat(page)
    chat.greeted()
    page.context.set_offline(True)
    expect(page.get_by_text("No connection.")).to_be_visible()
    chat.says("What are your hours?")
    expect(chat.notes).to_contain_text("Waiting to send")
    page.context.set_offline(False)
    expect(chat.answers).to_have_count(2)
    expect(chat.notes).to_have_count(0)
    expect(page.get_by_text("No connection.")).to_be_hidden()
    assert chat.words.count() == 1
    assert _taken(used_world) == before + 1


def test_chat_goes_on_by_asking_where_no_stream_comes_through(open_page: OpenPage) -> None:
    page = open_page("/", provoked="ERR_FAILED")
    page.route("**/chat/events", lambda route: route.abort())
    page.goto(CHAT)
    chat = Chat(page)
    chat.greeted()
    chat.says("What are your hours?")
    expect(chat.answers).to_have_count(2)
    expect(page.get_by_text("No connection.")).to_be_hidden()


def test_words_typed_before_the_greeting_came_stand_after_it(open_page: OpenPage) -> None:
    page = open_page("/")
    held: list[Route] = []
    page.route("**/chat/sessions", lambda route: held.append(route))  # noqa: PLW0108
    with page.expect_request("**/chat/sessions"):
        page.goto(CHAT)
    chat = Chat(page)
    chat.says("What are your hours?")
    expect(chat.notes).to_be_visible()
    held[0].continue_()
    expect(chat.answers).to_have_count(2)
    heads = [each.split()[0] for each in page.locator(".bubble").all_inner_texts()]
    assert heads == ["Assistant", "You", "Assistant"]


def test_each_answer_is_announced_once(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    expect(page.get_by_role("status")).to_contain_text("not a nurse")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")
    page.evaluate(
        """() => {
          window.announced = [];
          const status = document.querySelector("[role=status]");
          new MutationObserver(() => status.textContent && announced.push(status.textContent))
            .observe(status, {childList: true});
        }"""
    )
    chat = Chat(page)
    chat.says("Where are you?")
    expect(chat.answers).to_have_count(2)
    expect(page.get_by_role("status")).to_have_text(chat.answers.last.inner_text())
    assert page.evaluate("announced.length") == 1


def test_what_a_visitor_writes_is_shown_as_it_is(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    hostile = "<img src=x onerror=alert(1)><b>hours</b>"
    chat = Chat(page)
    chat.says(hostile)
    expect(chat.words).to_have_text(hostile)
    expect(chat.notes).to_have_count(0)
    page.reload()
    expect(chat.words).to_have_text(hostile)


def test_emergency_is_answered_with_one_action_that_stays(
    open_page: OpenPage, shoot: Shoot
) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.greeted()
    chat.says("I have crushing chest pain and I can't breathe right now")
    expect(page.locator(".bubble.emergency")).to_contain_text("Call 911 now")
    action = page.get_by_role("link", name="Call 911 now")
    expect(action).to_have_attribute("href", "tel:911")
    expect(action).to_have_css("font-size", "22px")
    shoot(page, "chat-emergency")
    chat.says("What are your hours?")
    expect(action).to_be_in_viewport(ratio=1)
    page.reload()
    expect(action).to_have_css("font-size", "22px")


def test_crisis_is_answered_with_the_crisis_line(open_page: OpenPage) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.greeted()
    chat.says("I want to kill myself tonight")
    action = page.get_by_role("link", name="Call 988 now")
    expect(action).to_have_attribute("href", "tel:988")
    expect(page.locator(".bubble.emergency")).to_be_visible()


def test_person_answers_under_their_name(open_page: OpenPage, dana: Answer, shoot: Shoot) -> None:
    page = open_page(CHAT)
    chat = Chat(page)
    chat.greeted()
    page.get_by_role("button", name="Talk to a person").click()
    expect(chat.answers.last).to_contain_text("will answer you here")
    dana("Hello, how can I help?")
    said = page.locator(".bubble.coordinator")
    expect(said.locator(".said")).to_have_text("Hello, how can I help?")
    expect(said.locator("b")).to_have_text("Dana Reed, RN")
    expect(page.locator("#standing")).to_contain_text("Dana Reed, RN")
    expect(page.get_by_role("status")).to_have_text("Dana Reed, RN: Hello, how can I help?")
    shoot(page, "chat-person")
    chat.says("Thank you")
    # The assistant is silent now, and so are its dots.
    expect(chat.notes).to_have_count(0)
    expect(page.locator("#typing")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "path", "size", "dark"),
    [
        ("chat-desktop", CHAT, DESKTOP, False),
        ("front-dark", "/", DESKTOP, True),
        ("front-narrow", "/", NARROW, False),
        ("phone-dark", "/sandbox/phone#+12125550103", DESKTOP, True),
        ("phone-narrow", "/sandbox/phone", NARROW, False),
    ],
)
def test_page_opens_without_trouble(
    open_page: OpenPage, shoot: Shoot, name: str, path: str, size: tuple[int, int], *, dark: bool
) -> None:
    page = open_page(path, size, dark=dark)
    expect(page.get_by_role("main")).to_be_visible()
    if path == CHAT:
        Chat(page).greeted()
    shoot(page, name)


def test_without_javascript_there_is_a_phone_number(open_page: OpenPage) -> None:
    page = open_page(CHAT, PHONE, java_script_enabled=False)
    expect(page.get_by_role("link", name="212-555-0199")).to_be_visible()
    expect(page.get_by_role("link", name="Call 911 now")).to_be_visible()
    expect(page.locator("noscript p").last).to_contain_text("Monday to Friday")
    expect(page.get_by_role("button", name="Send")).to_be_hidden()
