"""A patient's form in the console: found beside the record, read, and taken over by a press."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from api.core.clock import real_now
from tests.browser.conftest import OpenPage
from tests.browser.console_page import Shoot, signed_in, violations
from tests.support.forms import SEVERAL_DAYS, filled_in, mood_form, visit_form
from tests.support.patients import FhirClient, Phone, World, inspector, staff

JOHN, MRN, BORN = "+12125550104", "1005", "07/30/1962"
TYPES = ("AllergyIntolerance", "Condition", "MedicationStatement")


def test_answers_are_read_and_added_by_keyboard_and_nothing_before_that(
    world: World, open_page: OpenPage, shoot: Shoot
) -> None:
    record = inspector(world)
    patient = record.patient(MRN)
    before = _entries(record, patient)
    _fills_in(world, patient)
    _asks_for_somebody(world)
    assert _entries(record, patient) == before

    page = _opens_card(open_page)
    shoot(page, "console-forms-card")
    page.locator(".k-forms").get_by_role("link", name="Before your visit").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Before your visit")
    assert violations(page) == []
    _adds_by_keyboard(page)
    shoot(page, "console-form")
    _is_corrected(world, patient, page)
    shoot(page, "console-form-corrected")
    assert _entries(record, patient) == before + 1
    page.get_by_role("link", name="Back to the conversation").press("Enter")
    expect(page.locator(".k-allergies")).to_contain_text("Latex")
    _sees_the_alarm(page)
    assert violations(page) == []
    shoot(page, "console-form-alarm-dark")


def _fills_in(world: World, patient: str) -> None:
    said = visit_form(allergies="Latex gloves", medicines="none")
    mood = mood_form(last=SEVERAL_DAYS)
    for form, answers in (("visit-intake", said), ("phq-9", mood)):
        response = filled_in(form, answers, patient, authored=real_now() - timedelta(hours=1))
        assert staff(world).create(response).status_code == 201


def _opens_card(open_page: OpenPage) -> Page:
    nurse = signed_in(open_page, "nurse")
    nurse.opens("John Miller")
    expect(nurse.page.locator(".k-forms")).to_contain_text("Answered above zero on self-harm")
    return nurse.page


def _sees_the_alarm(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.locator(".k-forms").get_by_role("link", name=re.compile("PHQ-9")).click()
    alarm = page.get_by_role("region", name="Self-harm")
    expect(alarm).to_contain_text("Question 9")
    expect(alarm).to_contain_text("Several days")


def _adds_by_keyboard(page: Page) -> None:
    allergy = page.get_by_role("listitem").filter(has_text="What are you allergic to?")
    field = allergy.get_by_label("Allergy")
    expect(field).to_have_value("Latex gloves")
    field.fill("Latex")
    field.press("Tab")
    page.keyboard.press("Enter")
    expect(allergy.locator(".done")).to_contain_text("Latex · added by Dana Reed, RN")
    medicines = page.get_by_role("listitem").filter(has_text="Which medicines do you take?")
    expect(medicines.get_by_role("button")).to_have_count(1)
    medicines.get_by_role("button", name="Mark as looked at").press("Enter")
    expect(medicines.locator(".done")).to_contain_text("Looked at by Dana Reed, RN")


def _is_corrected(world: World, patient: str, page: Page) -> None:
    """The patient changes what was added from, and another answer: the page says both."""
    record = staff(world)
    (sent,) = (
        each
        for each in record.found(f"QuestionnaireResponse?subject=Patient/{patient}")
        if each["questionnaire"].split("|")[0].endswith("visit-intake")
    )
    said = visit_form(allergies="Latex gloves and codeine", medicines="none", severity=9)
    changed = filled_in("visit-intake", said, patient, status="amended", authored=real_now())
    record.update({**changed, "id": sent["id"]})
    page.reload()
    corrected = page.get_by_role("region", name="Corrected by the patient")
    expect(corrected.get_by_role("listitem")).to_have_count(2)
    expect(corrected).to_contain_text("was 7, now 9")
    allergy = (
        page.get_by_role("listitem")
        .filter(has_text="What are you allergic to?")
        .filter(has=page.get_by_role("textbox"))
    )
    expect(allergy.locator(".stale")).to_contain_text("it was Latex gloves, it is now Latex gloves")
    expect(allergy.get_by_label("Another one")).to_have_value("Latex gloves and codeine")
    assert violations(page) == []


def _asks_for_somebody(world: World) -> None:
    phone = Phone(world, JOHN)
    for text in ("I need to see someone about my knee", BORN, "I need to talk to a person"):
        phone.texts(text)


def _entries(record: FhirClient, patient: str) -> int:
    return sum(len(record.found(f"{type_}?patient=Patient/{patient}")) for type_ in TYPES)
