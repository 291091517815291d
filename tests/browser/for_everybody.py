"""What every state of a page must be for everybody: axe, by day and night, and on narrow phones."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import NARROW

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
AXE: dict[str, object] = {"runOnly": {"type": "tag", "values": RULES}}
# Another look is the same document: only what depends on colours or on room is asked again.
COLOURS: dict[str, object] = {"runOnly": ["color-contrast", "link-in-text-block"]}
ROOM: dict[str, object] = {"runOnly": ["target-size", "scrollable-region-focusable"]}
# A later system setting in each picture: by day, by night, on the narrowest phone.
LOOKS = {"light": AXE, "dark": COLOURS, "narrow": ROOM}

# What is smaller than a finger needs, and what sticks out at the side.
TOO_SMALL = """least => [...document.querySelectorAll("button, a, input, textarea, summary")]
  .filter(each => each.checkVisibility())
  .map(each => [each.textContent || each.id || each.name, each.getBoundingClientRect()])
  .filter(([name, box]) => box.width < least || box.height < least)
  .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
CLIPPED = """() => [...document.querySelectorAll("main, main *")]
  .filter(each => each.checkVisibility() && !each.closest(".hidden, svg, progress"))
  .filter(each => each.scrollWidth > each.clientWidth + 1 && each.clientWidth
    || getComputedStyle(each).overflowY === "hidden" && each.scrollHeight > each.clientHeight + 1)
  .map(each => each.outerHTML.slice(0, 80))"""


def agrees(page: Page, rules: dict[str, object] = AXE) -> None:
    """Axe finds nothing."""
    found = Axe().run(page, options=rules)
    # A rule that never ran would find nothing either.
    assert found.response["passes"]
    assert found.violations_count == 0, found.generate_report()


def check(page: Page, *, least: int = 24) -> None:
    """Axe finds nothing in any look, targets are large enough, nothing sticks out."""
    before = page.viewport_size
    assert before
    for look, rules in LOOKS.items():
        page.emulate_media(color_scheme="dark" if look == "dark" else "light")
        size = NARROW if look == "narrow" else (before["width"], before["height"])
        page.set_viewport_size({"width": size[0], "height": size[1]})
        agrees(page, rules)
        assert page.evaluate(TOO_SMALL, least) == [], look
        assert page.evaluate(CLIPPED) == [], look
    page.set_viewport_size(before)
