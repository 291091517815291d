"""The controls of a form in a real chat page, with questions that came through its own stream."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Frame, Page, Request, Route, expect

from tests.browser.chat_page import CHAT, Chat, frame_that_opens
from tests.browser.conftest import DESKTOP, NARROW, PHONE, OpenPage, Watch
from tests.browser.for_everybody import CLIPPED, agrees, check
from tests.browser.form_questions import (
    CONDITIONS,
    HEIGHT,
    REVIEW,
    SINCE,
    SLEEP,
    SMOKING,
    WORRY,
    FormPage,
    Questioner,
)
from tests.support.stack import Stack

OpenForm = Callable[..., FormPage]
Shoot = Callable[[Page, str], None]


@pytest.fixture
def asker(stack: Stack, watch: Watch) -> Callable[[], Questioner]:
    """Whoever asks in the chat that was opened last."""
    return lambda: Questioner(stack.data_dir, watch.opened[-1].json()["session"])


@pytest.fixture
def open_form(open_page: OpenPage, asker: Callable[[], Questioner]) -> OpenForm:
    """A chat in which a form is asked."""

    def opened(path: str = CHAT, size: tuple[int, int] = PHONE, **more: object) -> FormPage:
        page = open_page(path, size, **more)
        Chat(page).greeted()
        return FormPage(page, asker())

    return opened


def _sent(page: Page) -> list[str]:
    """What the page sends from now on."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/chat/messages") and request.method == "POST":
            sent.append(json.loads(request.post_data or "")["text"])

    page.on("request", note)
    return sent


def test_choices_come_with_progress_and_a_way_back(open_form: OpenForm, shoot: Shoot) -> None:
    form = open_form()
    sent = _sent(form.page)
    card = form.asks(SLEEP)
    expect(form.page.get_by_text("Question 3 of 9", exact=True)).to_be_visible()
    bar = form.page.get_by_role("progressbar", name="Question 3 of 9")
    expect(bar).to_have_js_property("position", 3 / 9)
    expect(card.get_by_role("button")).to_have_count(4)
    shoot(form.page, "form-choices")
    card.get_by_role("button", name="Several days").click()
    form.said("Several days")
    form.asks(SLEEP)
    form.presses("Back")
    form.said("Back")
    form.asks(SLEEP)
    form.presses("Skip")
    form.said("Skip")
    assert sent == ["2", "BACK", "SKIP"]
    form.page.reload()
    expect(form.chat.words.nth(0)).to_have_text("Several days")
    expect(form.chat.words.nth(1)).to_have_text("Back")
    expect(form.chat.words.nth(2)).to_have_text("Skip")


def test_several_choices_are_sent_as_one_answer(open_form: OpenForm, shoot: Shoot) -> None:
    form = open_form()
    sent = _sent(form.page)
    card = form.asks(CONDITIONS)
    for name in ("Back", "Skip"):
        expect(form.page.get_by_role("button", name=name)).to_have_count(0)
    form.presses("Continue")
    expect(form.page.get_by_role("alert")).to_have_text("Choose at least one.")
    expect(card.get_by_role("checkbox").first).to_be_focused()
    card.get_by_label("Diabetes, type 2").check()
    card.get_by_text("Asthma").click()
    shoot(form.page, "form-many")
    form.presses("Continue")
    form.said("Asthma, Diabetes, type 2")
    assert sent == ["1 3"]
    form.page.reload()
    expect(form.chat.words.last).to_have_text("Asthma, Diabetes, type 2")


def test_number_is_sent_as_it_is_typed(open_form: OpenForm, shoot: Shoot) -> None:
    form = open_form()
    sent = _sent(form.page)
    card = form.asks(HEIGHT)
    box = card.get_by_role("textbox", name="Your answer")
    expect(box).to_have_attribute("inputmode", "decimal")
    expect(box).to_have_accessible_description("From 20 to 100 in")
    form.presses("Continue")
    expect(box).to_be_focused()
    shoot(form.page, "form-number")
    # Out of bounds: the clinic asks kindly, the page refuses nothing.
    for typed in ("7000", " 70.5 "):
        form.asks(HEIGHT).get_by_role("textbox").fill(typed)
        form.presses("Continue")
        form.said(typed.strip())
    assert sent == ["7000", "70.5"]
    expect(form.page.get_by_role("alert")).to_have_count(0)


