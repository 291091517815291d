"""How soon a visitor on a slow phone connection is greeted, in a real browser."""

import os
import shutil
from statistics import median
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from tests.bench.rows import Against, Row, row

# Slow 4G as browsers' own tools have it.
SLOW_4G: Final = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
TRIES: Final = 5
LIMIT_S: Final = 1.5
# From the beginning of the navigation to the first message on the screen.
NOTE_GREETING: Final = """
  new MutationObserver((_, watching) => {
    if (!document.querySelector(".bubble .said")) return;
    watching.disconnect();
    requestAnimationFrame(() => { window.greetedAt = performance.now(); });
  }).observe(document, {childList: true, subtree: true});
"""


def greeting_rows(base_url: str) -> list[Row]:
    """The row of the first greeting, every time with an empty cache."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        took = [_greeted_after(browser, f"{base_url}/c/lakeside") for _ in range(TRIES)]
        browser.close()
    return [
        row(
            "chat.greeting_slow_4g",
            f"page asked for to first message on the screen, 150 ms and 1.6 Mbit/s; {TRIES} loads",
            median(took),
            "s",
            Against("limit", LIMIT_S, goal=1.0),
        )
    ]


def _greeted_after(browser: Browser, url: str) -> float:
    context = browser.new_context(viewport={"width": 400, "height": 760})
    page = context.new_page()
    page.add_init_script(NOTE_GREETING)
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", dict(SLOW_4G))
    page.goto(url)
    page.wait_for_selector(".bubble .said")
    at = page.evaluate_handle(
        "() => new Promise(done => requestAnimationFrame(() => done(window.greetedAt)))"
    ).json_value()
    context.close()
    return float(at) / 1000
