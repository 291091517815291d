"""Many people with a form that is due, made beside the service: known, agreed, asked by a Task.

`python -m tests.faults.form_people OUT FORM…` makes one for each form that is named and writes down
their ids, in order. It is a command, because it needs the data of a running service.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.bootstrap import Ports
from api.commands.ports import with_ports
from api.conversations.models import ConversationRow
from api.conversations.situation import open_row
from api.core.ids import PatientId
from api.core.language import Language
from api.intake.assignments import as_task
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.sandbox.forms import BASE
from integrations.ports.fhir import Resource
from tests.faults.reminded import agrees, number_of, patient

MRN: Final = "https://careline.example/mrn"
VERSION: Final = "1.0"


async def begin(ports: Ports, out: str, forms: list[str]) -> int:
    """Make them; whoever they are is known in their conversation, as after the birth date."""
    async with ports.database.transaction() as session:
        now = await ports.clock.now()
        fhir = ports.backend.on(await session.connection())
        ids = await fhir.bulk_create([_person(number) for number in range(len(forms))], now=now)
        for number, id_ in enumerate(ids):
            await agrees(ports, session, number, PatientId(id_), now)
            await _is_known(ports, session, number, id_)
        tasks = [
            as_task(f"{BASE}{form}|{VERSION}", id_, requester="Practitioner/none", now=now)
            for form, id_ in zip(forms, ids, strict=True)
        ]
        await fhir.bulk_create(tasks, now=now)
    await asyncio.to_thread(Path(out).write_text, json.dumps(ids), "utf-8")
    return 0


async def _is_known(ports: Ports, session: AsyncSession, number: int, patient_: str) -> None:
    now = await ports.clock.now()
    thread = await find_or_open(session, ports.keyring, Channel.SMS, number_of(number), now=now)
    await open_row(session, thread, Channel.SMS, Language.EN, now=now)
    row = await session.get_one(ConversationRow, thread)
    row.patient_id, row.verified_at = patient_, now


def _person(number: int) -> Resource:
    """Nobody of them is asked what only women are asked."""
    return {**patient(number), "gender": "male"}


def main() -> int:
    """Run the command."""
    try:
        with_ports(lambda ports: begin(ports, sys.argv[1], sys.argv[2:]))
    except typer.Exit as end:
        return end.exit_code
    return 1


if __name__ == "__main__":
    sys.exit(main())
