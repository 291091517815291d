"""A real form from its first question until it is in the record, as a visitor fills it in."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.chat_page import CHAT, GRACE, JOHN, Chat
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.for_everybody import check
from tests.browser.form_questions import fill_in_visit_form
from tests.support.form_links import asks_for, link_in
from tests.support.patients import Phone, World, inspector


def test_visit_form_is_filled_in_changed_and_sent(world: World, open_page: OpenPage) -> None:
    page = open_page(CHAT, PHONE)
    chat = Chat(page)
    chat.greeted()
    JOHN.begins(chat, world)
    fill_in_visit_form(chat)
    page.get_by_role("button", name="Change: How bad").click()
    page.get_by_label("Your answer").fill("6")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("definition").get_by_text("6", exact=True)).to_be_visible()
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_role("progressbar", name="Question 8 of 8")).to_be_visible()
    page.get_by_role("button", name="Skip").click()
    page.reload()
    expect(page.get_by_role("definition").get_by_text("6", exact=True)).to_be_visible()
    page.get_by_role("button", name="Send my answers").click()
    expect(chat.answers.last).to_contain_text("has your answers now")
    expect(page.get_by_role("button", name="Change an answer")).to_be_visible()
    for asked in (page.get_by_role("progressbar"), page.get_by_role("definition")):
        expect(asked).to_have_count(0)
    record = inspector(world)
    (response,) = record.found(f"QuestionnaireResponse?subject=Patient/{record.patient('1005')}")
    assert response["status"] == "completed"
    assert '"valueInteger": 6' in str(response).replace("'", '"')


def test_mood_form_is_filled_in_by_keyboard_and_its_alarm_stays_in_sight(
    world: World, open_page: OpenPage
) -> None:
    page = open_page(CHAT, PHONE)
    chat = Chat(page)
    chat.greeted()
    GRACE.begins(chat, world)
    for number in range(1, 9):
        expect(page.get_by_role("progressbar", name=f"Question {number} of")).to_be_visible()
        page.get_by_role("button", name="Not at all").press("Enter")
    expect(page.get_by_role("progressbar", name="Question 9 of")).to_be_visible()
    page.get_by_role("button", name="Several days").press("Enter")
    expect(chat.answers.last).to_contain_text("You matter.")
    expect(page.get_by_role("group")).to_have_count(0)
    record = inspector(world)
    (response,) = record.found(f"QuestionnaireResponse?subject=Patient/{record.patient('1004')}")
    assert response["status"] == "in-progress"
    assert str(response).count("'valueCoding'") == 9


def test_link_of_a_text_asks_for_the_birth_date_and_opens_the_private_question(
    world: World, open_page: OpenPage, shoot: Callable[[Page, str], None]
) -> None:
    asks_for(world, "phq-9", "1002")
    phone = Phone(world, "+12125550102")
    for words in ("empezar mi formulario", "2/5/1984", *"1111111"):
        phone.texts(words)
    (text,) = phone.texts("1")
    link = link_in(text)
    page = open_page(link, PHONE, provoked=("403", "410"))
    chat = Chat(page)
    expect(page.get_by_role("group")).to_have_text(re.compile("fecha de nacimiento"))
    assert "#" not in page.url
    for hidden in (chat.answers, page.get_by_role("progressbar")):
        expect(hidden).to_have_count(0)
    check(page)
    shoot(page, "link-birth-date")
    chat.gives_date(Día="3", Mes="5", Año="1984")
    expect(page.get_by_role("alert")).to_contain_text("No coincide")
    chat.gives_date(Día="2", Mes="5", Año="1984")
    expect(page.get_by_role("progressbar", name="Pregunta 9 de 9")).to_be_visible()
    assert page.url.endswith("/c/lakeside?lang=es")
    page.get_by_text("Por qué lo preguntamos").click()
    expect(page.get_by_text("queremos ayudarle enseguida")).to_be_visible()
    check(page)
    shoot(page, "link-private-question")
    page.reload()
    page.locator(".choice").first.click()
    expect(page.get_by_role("button", name="Enviar mis respuestas")).to_be_visible()
    again = open_page(link, PHONE)
    Chat(again).gives_date(Día="2", Mes="5", Año="1984")
    expect(again.get_by_role("group")).to_contain_text("ya no sirve")
    shoot(again, "link-over")
