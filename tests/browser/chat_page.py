"""The chat as its visitors handle it, whether it is a page of its own or in a frame."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Frame, Locator, Page, expect

CHAT = "/c/lakeside"
WISH = "I need to see a doctor about my knee next week in the morning"
DESEO = "Necesito una cita por dolor de rodilla la próxima semana por la mañana"

expect.set_options(timeout=30_000)


@dataclass(frozen=True)
class Chat:
    """One chat on the screen."""

    on: Page | Frame

    @property
    def answers(self) -> Locator:
        """What the assistant said, in order."""
        return self.on.locator(".bubble.assistant .said")

    @property
    def words(self) -> Locator:
        """What the visitor said, in order."""
        return self.on.locator(".bubble.patient .said")

    @property
    def notes(self) -> Locator:
        """What is not sent yet."""
        return self.on.locator(".note")

    @property
    def offers(self) -> Locator:
        """The buttons of the open question."""
        return self.on.get_by_role("group").get_by_role("button")

    @property
    def box(self) -> Locator:
        return self.on.get_by_role("textbox", name=re.compile("message|mensaje"))

    def greeted(self) -> None:
        """Wait until the assistant has said hello."""
        expect(self.answers).to_have_count(1)

    def says(self, words: str) -> None:
        self.box.fill(words)
        self.on.get_by_role("button", name=re.compile("^(Send|Enviar)$")).click()

    def gives_date(self, **boxes: str) -> None:
        for label, value in boxes.items():
            self.on.get_by_label(label, exact=True).fill(value)
        self.on.get_by_role("button", name=re.compile("Continu")).click()

    def is_known(self) -> None:
        """Sam Carter asks for a visit, says who he is and is offered times."""
        self.says(WISH)
        expect(self.answers.last).to_contain_text("record number (MRN)")
        self.says("1001")
        self.gives_date(Month="3", Day="9", Year="1979")
        expect(self.offers).to_have_count(5)


def frame_that_opens(page: Page, act: Callable[[], object]) -> Chat:
    """The chat in the frame that this opens on a clinic's site, once it has said hello."""
    with page.expect_event("framenavigated", lambda each: "/c/" in each.url) as opened:
        act()
    chat = Chat(opened.value)
    expect(chat.answers.first).to_be_visible()
    return chat
