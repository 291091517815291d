"""`careline form check|load FILE`: whether a Questionnaire can be asked in a conversation."""

import json
from pathlib import Path
from typing import Annotated

import typer

from api.bootstrap import Ports
from api.commands.ports import CANNOT_TELL, CHECK_FAILED, with_ports
from api.gateway.access import service_access
from api.gateway.interactions import Create, Search, Update
from api.gateway.service import perform
from api.intake.forms import Unsupported, load_form
from integrations.ports.fhir import InvalidResource, Resource

commands = typer.Typer()
form = typer.Typer(help="Forms: FHIR R4 Questionnaires.", no_args_is_help=True)
commands.add_typer(form, name="form")
_ACCESS = service_access("cli", "system/Questionnaire.crus")

Questionnaire = Annotated[Path, typer.Argument(help="A Questionnaire as FHIR JSON.")]


@form.command()
def check(file: Questionnaire) -> None:
    """Say whether it can be asked, and every reason where it cannot."""
    _readable(file)
    typer.echo("It can be asked in a conversation.")


@form.command()
def load(file: Questionnaire) -> None:
    """Check it, and write it into the record; the same address and version is replaced."""
    wanted = _readable(file)

    async def use(ports: Ports) -> int:
        try:
            reference = await _write(ports, wanted)
        except InvalidResource as refused:
            for issue in refused.issues:
                typer.echo(f"{issue.path}: {issue.detail}", err=True)
            return CHECK_FAILED
        typer.echo(f"Written as {reference}.")
        return 0

    with_ports(use)


def _readable(file: Path) -> Resource:
    """The Questionnaire in a file; else the reasons are told and the command ends."""
    try:
        wanted: Resource = json.loads(file.read_text("utf-8"))
        load_form(wanted)
    except (OSError, ValueError) as failure:
        typer.echo(f"This is no Questionnaire as JSON: {failure}", err=True)
        raise typer.Exit(CANNOT_TELL) from None
    except Unsupported as refused:
        for reason in refused.reasons:
            typer.echo(reason, err=True)
        raise typer.Exit(CHECK_FAILED) from None
    return wanted


async def _write(ports: Ports, wanted: Resource) -> str:
    version = wanted.get("version")
    query = (("url", str(wanted["url"])), *((("version", str(version)),) if version else ()))
    page = await perform(ports.gateway, _ACCESS, Search("Questionnaire", query))
    if not page.entries:
        return (await perform(ports.gateway, _ACCESS, Create(wanted))).stored.reference
    known = page.entries[0]
    update = Update({**wanted, "id": known.id}, if_match=known.version)
    return (await perform(ports.gateway, _ACCESS, update)).stored.reference
