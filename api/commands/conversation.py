"""`careline conversation`: what a coordinator does, from the command line."""

import getpass
import uuid
from typing import Annotated

import typer

from api.bootstrap import Ports
from api.commands.ports import with_ports
from api.conversations import service as conversations
from api.conversations.service import UnknownConversation
from api.core.ids import ConversationId
from api.core.numbers import NotANumber, to_e164
from api.messaging import threads
from api.messaging.kinds import Channel
from api.widget.service import conversation_of_session

commands = typer.Typer()
conversation = typer.Typer(help="Read, answer and give back conversations.", no_args_is_help=True)
commands.add_typer(conversation, name="conversation")

Which = Annotated[str, typer.Argument(help="An id, a phone number or a chat session.")]
Name = Annotated[str, typer.Option(help="Who you are; patients see it.")]


@conversation.command("list")
def list_() -> None:
    """One line per conversation: id, channel, who answers, language, last change."""

    async def use(ports: Ports) -> int:
        async with ports.database.transaction() as session:
            for row in await conversations.listed(session):
                facts = (row.id, row.channel, row.owner, row.language, str(row.last_position))
                typer.echo("  ".join(facts))
        return 0

    with_ports(use)


@conversation.command()
def show(which: Which, name: Name = "") -> None:
    """Print a conversation; the look is audited."""

    async def use(ports: Ports) -> int:
        found = await _find(ports, which)
        shown = await conversations.show(ports.line, found, name=name or getpass.getuser())
        typer.echo(f"{shown.id}  {shown.channel}  answered by: {shown.owner}  {shown.language}")
        for said in shown.transcript:
            who = said.name or said.speaker
            typer.echo(f"{said.position:>4}  {said.at:%Y-%m-%d %H:%M}  {who}: {said.rendered.text}")
        return 0

    with_ports(use)


@conversation.command()
def reply(which: Which, text: str, name: Name = "") -> None:
    """Answer the patient as a person; the assistant is silent from then on."""

    async def use(ports: Ports) -> int:
        found = await _find(ports, which)
        await conversations.reply_as_person(ports.line, found, text, name=name or getpass.getuser())
        return 0

    with_ports(use)


@conversation.command("give-back")
def give_back(which: Which, name: Name = "") -> None:
    """Let the assistant answer again, at the question that was open."""

    async def use(ports: Ports) -> int:
        found = await _find(ports, which)
        await conversations.give_back(ports.line, found, name=name or getpass.getuser())
        return 0

    with_ports(use)


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
