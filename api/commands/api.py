"""`careline api`: the service's web process."""

from typing import Annotated

import typer
import uvicorn

from api.commands.fit import fit_settings
from api.processes.ports import LOOPBACK

GOODBYE_S = 5

commands = typer.Typer()


@commands.command()
def api(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK,
    port: Annotated[int | None, typer.Option(help="The port; CARELINE_PORT without it.")] = None,
) -> None:
    """Serve patients, coordinators and the FHIR gateway over HTTP."""
    settings = fit_settings()
    uvicorn.run(
        "api.main:create_app",
        factory=True,
        host=host,
        port=port or settings.careline_port,
        loop="uvloop",
        access_log=False,  # it would write chat tokens and phone numbers that stand in paths
        timeout_graceful_shutdown=GOODBYE_S,
        server_header=False,
    )
