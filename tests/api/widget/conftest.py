"""The web chat over a real database, with a clock that stands still until a test moves it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from api.bootstrap import NLU_DATA, Ports, build_ports
from api.conversations import transcript
from api.conversations.kinds import Speaker
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.transcript import Said
from api.core.ids import ConversationId
from api.core.language import Language
from api.core.settings import load_settings
from api.messaging.words import Rendered
from api.safety.lexicon import Lexicon, load_lexicon
from api.widget import sessions
from api.widget.sessions import Opened, Visit, Wanted
from api.widget.streams import Streams
from tests.support.fhir import NOW, a_patient
from tests.support.gateway import StoppedClock, made

KEYS = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY", "RASA_TOKEN", "INTERNAL_TOKEN")


@dataclass(frozen=True)
class Site:
    """The clinic's chat as its visitors find it."""

    ports: Ports
    line: Line
    clock: StoppedClock
    streams: Streams

    async def open(self, resume: str = "", *, network: str = "") -> Opened:
        wanted = Wanted("lakeside", Language.EN, resume, network)
        return await sessions.open_session(self.line, wanted)

    async def visit(self, opened: Opened) -> Visit:
        return await sessions.visit_of(self.line, opened.token)

    def later(self, minutes: float) -> None:
        self.clock.time += timedelta(minutes=minutes)

    async def identify(self, opened: Opened) -> str:
        """Somebody born on 9 March 1979 is known in the chat; their patient id."""
        patient = await made(self.ports.gateway, a_patient())
        await self.change(opened, patient_id=patient, verified_at=NOW)
        return patient

    async def change(self, opened: Opened, **values: object) -> None:
        visit = await self.visit(opened)
        async with self.line.database.transaction() as session:
            row = update(ConversationRow).where(ConversationRow.id == visit.conversation)
            await session.execute(row.values(**values))

    async def say(self, conversation: ConversationId, *texts: str) -> None:
        async with self.line.database.transaction() as session:
            row = await session.get_one(ConversationRow, conversation, with_for_update=True)
            for text in texts:
                said = transcript.Line(Speaker.ASSISTANT, Rendered(text))
                await transcript.append(session, self.line.keyring, row, said, now=NOW)

    async def transcript(self, opened: Opened) -> list[Said]:
        visit = await self.visit(opened)
        async with self.line.database.transaction() as session:
            return await transcript.whole(session, self.line.keyring, visit.conversation)


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """The red flags, read once: it takes a while."""
    return load_lexicon(NLU_DATA / "red_flags")


@pytest.fixture
async def site(
    database_url: str, lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    monkeypatch.setattr("api.bootstrap.load_lexicon", lambda _: lexicon)
    for key in KEYS:
        monkeypatch.setenv(key, "k" * 40)
    monkeypatch.setenv("CARELINE_MODE", "sandbox")
    monkeypatch.setenv("DATABASE_URL", database_url)
    ports, clock = build_ports(load_settings()), StoppedClock()
    line = replace(ports.line, clock=clock)
    await ports.announcements.start()
    yield Site(ports, line, clock, Streams(line, ports.announcements))
    await ports.announcements.stop()
    await ports.database.close()
