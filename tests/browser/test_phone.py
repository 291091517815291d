"""The sandbox's phone as a tester uses it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, OpenPage

expect.set_options(timeout=30_000)
pytestmark = pytest.mark.usefixtures("world")


def test_demo_patient_texts_and_sees_the_answer_with_its_ticks(open_page: OpenPage) -> None:
    page = open_page("/sandbox/phone", DESKTOP)
    page.get_by_role("button", name="Grace Kim").click()
    page.get_by_role("textbox", name="Text", exact=True).fill("What are your hours?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".text.outbound")).to_contain_text("Monday")
    expect(page.get_by_text("✓✓")).to_be_visible()


def test_clock_is_moved_forward_and_back(open_page: OpenPage) -> None:
    page = open_page("/sandbox/phone", DESKTOP)
    expect(page.get_by_text("Real time, at the clinic")).to_be_visible()
    page.get_by_role("button", name="+ 1 day").click()
    expect(page.get_by_text("Set, and ticking, at the clinic")).to_be_visible()
    page.get_by_role("button", name="Real time").click()
    expect(page.get_by_text("Real time, at the clinic")).to_be_visible()


def test_fault_switch_shows_how_it_stands(open_page: OpenPage) -> None:
    page = open_page("/sandbox/phone", DESKTOP)
    page.get_by_label("SMS provider").select_option("429")
    page.reload()
    expect(page.get_by_label("SMS provider")).to_have_value("429")
