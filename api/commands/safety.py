"""`careline safety`: which texts raise an alarm."""

import typer

from api.commands.json_lines import print_line, read_lines
from api.processes.services import ROOT
from api.safety.lexicon import load_lexicon
from api.safety.scan import scan as scan_text

commands = typer.Typer()
safety = typer.Typer(help="Which texts raise an alarm.", no_args_is_help=True)
commands.add_typer(safety, name="safety")


@safety.callback()
def _keep_words_apart() -> None:
    """Which texts raise an alarm."""


@safety.command()
def scan() -> None:
    """Read {"text"} a line, print {"text","level","rule","ask"} a line."""
    lexicon = load_lexicon(ROOT / "nlu_data" / "red_flags")
    for text, _ in read_lines():
        found = scan_text(text, lexicon)
        print_line({"text": text, "level": found.level, "rule": found.rule, "ask": found.ask})
