"""The ports of a command that is run beside the service, on the same data."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer

from api.bootstrap import Ports
from api.core.errors import CareError
from api.core.settings import load_settings, problems
from api.main import process_ports
from api.processes.environment import own_environment, use_secrets_folder
from api.processes.postgres import SOCKET, EmbeddedPostgres

CHECK_FAILED, CANNOT_TELL = 1, 2


def with_ports(use: Callable[[Ports], Awaitable[int]]) -> None:
    """Run `use` over the service's ports and exit with its code.

    Without DATABASE_URL the embedded database of the running service is used.
    """
    settings = load_settings()
    own_keys = settings.careline_data_dir.absolute() / "secrets"
    if not own_environment().get("CARELINE_SECRETS_DIR") and own_keys.is_dir():
        use_secrets_folder(own_keys)
        settings = load_settings()
    if not settings.database_url:
        url = embedded_url(settings.careline_data_dir.absolute())
        settings = settings.model_copy(update={"database_url": url})
    found = problems(settings)
    if not settings.database_url:
        found.append("DATABASE_URL is missing, and no `careline up` runs on this data directory.")
    if found:
        typer.echo("\n".join(found), err=True)
        raise typer.Exit(CANNOT_TELL)
    raise typer.Exit(asyncio.run(_run(process_ports(settings), use)))


async def _run(ports: Ports, use: Callable[[Ports], Awaitable[int]]) -> int:
    try:
        return await use(ports)
    except CareError as refusal:
        typer.echo(refusal.sentence, err=True)
        return CANNOT_TELL
    finally:
        await ports.database.close()


def embedded_url(data_dir: Path) -> str:
    """The address of the embedded database, empty when it is not running."""
    embedded = EmbeddedPostgres(data_dir, environment={})
    is_up = (embedded.socket_folder / SOCKET).exists()
    return embedded.url("careline") if is_up else ""
