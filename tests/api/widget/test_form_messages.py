"""A question of a form on its way to the page: sealed with the transcript, and read back."""

import json

import pytest
from sqlalchemy import update

from api.conversations import transcript
from api.conversations.kinds import Speaker
from api.conversations.models import ConversationRow, MessageRow
from api.core.crypto import Place
from api.messaging.threads import owner_of
from api.messaging.words import Choice, FormView, Rendered, ReviewLine
from api.widget.schemas import as_message
from api.widget.sessions import Opened
from tests.api.widget.conftest import Site
from tests.support.fhir import NOW

QUESTION = Rendered(
    "How tall are you?",
    (Choice("I do not know", "SKIP"),),
    "number",
    form=FormView(
        2,
        9,
        can_skip=True,
        can_go_back=True,
        unit="in",
        minimum="20",
        maximum="100",
        help="To find the right dose.",
    ),
)
REVIEW = Rendered("Is this right?", input="review", form=FormView(review=(
    ReviewLine(1, "How tall are you?", "70 in"), ReviewLine(2, "¿Fuma?", "No"),
)))  # fmt: skip


async def _append(site: Site, opened: Opened, rendered: Rendered) -> None:
    visit = await site.visit(opened)
    async with site.line.database.transaction() as session:
        row = await session.get_one(ConversationRow, visit.conversation, with_for_update=True)
        line = transcript.Line(Speaker.ASSISTANT, rendered)
        await transcript.append(session, site.line.keyring, row, line, now=NOW)


@pytest.mark.parametrize("rendered", [QUESTION, REVIEW])
async def test_form_is_kept_and_read_back_as_it_was(site: Site, rendered: Rendered) -> None:
    opened = await site.open()
    await _append(site, opened, rendered)
    assert (await site.transcript(opened))[-1].rendered == rendered


async def test_page_gets_question_and_progress(site: Site) -> None:
    opened = await site.open()
    await _append(site, opened, QUESTION)
    greeting, asked = (
        as_message(said).model_dump(mode="json") for said in await site.transcript(opened)
    )
    assert (greeting["form"], greeting["progress"]) == (None, None)
    assert asked["progress"] == {"step": 2, "of": 9}
    assert asked["form"] == {
        "number": 2, "of": 9, "multiple": False, "can_skip": True, "can_go_back": True,
        "unit": "in", "minimum": "20", "maximum": "100", "review": [],
        "help": "To find the right dose.",
    }  # fmt: skip


async def test_page_gets_answers_to_look_over_without_progress(site: Site) -> None:
    opened = await site.open()
    await _append(site, opened, REVIEW)
    said = as_message((await site.transcript(opened))[-1]).model_dump(mode="json")
    assert said["progress"] is None
    assert [line["number"] for line in said["form"]["review"]] == [1, 2]
    assert said["form"]["review"][1] == {"number": 2, "question": "¿Fuma?", "answer": "No"}


async def test_message_of_an_earlier_version_is_still_read(site: Site) -> None:
    opened = await site.open()
    (greeting,) = await site.transcript(opened)
    conversation = (await site.visit(opened)).conversation
    body = {"text": "Hello", "choices": [], "input": "text"}
    sealed = await site.line.keyring.seal(
        json.dumps(body), owner=owner_of(conversation), place=Place("message", "body", greeting.id)
    )
    async with site.line.database.transaction() as session:
        row = update(MessageRow).where(MessageRow.id == greeting.id)
        await session.execute(row.values(body_sealed=sealed))
    assert (await site.transcript(opened))[0].rendered == Rendered("Hello")