DAYS = (
    ({"Month": "3", "Day": "9", "Year": "2026"}, "2026-03-09", "March 9, 2026"),
    ({"Month": "mar", "Year": "2026"}, "2026-03", "March 2026"),
    ({"Year": "2027"}, "2027", "2027"),
    ({"Month": "February", "Day": "29", "Year": "2028"}, "2028-02-29", "February 29, 2028"),
)
NO_DAYS = (
    ({"Month": "2", "Day": "30", "Year": "2026"}, "Day"),
    ({"Month": "", "Day": "9", "Year": "2026"}, "Month"),
    ({"Month": "13", "Day": "", "Year": "2026"}, "Month"),
    ({"Month": "xyz", "Day": "", "Year": "2026"}, "Month"),
    ({"Month": "3", "Day": "x", "Year": "2026"}, "Day"),
    ({"Month": "3", "Day": "9", "Year": "26"}, "Year"),
    ({"Month": "", "Day": "", "Year": ""}, "Year"),
)


def test_any_day_month_or_year_is_sent_in_iso_form(open_form: OpenForm, shoot: Shoot) -> None:
    form = open_form()
    sent = _sent(form.page)
    card = form.asks(SINCE)
    names = [box.get_attribute("name") for box in card.get_by_role("textbox").all()]
    assert names == ["month", "day", "year"]
    expect(form.page.locator("[autocomplete^=bday]")).to_have_count(0)
    for boxes, wrong in NO_DAYS:
        form.chat.gives_date(**boxes)
        expect(form.page.get_by_role("alert")).to_contain_text("real date")
        expect(form.page.get_by_label(wrong, exact=True)).to_be_focused()
    shoot(form.page, "form-day")
    for boxes, _, label in DAYS:
        form.asks(SINCE)
        form.chat.gives_date(**boxes)
        form.said(label)
    assert sent == [iso for _, iso, _ in DAYS]
    form.page.reload()
    for at, (_, _, label) in enumerate(DAYS):
        expect(form.chat.words.nth(at)).to_have_text(label)


def test_day_comes_first_in_spanish(open_form: OpenForm) -> None:
    form = open_form(f"{CHAT}?lang=es")
    sent = _sent(form.page)
    card = form.asks(SINCE)
    expect(form.page.get_by_text("Pregunta 6 de 9", exact=True)).to_be_visible()
    names = [box.get_attribute("name") for box in card.get_by_role("textbox").all()]
    assert names == ["day", "month", "year"]
    form.chat.gives_date(Día="9", Mes="marzo", Año="2026")
    form.said("9 de marzo de 2026")
    form.asks(SINCE)
    form.presses("Atrás")
    form.said("Atrás")
    form.asks(REVIEW)
    form.presses("Enviar mis respuestas")
    form.said("Enviar mis respuestas")
    assert sent == ["2026-03-09", "ATRÁS", "ENVIAR"]


def test_long_answer_keeps_its_lines(open_form: OpenForm, shoot: Shoot) -> None:
    form = open_form()
    sent = _sent(form.page)
    box = form.asks(WORRY).get_by_role("textbox", name="Your answer")
    box.fill("That it comes back")
    box.press("Enter")
    box.type("when I am alone.")
    shoot(form.page, "form-long")
    form.presses("Continue")
    form.said("That it comes back\nwhen I am alone.")
    assert sent == ["That it comes back\nwhen I am alone."]


def test_answers_are_looked_over_and_each_can_be_changed(open_form: OpenForm, shoot: Shoot) -> None:
    form = open_form()
    sent = _sent(form.page)
    card = form.asks(REVIEW)
    questions = [line.question for line in (REVIEW.form.review if REVIEW.form else ())]
    assert card.get_by_role("term").all_inner_texts() == questions
    expect(card.get_by_role("definition").first).to_have_text("Several days")
    expect(form.page.get_by_role("progressbar")).to_have_count(0)
    shoot(form.page, "form-review")
    card.get_by_role("button", name=f"Change: {questions[1]}").click()
    form.said(f"Change: {questions[1]}")
    form.asks(REVIEW)
    form.presses("Send my answers")
    form.said("Send my answers")
    assert sent == ["CHANGE 2", "SEND"]
    form.page.reload()
    expect(form.chat.words.nth(0)).to_have_text(f"Change: {questions[1]}")
    expect(form.chat.words.nth(1)).to_have_text("Send my answers")


