"""`careline up`: everything on this machine, in the foreground."""

import asyncio
from contextlib import suppress

import typer

from api.processes.environment import own_environment
from api.processes.up import run_up

commands = typer.Typer()


@commands.command()
def up() -> None:
    """Start everything on this machine and stay; Ctrl-C stops it all."""
    raise typer.Exit(asyncio.run(run_up(own_environment(), tell=tell)))


def tell(line: str) -> None:
    """Print a line at once; whoever listened may be gone, which must not stop the service."""
    with suppress(OSError, ValueError):
        print(line, flush=True)  # noqa: T201 -- the operator's terminal
