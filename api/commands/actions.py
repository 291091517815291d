"""`careline actions`: the custom actions of the dialogue engine."""

from typing import Annotated
from urllib.parse import urlsplit

import typer
import uvicorn

from api.core.settings import load_settings
from api.processes.environment import tell_actions
from api.processes.ports import LOOPBACK

ACTIONS_PORT = 5055

commands = typer.Typer()


@commands.command()
def actions(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = LOOPBACK,
    port: Annotated[int | None, typer.Option(help="The port; ACTIONS_URL's without it.")] = None,
) -> None:
    """Serve the dialogue engine's custom actions; on loopback or a private network only."""
    settings = load_settings()
    tell_actions(
        internal_url=settings.internal_base_url,
        internal_token=settings.internal_token.get_secret_value(),
        actions_token=settings.rasa_token.get_secret_value(),
    )
    uvicorn.run(
        "actions.main:create_app",
        factory=True,
        host=host,
        port=port or urlsplit(settings.actions_url).port or ACTIONS_PORT,
        access_log=False,
        server_header=False,
    )
