"""`careline worker`: what waits is done by it."""

import typer
import uvloop

from api.commands.fit import fit_settings
from api.core.logging import configure_logging
from api.main import process_ports
from api.worker import run

commands = typer.Typer()


@commands.command()
def worker() -> None:
    """Answer, send and remind: run what waits, until told to end."""
    configure_logging("worker")
    uvloop.run(run(process_ports(fit_settings())))
