"""Questions of a form in an open chat: put there as the worker does, answered by nobody."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Frame, Locator, Page, expect
from sqlalchemy import text

from api.commands.ports import embedded_url
from api.conversations import transcript
from api.conversations.kinds import Owner, Speaker, State
from api.conversations.models import ConversationRow
from api.core.clock import real_now
from api.core.crypto import Keyring
from api.core.db import Database
from api.messaging.words import Choice, FormView, Rendered, ReviewLine
from tests.browser.chat_page import Chat

OFTEN = tuple(
    Choice(label, str(number))
    for number, label in enumerate(
        ("Not at all", "Several days", "More than half the days", "Nearly every day"), 1
    )
)
AILMENTS = tuple(
    Choice(label, str(number))
    for number, label in enumerate(("Asthma", "High blood pressure", "Diabetes, type 2"), 1)
)
SLEEP = Rendered(
    "Over the last 2 weeks, how often did you have trouble sleeping?",
    OFTEN,
    "choices",
    form=FormView(3, 9, can_go_back=True, can_skip=True),
)
CONDITIONS = Rendered(
    "Which of these do you have?", AILMENTS, "many", form=FormView(4, 9, multiple=True)
)
HEIGHT = Rendered(
    "How tall are you?",
    input="number",
    form=FormView(5, 9, can_go_back=True, unit="in", minimum="20", maximum="100"),
)
SINCE = Rendered(
    "When did it start?", input="day", form=FormView(6, 9, can_go_back=True, can_skip=True)
)
SMOKING = Rendered(
    "Do you smoke?",
    (Choice("Yes", "Y"), Choice("No", "N")),
    "choices",
    form=FormView(7, 9, can_skip=True, help="Smoke can change how your body heals."),
)
WORRY = Rendered(
    "What worries you most?", input="long", form=FormView(9, 9, can_go_back=True, can_skip=True)
)
REVIEW = Rendered(
    "Here is what you told us. Is it right?",
    input="review",
    form=FormView(
        can_go_back=True,
        review=(
            ReviewLine(1, "How often did you have trouble sleeping?", "Several days"),
            ReviewLine(2, "Which of these do you have?", "Asthma, Diabetes, type 2"),
            ReviewLine(3, "What worries you most?", "That it comes back\nwhen I am alone."),
        ),
    ),
)
# The question of the visit form that is answered in the box that is always there.
SINCE_WHEN = 2


@dataclass(frozen=True)
class Questioner:
    """Asks in the chat that was opened with a session; whatever is answered, nobody else speaks."""

    data_dir: Path
    session: str

    def asks(self, *questions: Rendered) -> None:
        """In a thread of its own: the browser's event loop is in the way of another one."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._append(questions)).result()

    async def _append(self, questions: tuple[Rendered, ...]) -> None:
        database = Database(embedded_url(self.data_dir))
        kek, lookup = (self._secret(name) for name in ("kek", "lookup_key"))
        keyring = Keyring(database, kek=kek, lookup_key=lookup)
        query = text("SELECT conversation_id FROM chat_session WHERE id = :id")
        try:
            async with database.transaction() as session:
                id_ = await session.scalar(query, {"id": self.session})
                row = await session.get_one(ConversationRow, id_, with_for_update=True)
                row.owner, row.state = Owner.HUMAN, State.OPEN
                for question in questions:
                    line = transcript.Line(Speaker.ASSISTANT, question)
                    await transcript.append(session, keyring, row, line, now=real_now())
        finally:
            await database.close()

    def _secret(self, name: str) -> str:
        return (self.data_dir / "secrets" / f"careline_{name}").read_text("utf-8").strip()


@dataclass(frozen=True)
class FormPage:
    """A chat in which only the questioner and the visitor speak."""

    page: Page
    questioner: Questioner
    frame: Frame | None = None

    @property
    def on(self) -> Page | Frame:
        """What the chat is in."""
        return self.frame or self.page

    @property
    def chat(self) -> Chat:
        return Chat(self.on)

    @property
    def card(self) -> Locator:
        """The group of the open question."""
        return self.on.get_by_role("group")

    @property
    def status(self) -> Locator:
        return self.on.get_by_role("status")

    def asks(self, question: Rendered) -> Locator:
        """The group of a question that has just come."""
        before = self.chat.answers.count()
        self.questioner.asks(question)
        expect(self.chat.answers).to_have_count(before + 1)
        card = self.on.get_by_role("group", name=question.text)
        expect(card).to_be_visible()
        return card

    def presses(self, name: str) -> None:
        self.on.get_by_role("button", name=name, exact=True).click()

    def said(self, label: str) -> None:
        """What stands in the transcript as the visitor's, once the server has it."""
        expect(self.chat.words.last).to_have_text(label)
        expect(self.chat.notes).to_have_count(0)


def fill_in_visit_form(chat: Chat) -> None:
    """Answer each question of the demo clinic's visit form, up to the look at all answers."""

    def press(name: str) -> None:
        chat.on.get_by_role("button", name=name).click()

    words = ("My knee hurts.", "Two weeks", "7", "Penicillin", "Metformin", "Gallbladder, 2012")
    for number, said in enumerate(words, 1):
        expect(chat.on.get_by_role("progressbar", name=f"Question {number} of")).to_be_visible()
        if number == SINCE_WHEN:
            chat.says(said)
            continue
        chat.on.get_by_label("Your answer").fill(said)
        press("Continue")
    press("No, I never did")
    expect(chat.on.get_by_role("progressbar", name="Question 8 of")).to_be_visible()
    press("Skip")
    expect(chat.on.get_by_role("button", name="Send my answers")).to_be_visible()
