"""The console as the team uses it: the most urgent first, nobody over anybody, always right."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, OpenPage
from tests.browser.console_page import (
    ALARM,
    SMALL,
    WIDE,
    WISH,
    Desk,
    Shoot,
    in_the_midst_of_booking,
    signed_in,
    violations,
)
from tests.support.patients import Phone, World

GRACE, ELENA, RUTH = "+12125550103", "+12125550107", "+12125550105"


def test_emergency_is_seen_taken_answered_and_given_back_where_it_stood(
    world: World, open_page: OpenPage
) -> None:
    visitor = in_the_midst_of_booking(world)
    Phone(world, GRACE).texts("I need to talk to a person")
    nurse = signed_in(open_page, "nurse")
    nurse.opens("Asked for a person")

    visitor.says(ALARM)
    expect(nurse.rows.first).to_contain_text("Urgent")
    expect(nurse.page).to_have_title(re.compile(r"\(2\) Inbox"))
    expect(nurse.page.locator("#announcer")).to_contain_text("Urgent: Emergency, John Miller")
    nurse.opens("John Miller")
    _is_seen(nurse)

    nurse.claims()
    nurse.replies("Dana here. Are you with somebody?")
    expect(nurse.log).to_contain_text("Dana here.")
    nurse.notes("Called, the daughter is with him.")
    expect(nurse.log.locator(".said.note")).to_contain_text("the daughter is with him")
    world.settle()
    said = visitor.new()
    assert "Dana here. Are you with somebody?" in [each["text"] for each in said]
    assert not any("daughter" in each["text"] for each in visitor.transcript())

    nurse.gives_back()
    expect(nurse.page.locator("#head")).to_contain_text("the assistant answers")
    expect(nurse.row("John Miller")).to_have_count(0)
    world.settle()
    offered = visitor.new()[-1]["choices"]
    held = visitor.says(offered[0]["send"])
    assert "Reply BOOK" in held[-1]["text"] or held[-1]["choices"]


def _is_seen(nurse: Desk) -> None:
    """What a nurse has to know before the first word."""
    alarm = nurse.page.get_by_role("region", name="Safety alert")
    expect(alarm).to_contain_text("Emergency: chest pain")
    expect(alarm).to_contain_text("Answer due in")
    expect(alarm.get_by_role("link", name="Call (212) 555-0104")).to_have_attribute(
        "href", "tel:+12125550104"
    )
    expect(nurse.page.locator("#packet")).to_contain_text(ALARM)
    expect(nurse.page.locator("#packet")).to_contain_text("which time they want")
    expect(nurse.page.locator(".k-allergies")).to_contain_text("Penicillin")
    expect(nurse.page.locator("#identity")).to_contain_text("MRN 1005")


def test_text_conversation_is_given_back_at_its_question(world: World, open_page: OpenPage) -> None:
    phone = Phone(world, GRACE)
    phone.texts(WISH)
    phone.texts("11/21/1990")
    phone.texts("I need to talk to a person")
    coordinator = signed_in(open_page, "coordinator")
    coordinator.opens("Grace")
    coordinator.claims()
    coordinator.replies("Casey here. How can I help?")
    expect(coordinator.log).to_contain_text("Casey here.")
    world.settle()
    assert any("Casey here" in text for text in phone.new())
    expect(coordinator.log.locator(".said.ours footer")).to_contain_text("Delivered")
    coordinator.gives_back()
    expect(coordinator.page.locator("#head")).to_contain_text("the assistant answers")
    world.settle()
    assert any("1)" in text or "A)" in text for text in phone.new())


def test_two_of_the_team_do_not_answer_over_each_other(world: World, open_page: OpenPage) -> None:
    Phone(world, GRACE).texts("I need to talk to a person")
    first = signed_in(open_page, "coordinator")
    second = signed_in(open_page, "nurse2", provoked="409")
    for each in (first, second):
        each.opens("Asked for a person")
    expect(second.page.locator("#presence")).to_contain_text("Casey Morgan is viewing")
    form = second.page.locator("form[action$='/claim']").element_handle()
    first.claims()
    expect(second.page.locator("#reply-state")).to_contain_text("Casey Morgan has this")
    expect(second.page.locator("#reply-text")).to_be_disabled()
    expect(second.page.locator("#acts")).to_contain_text("Casey Morgan has this conversation")
    # A click that was on its way when the page changed.
    assert form is not None
    second.page.evaluate("form => { document.body.append(form); form.requestSubmit(); }", form)
    expect(second.page.get_by_role("alert")).to_contain_text("A colleague has this conversation.")
    # A note is always possible, and never reaches the patient.
    second.notes("I know her, ask me.")
    expect(first.log).to_contain_text("I know her, ask me.")


def test_what_the_patient_wrote_meanwhile_is_shown_before_it_is_sent(
    world: World, open_page: OpenPage
) -> None:
    phone = Phone(world, GRACE)
    phone.texts("I need to talk to a person")
    nurse = signed_in(open_page, "nurse", provoked="409")
    nurse.opens("Asked for a person")
    nurse.claims()
    nurse.page.locator("#reply-text").fill("What can I do for you?")
    phone.texts("never mind, my daughter helps me")
    expect(nurse.log).to_contain_text("my daughter helps me")
    nurse.page.get_by_role("button", name="Send reply").click()
    collision = nurse.page.locator(".collision")
    expect(collision).to_contain_text("wrote while you were typing")
    expect(collision).to_contain_text("my daughter helps me")
    expect(nurse.page.locator("#reply-text")).to_have_value("What can I do for you?")
    # What happens meanwhile does not take the question away.
    colleague = signed_in(open_page, "supervisor")
    colleague.opens("Asked for a person")
    colleague.notes("Her daughter drives her.")
    expect(nurse.log).to_contain_text("Her daughter drives her.")
    nurse.page.get_by_role("button", name="Send anyway").click()
    expect(nurse.log).to_contain_text("What can I do for you?")
    expect(nurse.page.locator("#reply-text")).to_have_value("")


def test_list_is_right_after_the_network_was_lost(world: World, open_page: OpenPage) -> None:
    Phone(world, GRACE).texts("I need to talk to a person")
    coordinator = signed_in(open_page, "coordinator", provoked="ERR_INTERNET_DISCONNECTED")
    expect(coordinator.rows).to_have_count(1)
    coordinator.page.context.set_offline(True)
    expect(coordinator.badge).to_have_text("Reconnecting…")
    Phone(world, ELENA).texts("quiero hablar con una persona")
    nurse = signed_in(open_page, "nurse")
    nurse.opens("I need to talk")
    nurse.claims()
    coordinator.page.context.set_offline(False)
    expect(coordinator.badge).to_have_text("Live", timeout=15_000)
    expect(coordinator.rows).to_have_count(2)
    expect(coordinator.page.locator("#count-unassigned")).to_have_text("1")
    expect(coordinator.page.locator("#rows .face.mini")).to_have_count(1)


def test_new_ones_wait_while_somebody_is_in_the_list_but_not_urgent_ones(
    world: World, open_page: OpenPage
) -> None:
    Phone(world, GRACE).texts("I need to talk to a person")
    coordinator = signed_in(open_page, "coordinator")
    coordinator.rows.first.focus()
    Phone(world, ELENA).texts("quiero hablar con una persona")
    bar = coordinator.page.get_by_role("button", name="1 new")
    expect(bar).to_be_visible()
    expect(coordinator.rows).to_have_count(1)
    Phone(world, RUTH).texts(ALARM)
    expect(coordinator.rows.first).to_contain_text("Urgent")
    expect(coordinator.rows).to_have_count(2)
    bar.click()
    expect(coordinator.rows).to_have_count(3)


def test_locked_screen_shows_nobody(world: World, open_page: OpenPage) -> None:
    in_the_midst_of_booking(world).says(ALARM)
    nurse = signed_in(open_page, "nurse")
    nurse.opens("John Miller")
    other = nurse.page.context.new_page()
    other.goto("/console/inbox")
    other.locator(".me summary").click()
    other.get_by_role("button", name="Lock the screen").click()
    for page in (other, nurse.page):
        page.wait_for_url("**/console/locked*")
        expect(page.get_by_role("button", name="Unlock")).to_be_visible()
        assert "Miller" not in page.content()
    # Nor does the way back.
    nurse.page.go_back()
    assert "Miller" not in nurse.page.content()


def test_keyboard_is_enough(world: World, open_page: OpenPage) -> None:
    Phone(world, GRACE).texts("I need to talk to a person")
    Phone(world, ELENA).texts("quiero hablar con una persona")
    nurse = signed_in(open_page, "nurse")
    page, keys = nurse.page, nurse.page.keyboard
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to the list")).to_be_focused()
    keys.press("j")
    expect(nurse.rows.first).to_have_attribute("aria-current", "true")
    expect(page.locator("#talk")).to_be_visible()
    keys.press("j")
    expect(nurse.rows.nth(1)).to_have_attribute("aria-current", "true")
    keys.press("k")
    expect(nurse.rows.first).to_have_attribute("aria-current", "true")
    expect(page.locator("#work")).to_have_attribute(
        "data-conversation", nurse.rows.first.get_attribute("data-open") or ""
    )
    keys.press("a")
    expect(page.locator("#menu-more summary")).to_contain_text("You have it")
    keys.press("r")
    expect(page.locator("#reply-text")).to_be_focused()
    keys.type("jkse: single keys are letters here")
    expect(page.locator("#reply-text")).to_have_value("jkse: single keys are letters here")
    keys.press("Control+Enter")
    expect(nurse.log).to_contain_text("jkse: single keys are letters here")
    _notes_and_resolves(nurse)
    _switches_keys_off(nurse)


def test_words_stay_when_their_conversation_is_drawn_anew(
    world: World, open_page: OpenPage
) -> None:
    Phone(world, GRACE).texts("I need to talk to a person")
    nurse = signed_in(open_page, "nurse")
    nurse.opens("I need to talk")
    written = nurse.page.locator("#reply-text")
    written.fill("Half a sentence")
    # Drawn anew by its own address, then chosen once more in the list.
    nurse.page.evaluate("history.pushState({}, '', location.pathname); history.back()")
    nurse.row("I need to talk").click()
    expect(written).to_have_value("Half a sentence")
    nurse.page.keyboard.press("r")
    nurse.page.keyboard.press("End")
    nurse.page.keyboard.type(", and the rest")
    expect(written).to_have_value("Half a sentence, and the rest")


def _notes_and_resolves(nurse: Desk) -> None:
    page, keys = nurse.page, nurse.page.keyboard
    page.locator("#log").focus()
    keys.press("n")
    keys.type("For the team.")
    keys.press("Control+Enter")
    expect(nurse.log.locator(".said.note")).to_contain_text("For the team.")
    page.locator("#log").focus()
    keys.press("s")
    expect(page.get_by_role("button", name="For an hour")).to_be_focused()
    keys.press("Escape")
    keys.press("e")
    expect(page.get_by_role("button", name="Answered", exact=True)).to_be_focused()
    keys.press("Enter")
    expect(nurse.rows).to_have_count(1)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(nurse.rows).to_have_count(2)


def _switches_keys_off(nurse: Desk) -> None:
    page, keys = nurse.page, nurse.page.keyboard
    page.locator("#log").focus()
    keys.press("?")
    page.get_by_label("Use single-key shortcuts").press("Space")
    keys.press("Escape")
    page.locator("#log").focus()
    keys.press("r")
    expect(page.locator("#log")).to_be_focused()


def test_note_is_never_sent_and_drafts_stay_with_their_conversation(
    world: World, open_page: OpenPage
) -> None:
    phone = Phone(world, GRACE)
    phone.texts("I need to talk to a person")
    Phone(world, ELENA).texts("quiero hablar con una persona")
    phone.new()
    nurse = signed_in(open_page, "nurse")
    page = nurse.page
    nurse.opens("I need to talk")
    page.locator("label.as-note").click()
    page.locator("#note-text").fill("Sounds confused.")
    page.locator("label:has(#mode-reply)").click()
    expect(page.locator("#reply-text")).to_have_value("")
    page.locator("#reply-text").fill("Hello, this is Dana.")
    nurse.opens("quiero hablar")
    expect(page.locator("#reply-text")).to_have_value("")
    nurse.opens("I need to talk")
    expect(page.locator("#reply-text")).to_have_value("Hello, this is Dana.")
    page.get_by_role("button", name="Send reply").click()
    expect(nurse.log).to_contain_text("Hello, this is Dana.")
    page.locator("label.as-note").click()
    expect(page.locator("#note-text")).to_have_value("Sounds confused.")
    stored = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert "confused" not in stored
    page.get_by_role("button", name="Add note").click()
    expect(nurse.log.locator(".said.note")).to_have_count(1)
    world.settle()
    assert [text for text in phone.new() if "confused" in text] == []


def test_everything_works_without_scripts(world: World, open_page: OpenPage) -> None:
    phone = Phone(world, GRACE)
    phone.texts("I need to talk to a person")
    signed = signed_in(open_page, "coordinator").page
    context = signed.context.browser
    assert context is not None
    plain = context.new_context(
        base_url=world.base_url,
        java_script_enabled=False,
        storage_state=signed.context.storage_state(),
    )
    page = plain.new_page()
    page.goto("/console/inbox")
    page.locator("#rows a").click()
    page.get_by_role("button", name="Assign to me").click()
    expect(page.locator("#menu-more summary")).to_contain_text("You have it")
    page.locator("#reply-text").fill("Casey here, without a script.")
    page.get_by_role("button", name="Send reply").click()
    expect(page.locator("#log-content")).to_contain_text("Casey here, without a script.")
    page.locator("#menu-resolve summary").click()
    page.get_by_role("button", name="Answered", exact=True).click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    plain.close()
    world.settle()
    assert any("without a script" in text for text in phone.new())


def test_auditor_sees_who_looked_at_a_patient(world: World, open_page: OpenPage) -> None:
    in_the_midst_of_booking(world).says(ALARM)
    nurse = signed_in(open_page, "nurse")
    nurse.opens("John Miller")
    expect(nurse.page.locator(".k-allergies")).to_be_visible()
    page = open_page("/console/login?as=auditor@careline.example", WIDE)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/audit")
    page.get_by_label("Record number").fill("1005")
    page.get_by_role("button", name="Look up").click()
    for tag in ("conversation:transcript:read", "conversation:packet:read", "AllergyIntolerance"):
        row = page.get_by_role("row").filter(has_text=tag).first
        expect(row).to_contain_text("Dana Reed, RN (nurse)")
        expect(row).to_contain_text("TREAT" if "packet" not in tag else "Read")
    listed = page.get_by_role("row").filter(has_text="conversation:list:read")
    expect(listed.first).to_contain_text("Dana Reed, RN (nurse)")
    assert violations(page) == []


@pytest.mark.parametrize(
    ("look", "size", "dark"),
    [
        ("light", WIDE, False),
        ("dark", WIDE, True),
        ("phone", SMALL, False),
        ("narrow", NARROW, False),
    ],
)
def test_every_state_passes_the_accessibility_rules(
    world: World, open_page: OpenPage, shoot: Shoot, look: str, size: tuple[int, int], dark: bool
) -> None:
    who = {"light": "nurse", "dark": "supervisor", "phone": "oncall", "narrow": "nurse2"}[look]
    desk = signed_in(open_page, who, size, dark=dark)
    page = desk.page
    assert violations(page) == []
    _several(world)
    expect(desk.rows).to_have_count(3)
    shoot(page, f"console-inbox-{look}")
    assert violations(page) == []
    desk.opens("John Miller")
    expect(page.locator("#pane")).to_contain_text("Penicillin", use_inner_text=False)
    assert violations(page) == []
    desk.claims()
    desk.replies("Dana here. Are you with somebody?")
    expect(desk.log.locator(".said.ours")).to_have_count(1)
    desk.notes("Daughter is with him.")
    expect(desk.log.locator(".said.note")).to_have_count(1)
    shoot(page, f"console-conversation-{look}")
    assert violations(page) == []
    for menu in ("#menu-more", "#menu-snooze", "#menu-resolve"):
        page.locator(f"{menu} summary").click()
        assert violations(page) == []
        page.keyboard.press("Escape")
    if page.locator("[data-pane-toggle]").is_visible():
        page.locator("[data-pane-toggle]").click()
        expect(page.locator("#pane")).to_be_visible()
        shoot(page, f"console-patient-{look}")
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]


def _several(world: World) -> None:
    in_the_midst_of_booking(world).says(ALARM)
    Phone(world, GRACE).texts("I need to talk to a person")
    Phone(world, ELENA).texts("is it ok to take ibuprofen with my pills")


def test_nurse_sees_who_it_may_be_that_is_in_danger(world: World, open_page: OpenPage) -> None:
    Phone(world, "+12125550102").texts("quiero morirme")
    nurse = signed_in(open_page, "nurse")
    nurse.opens("Not identified")
    card = nurse.page.locator(".k-likely")
    for words in ("Maria Lopez", "MRN 1002", "Leo Lopez", "MRN 1003", "Not confirmed"):
        expect(card).to_contain_text(words)
    expect(nurse.page.locator(".k-allergies")).to_have_count(0)
    assert violations(nurse.page) == []