def test_keyboard_is_enough_to_fill_in_a_form(open_form: OpenForm) -> None:
    form = open_form()
    page, keys = form.page, form.page.keyboard
    sent = _sent(page)
    form.chat.box.focus()
    form.asks(SLEEP)
    # It came while the visitor was elsewhere, so it takes no focus.
    expect(form.chat.box).to_be_focused()
    form.card.get_by_role("button", name="Nearly every day").focus()
    keys.press("Enter")
    expect(page.get_by_role("log")).to_be_focused()
    # Answered in the card: the next question is where the focus is.
    expect(form.asks(CONDITIONS)).to_be_focused()
    for key in ("Tab", "Space", "Tab", "Tab", "Space", "Tab", "Enter"):
        keys.press(key)
    form.said("Asthma, Diabetes, type 2")
    expect(form.asks(HEIGHT)).to_be_focused()
    keys.press("Tab")
    keys.type("70")
    keys.press("Enter")
    form.said("70")
    expect(form.asks(SINCE)).to_be_focused()
    for key in ("Tab", "3", "Tab", "Tab", "2", "0", "2", "6", "Enter"):
        keys.press(key)
    form.said("March 2026")
    expect(form.asks(WORRY)).to_be_focused()
    for key in ("Tab", "n", "o", "Tab", "Enter"):
        keys.press(key)
    form.said("no")
    expect(form.asks(REVIEW)).to_be_focused()
    for key in ("Tab", "Tab", "Tab", "Tab", "Enter"):
        keys.press(key)
    form.said("Send my answers")
    assert sent == ["4", "1 3", "70", "2026-03", "no", "SEND"]


def test_question_is_announced_once_with_its_progress(open_form: OpenForm) -> None:
    form = open_form()
    expect(form.status).to_have_text(form.chat.answers.last.inner_text())
    form.page.evaluate(
        """() => {
          window.announced = [];
          const status = document.querySelector("[role=status]");
          new MutationObserver(() => status.textContent && announced.push(status.textContent))
            .observe(status, {childList: true});
        }"""
    )
    for question, words in ((SLEEP, f"Question 3 of 9. {SLEEP.text}"), (REVIEW, REVIEW.text)):
        form.asks(question)
        expect(form.status).to_have_text(words)
    assert form.page.evaluate("announced.length") == 2
    expect(form.asks(SLEEP)).to_have_accessible_description("Question 3 of 9")


def test_why_it_is_asked_opens_below_the_question_by_keyboard(
    open_form: OpenForm, shoot: Shoot
) -> None:
    form = open_form()
    sent = _sent(form.page)
    assert form.asks(SLEEP).locator("details").count() == 0
    card = form.asks(SMOKING)
    card.focus()
    form.page.keyboard.press("Tab")
    why = card.locator("summary")
    expect(why).to_be_focused()
    expect(why).to_have_text("Why we ask this")
    reason = card.get_by_text("Smoke can change how your body heals.")
    expect(reason).to_be_hidden()
    shoot(form.page, "form-why-closed")
    form.page.keyboard.press("Enter")
    expect(reason).to_be_visible()
    check(form.page)
    shoot(form.page, "form-why")
    form.page.keyboard.press("Tab")
    expect(card.get_by_role("button", name="Yes")).to_be_focused()
    form.page.keyboard.press("Enter")
    form.said("Yes")
    assert sent == ["Y"]


def test_every_control_is_for_everybody(open_form: OpenForm) -> None:
    form = open_form()
    for question in (SLEEP, CONDITIONS, HEIGHT, SINCE, WORRY, REVIEW):
        form.asks(question)
        check(form.page)
        if question is CONDITIONS:
            form.presses("Continue")
            expect(form.page.get_by_role("alert")).to_be_visible()
            form.card.get_by_label("Asthma").check()
            agrees(form.page)
        for target in form.card.locator(".choice, .primary, input:not([type=checkbox])").all():
            box = target.bounding_box()
            assert box
            assert box["height"] >= 48


