"""The chat as its visitors handle it, whether it is a page of its own or in a frame."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Frame, Locator, Page, expect

from tests.support.patients import Phone, World

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


@dataclass(frozen=True)
class Holder:
    """Somebody who has a form to fill in and proves by a code that it is theirs."""

    number: str
    mrn: str
    born: tuple[str, str, str]

    def begins(self, chat: Chat, world: World) -> None:
        """From the first words to the form's first question."""
        phone = Phone(world, self.number)
        phone.new()
        chat.says("start my form")
        expect(chat.answers.last).to_contain_text("record number (MRN)")
        chat.says(self.mrn)
        chat.gives_date(**dict(zip(("Month", "Day", "Year"), self.born, strict=True)))
        chat.on.get_by_role("button", name="Yes, text me a code").click()
        expect(chat.answers.last).to_contain_text("I sent a code")
        world.settle()
        (code,) = re.findall(r"code is (\d{6})", phone.new()[-1])
        chat.says(code)
        expect(chat.on.get_by_role("progressbar")).to_be_visible()


JOHN = Holder("+12125550104", "1005", ("7", "30", "1962"))
GRACE = Holder("+12125550103", "1004", ("11", "21", "1990"))
