"""`careline seed --demo`: the demo clinic, its slots and its invented patients."""

from typing import Annotated

import typer

from api.bootstrap import Ports
from api.commands.ports import CANNOT_TELL, CHECK_FAILED, with_ports
from api.sandbox import seed_if_empty

commands = typer.Typer()


@commands.command()
def seed(demo: Annotated[bool, typer.Option(help="The demo clinic.")] = False) -> None:  # noqa: FBT002 -- a command line's switch
    """Write the demo data into an empty store; sandbox mode only."""

    async def use(ports: Ports) -> int:
        if not demo or not ports.settings.is_sandbox:
            typer.echo("Only --demo exists, and only in sandbox mode.", err=True)
            return CANNOT_TELL
        if not await seed_if_empty(ports):
            typer.echo("There are patients on record already; nothing was written.", err=True)
            return CHECK_FAILED
        return 0

    with_ports(use)