def test_emergency_takes_the_question_away(open_form: OpenForm) -> None:
    form = open_form()
    form.asks(SLEEP)
    form.chat.says("I have crushing chest pain and I can't breathe right now")
    expect(form.page.locator(".bubble.emergency")).to_be_visible()
    expect(form.page.get_by_role("link", name="Call 911 now")).to_have_css("font-size", "22px")
    expect(form.page.get_by_role("progressbar")).to_have_count(0)


def test_form_is_reached_at_four_hundred_percent(open_form: OpenForm) -> None:
    # 1280 x 1024 at 400 %.
    form = open_form(size=(320, 256))
    for question in (CONDITIONS, SINCE, REVIEW):
        last = form.asks(question).locator(".primary")
        last.focus()
        expect(last).to_be_in_viewport(ratio=1)
        assert form.page.evaluate("document.documentElement.scrollWidth") == NARROW[0]
        assert form.page.evaluate(CLIPPED) == []


def test_forced_colours_keep_what_is_chosen_in_sight(open_form: OpenForm, shoot: Shoot) -> None:
    form = open_form(forced_colors="active")
    card = form.asks(CONDITIONS)
    card.get_by_label("Asthma").check()
    for part in (card.locator(".choice").first, card.locator(".primary")):
        assert part.evaluate("each => getComputedStyle(each).borderTopStyle") == "solid"
    shoot(form.page, "form-forced-colors")


def test_other_chats_never_load_what_draws_forms(open_page: OpenPage) -> None:
    page = open_page("/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(CHAT)
    chat = Chat(page)
    chat.says("What are your hours?")
    expect(chat.answers).to_have_count(2)
    assert any("/w/static/chat.js" in url for url in asked)
    assert not any("/w/static/forms" in url for url in asked)


def test_question_can_be_answered_where_its_controls_do_not_come(open_form: OpenForm) -> None:
    form = open_form(provoked="503")
    form.page.route(re.compile(r"/w/static/forms\.js"), lambda route: route.fulfill(status=503))
    sent = _sent(form.page)
    form.asks(SLEEP).get_by_role("button", name="Several days").click()
    form.said("Several days")
    form.questioner.asks(HEIGHT)
    expect(form.chat.answers.last).to_have_text(HEIGHT.text)
    expect(form.status).to_have_text(HEIGHT.text)
    form.chat.says("70")
    form.said("70")
    assert sent == ["2", "70"]


def test_answer_given_before_the_controls_came_closes_the_question(open_form: OpenForm) -> None:
    form = open_form()
    held: list[Route] = []
    form.page.route(re.compile(r"/w/static/forms\.js"), lambda route: held.append(route))  # noqa: PLW0108
    with form.page.expect_request(re.compile(r"/w/static/forms\.js")):
        form.questioner.asks(SLEEP)
    expect(form.chat.answers.last).to_have_text(SLEEP.text)
    form.chat.says("2")
    form.said("Several days")
    with form.page.expect_response(re.compile(r"/w/static/forms\.css")):
        held[0].continue_()
    # The next one shows that all is there; of the first nothing is left.
    form.asks(CONDITIONS)
    expect(form.page.get_by_role("group")).to_have_count(1)


def test_form_works_in_the_frame_on_a_clinics_site(
    open_page: OpenPage, site: str, asker: Callable[[], Questioner], shoot: Shoot
) -> None:
    page = open_page(f"{site}/demo", DESKTOP)
    expect(page.locator("html > div")).to_be_attached()
    chat = frame_that_opens(page, page.get_by_role("link", name="Book by chat").click)
    assert isinstance(chat.on, Frame)
    form = FormPage(page, asker(), chat.on)
    card = form.asks(CONDITIONS)
    card.get_by_label("Asthma").check()
    shoot(page, "form-on-site")
    form.presses("Continue")
    form.said("Asthma")
