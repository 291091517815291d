"""`careline user`: who may sign in to the console."""

import getpass
import sys
from typing import Annotated

import typer

from api.bootstrap import Ports
from api.commands.ports import CHECK_FAILED, with_ports
from api.conversations.departed import let_go
from api.core.errors import CareError
from api.staff.accounts import (
    Enrolled,
    Wanted,
    add_user,
    disable as disable_account,
    listed,
    reset_mfa as new_factor,
    set_password as new_password,
)
from api.staff.kinds import Role

commands = typer.Typer()
user = typer.Typer(help="Accounts of the care team.", no_args_is_help=True)
commands.add_typer(user, name="user")

Email = Annotated[str, typer.Argument(help="E-mail address, the name to sign in with.")]


class NotTheSame(CareError):
    """The password was typed differently the second time."""

    code = "not_the_same"
    sentence = "The two passwords are not the same."


@user.command()
def add(
    email: Email,
    role: Annotated[Role, typer.Option(help="What they are here for.")],
    name: Annotated[str, typer.Option(help='As patients see it, such as "Dana Reed, RN".')],
) -> None:
    """Add an account and print the second factor's address, once.

    The password is asked for, or read as one line from standard input.
    """

    async def use(ports: Ports) -> int:
        wanted = Wanted(email, name, role, _password())
        async with ports.database.transaction() as session:
            enrolled = await add_user(session, ports.staff, wanted, by=_operator())
        _show(enrolled)
        return 0

    with_ports(use)


@user.command()
def disable(email: Email) -> None:
    """Take the account away; open sessions are over at once, and what they had is the team's."""

    async def use(ports: Ports) -> int:
        async with ports.database.transaction() as session:
            gone = await disable_account(session, ports.staff, email, by=_operator())
        count = await let_go(ports.line, gone)
        typer.echo(f"{gone.email} is disabled. Conversations back with the team: {count}.")
        return 0

    with_ports(use)


@user.command("reset-mfa")
def reset_mfa(email: Email) -> None:
    """Make a new second factor and print its address, once; open sessions are over."""

    async def use(ports: Ports) -> int:
        async with ports.database.transaction() as session:
            enrolled = await new_factor(session, ports.staff, email, by=_operator())
        _show(enrolled)
        return 0

    with_ports(use)


@user.command("set-password")
def set_password(email: Email) -> None:
    """Set a new password, asked for or read from standard input; open sessions are over."""

    async def use(ports: Ports) -> int:
        password = _password()
        async with ports.database.transaction() as session:
            await new_password(session, ports.staff, email, password=password, by=_operator())
        return 0

    with_ports(use)


@user.command("list")
def list_() -> None:
    """One line each: address, role, name, and whether the account is disabled."""

    async def use(ports: Ports) -> int:
        async with ports.database.transaction() as session:
            accounts = await listed(session)
        for each in accounts:
            standing = "  disabled" if each.is_disabled else ""
            typer.echo(f"{each.member.email}  {each.member.role}  {each.member.name}{standing}")
        return 0 if accounts else CHECK_FAILED

    with_ports(use)


def _password() -> str:
    """Never an argument: other users of the machine see those, and shells keep them."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    typed = getpass.getpass("Password: ")
    if typed != getpass.getpass("Once more: "):
        raise NotTheSame
    return typed


def _show(enrolled: Enrolled) -> None:
    typer.echo(f"{enrolled.member.email} may sign in as {enrolled.member.role}.")
    typer.echo("Add this to an authenticator app now; it is not shown again:")
    typer.echo(enrolled.provisioning_uri)


def _operator() -> str:
    """Who has a shell on the server; the audit has the account."""
    return f"cli-{getpass.getuser()}"
