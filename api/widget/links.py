"""Opening a chat by a one-time link from a text: the birth date first, then the form."""

from dataclasses import dataclass
from datetime import date

from api.conversations import arriving, form_links
from api.conversations.errors import LinkOver
from api.conversations.line import Line
from api.core.language import Language
from api.widget import sessions
from api.widget.sessions import Opened, UnknownClinic, Wanted


@dataclass(frozen=True)
class ByLink:
    """What the page of a link asks for. `network`: where it asks from."""

    clinic: str
    language: Language
    link: str
    born: date
    network: str


async def open_by_link(line: Line, wanted: ByLink) -> Opened:
    """Use a link up: a new chat in which the patient is known and the form goes on.

    All of it in one commit, so that a link is used up only by who is let in.

    Raises:
        UnknownClinic: there is none of that name.
        LinkOver: it opens nothing any more. NotTheirs: another birth date; it may be tried again.
        PortError: the record is away; nothing was used up.
    """
    if wanted.clinic != line.clinic.facts.id:
        raise UnknownClinic
    link = await form_links.find(line, wanted.clinic, wanted.link)
    person = await form_links.holder(line, link, wanted.born)
    move = await arriving.ready(line, link, wanted.language) if person is not None else None
    now = await line.clock.now()
    async with line.database.transaction() as session:
        refusal = await form_links.judge(
            line, session, wanted.clinic, wanted.link, is_right=person is not None
        )
        if refusal is None and person is not None and move is not None:
            asked = Wanted(wanted.clinic, wanted.language, network=wanted.network)
            opened, conversation = await sessions.open_new(
                line, session, asked, words="form_link_opened", now=now
            )
            came = (link, person, move)
            await arriving.arrive(line, session, conversation, came, now=now)
            return opened
    raise refusal or LinkOver
