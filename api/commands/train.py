"""`careline train`: the dialogue engine's model."""

import subprocess

import typer

from api.processes.environment import own_environment, plain
from api.processes.services import BOT, train_argv

commands = typer.Typer()


@commands.command()
def train() -> None:
    """Train the engine's model where its inputs have changed; exit 1 where none came out."""
    argv, environment = train_argv(), plain(own_environment())
    ended = subprocess.run(argv, cwd=BOT, env=environment, check=False)  # noqa: S603 -- our own
    raise typer.Exit(1 if ended.returncode else 0)
