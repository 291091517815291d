"""The `careline` command: which word is served by which module of `api/commands/`."""

import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import typer

# One module a topic; only the module of the wanted word is loaded. So `up` starts at once, and
# `doctor` works where a part of the service cannot even be imported.
MODULES: Mapping[str, tuple[str, ...]] = {
    "api.commands.up": ("up",),
    "api.commands.api": ("api",),
    "api.commands.worker": ("worker",),
    "api.commands.actions": ("actions",),
    "api.commands.tables": ("migrate", "revision"),
    "api.commands.train": ("train",),
    "api.commands.doctor": ("doctor",),
    "api.commands.nlu": ("nlu",),
    "api.commands.safety": ("safety",),
    "api.commands.time": ("time",),
    "api.commands.conversation": ("conversation",),
    "api.commands.audit": ("audit",),
    "api.commands.seed": ("seed",),
    "api.commands.user": ("user",),
    "api.commands.form": ("form",),
}


def app() -> None:
    """Run the command line of this process."""
    build(sys.argv[1:2])(prog_name="careline")


def build(wanted: Sequence[str]) -> typer.Typer:
    """The command line with the modules that serve `wanted`; with all of them where none does."""
    serving = [module for module, words in MODULES.items() if set(words) & set(wanted)]
    built = typer.Typer(
        name="careline",
        help="Careline, a self-hosted care-coordination assistant.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # it would print local variables, and with them texts
    )
    built.callback()(_keep_words_apart)
    for module in serving or MODULES:
        built.add_typer(import_module(module).commands)
    return built


def _keep_words_apart() -> None:
    """Careline, a self-hosted care-coordination assistant."""


if __name__ == "__main__":
    app()
