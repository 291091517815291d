"""`careline time`: what the reader of dates and times understands."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from api.commands.json_lines import print_line, read_lines
from api.core.language import Language
from api.scheduling.reader import read_when, to_wire

commands = typer.Typer()
time = typer.Typer(help="What is understood of dates and times.", no_args_is_help=True)
commands.add_typer(time, name="time")


@time.callback()
def _keep_words_apart() -> None:
    """What is understood of dates and times."""


@time.command()
def parse(
    zone: Annotated[str, typer.Option(help="The patient's IANA zone.")],
    language: Annotated[Language, typer.Option(help="The patient's language.")] = Language.EN,
    now: Annotated[
        str | None, typer.Option(help="The present, ISO 8601; a line's own comes first.")
    ] = None,
) -> None:
    """Read {"text"[,"now"]} a line, print {"text","date","time","from","to",…} a line."""
    place = _zone(zone)
    for text, line in read_lines():
        present = _instant(line.get("now", now), place)
        reading = read_when(text, now=present, zone=place, language=language)
        print_line({"text": text, **to_wire(reading)})


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise typer.BadParameter("there is no such zone", param_hint="--zone") from None


def _instant(text: object, zone: ZoneInfo) -> datetime:
    """The present; one without an offset is the wall time of the zone."""
    try:
        present = datetime.fromisoformat(str(text))
    except ValueError:
        raise typer.BadParameter(
            "the present is missing or no ISO 8601", param_hint="--now"
        ) from None
    return present if present.tzinfo else present.replace(tzinfo=zone)
