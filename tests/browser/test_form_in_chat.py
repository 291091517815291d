"""A real form from its first question until it is in the record, as a visitor fills it in."""

from playwright.sync_api import expect

from tests.browser.chat_page import CHAT, GRACE, JOHN, Chat
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.form_questions import fill_in_visit_form
from tests.support.patients import World, inspector


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
    expect(page.get_by_role("group")).to_have_count(0)
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
