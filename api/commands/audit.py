"""`careline audit`: who saw or changed a patient's data."""

import getpass

import typer

from api.audit import service as audits
from api.bootstrap import Ports
from api.commands.ports import CANNOT_TELL, with_ports
from api.people.service import patient_with_mrn

commands = typer.Typer()
audit = typer.Typer(help="Who saw or changed what.", no_args_is_help=True)
commands.add_typer(audit, name="audit")


@audit.callback()
def _keep_words_apart() -> None:
    """Who saw or changed what."""


@audit.command()
def who(mrn: str) -> None:
    """Print every act on the data of the patient with this record number; the look is one too."""

    async def use(ports: Ports) -> int:
        patient = await patient_with_mrn(ports.gateway, mrn)
        if patient is None:
            typer.echo("There is no patient with that record number.", err=True)
            return CANNOT_TELL
        now = await ports.clock.now()
        async with ports.database.transaction() as session:
            for row in await audits.who(session, patient):
                what = f"{row.resource_type}/{row.resource_id}" if row.resource_id else row.tag
                agent = f"{row.agent_kind}/{row.agent_id}"
                facts = (row.at.isoformat(timespec="seconds"), row.outcome, row.action, agent)
                typer.echo("  ".join((*facts, what, row.purpose or "-", row.origin or "-")))
            await audits.record_event(
                session,
                tag="audit:patient:who",
                agent=f"staff/{getpass.getuser()}",
                patient=patient,
                now=now,
            )
        return 0

    with_ports(use)
