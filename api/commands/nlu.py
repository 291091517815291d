"""`careline nlu`: what the dialogue engine understands."""

import subprocess

import typer

from api.processes.environment import own_environment, plain
from api.processes.services import BOT, BOT_PYTHON

commands = typer.Typer()
nlu = typer.Typer(help="What the dialogue engine understands.", no_args_is_help=True)
commands.add_typer(nlu, name="nlu")


@nlu.callback()
def _keep_words_apart() -> None:
    """What the dialogue engine understands."""


@nlu.command()
def parse() -> None:
    """Read {"text"} a line, print {"text","intent","confidence","entities"} a line."""
    argv = (str(BOT_PYTHON), "parse_lines.py")
    environment = plain(own_environment())
    ended = subprocess.run(argv, cwd=BOT, env=environment, check=False)  # noqa: S603 -- our own
    raise typer.Exit(2 if ended.returncode else 0)
