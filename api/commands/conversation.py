"""`careline conversation`: what a coordinator does, from the command line."""

import getpass
import uuid
from typing import Annotated

import typer

from api.bootstrap import Ports
from api.commands.ports import with_ports
from api.conversations import service as conversations, takeover, timeline
from api.conversations.attention import PRIORITIES
from api.conversations.service import UnknownConversation
from api.conversations.takeover import Words
from api.core.ids import ConversationId
from api.core.numbers import NotANumber, to_e164
from api.messaging import threads
from api.messaging.kinds import Channel
from api.staff.kinds import Member, Role, StaffId
from api.widget.sessions import conversation_of_session

commands = typer.Typer()
conversation = typer.Typer(help="Read, answer and give back conversations.", no_args_is_help=True)
commands.add_typer(conversation, name="conversation")

Which = Annotated[str, typer.Argument(help="An id, a phone number or a chat session.")]
Name = Annotated[str, typer.Option(help="Who you are; patients see it.")]


@conversation.command("list")
def list_() -> None:
    """One line each: id, channel, state, language, length, priority and reason, if it has any."""

    async def use(ports: Ports) -> int:
        async with ports.database.transaction() as session:
            for row in await conversations.listed(session):
                priority = "-" if row.queue_rank is None else PRIORITIES[row.queue_rank]
                facts = (row.id, row.channel, row.state, row.language, str(row.last_position))
                typer.echo("  ".join((*facts, priority, row.queue_reason or "-")))
        return 0

    with_ports(use)


@conversation.command()
def show(which: Which, name: Name = "") -> None:
    """Print a conversation; the look is audited."""

    async def use(ports: Ports) -> int:
        found = await _find(ports, which)
        shown = await timeline.view(ports.line, found, by=_operator(name))
        facts = f"answered by: {shown.owner}  {shown.language}"
        typer.echo(f"{shown.conversation}  {shown.channel}  {facts}")
        for entry in shown.entries:
            typer.echo(f"{entry.at:%Y-%m-%d %H:%M}  {_words_of(entry)}")
        return 0

    with_ports(use)


@conversation.command()
def reply(which: Which, text: str, name: Name = "") -> None:
    """Answer the patient as a person; the assistant is silent from then on."""

    async def use(ports: Ports) -> int:
        found = await _find(ports, which)
        # Whoever types a command does not see the chat go on meanwhile.
        words = Words(id=str(uuid.uuid4()), text=text, seen=0, force=True)
        await takeover.reply(ports.line, found, words, by=_operator(name))
        return 0

    with_ports(use)


@conversation.command("give-back")
def give_back(which: Which, name: Name = "") -> None:
    """Let the assistant answer again, at the question that was open."""

    async def use(ports: Ports) -> int:
        found = await _find(ports, which)
        await takeover.give_back(ports.line, found, by=_operator(name))
        return 0

    with_ports(use)


def _words_of(entry: timeline.Item) -> str:
    match entry:
        case timeline.Said():
            return (
                f"{entry.position:>4}  {entry.name or entry.speaker}: {entry.text}{_how_far(entry)}"
            )
        case timeline.Note():
            return f"note  {entry.name}: {entry.text}"
        case timeline.Event():
            return f"      {entry.code} {entry.name or ''}".rstrip()


def _how_far(said: timeline.Said) -> str:
    """Why a message of ours did not go, where it did not."""
    delivery = said.delivery
    return f"  [{delivery.state}: {delivery.reason}]" if delivery and delivery.reason else ""


def _operator(name: str) -> Member:
    """Who has a shell on the server acts as staff of this machine; the audit has the account."""
    account = getpass.getuser()
    return Member(StaffId(f"cli-{account}"), "", name or account, Role.SUPERVISOR)


async def _find(ports: Ports, which: str) -> ConversationId:
    """By id, by number, or by chat session."""
    async with ports.database.transaction() as session:
        if _is_uuid(which):
            by_session = await conversation_of_session(session, which)
            return by_session or ConversationId(which)
        try:
            number = to_e164(which)
        except NotANumber:
            raise UnknownConversation from None
        found = await threads.find(session, ports.keyring, Channel.SMS, number)
    if found is None:
        raise UnknownConversation
    return found


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
