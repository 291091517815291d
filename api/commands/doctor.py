"""`careline doctor`: whether this installation may start."""

import typer

from api.core.settings import load_settings, problems
from api.processes.environment import own_environment, use_secrets_folder

commands = typer.Typer()


@commands.command()
def doctor() -> None:
    """Print what forbids a start, one line each; exit 1 where there is something."""
    own_keys = load_settings().careline_data_dir.absolute() / "secrets"
    if not own_environment().get("CARELINE_SECRETS_DIR") and own_keys.is_dir():
        use_secrets_folder(own_keys)
    found = problems(load_settings())
    for sentence in found:
        typer.echo(sentence)
    if found:
        raise typer.Exit(1)
    typer.echo("Nothing forbids a start.")
