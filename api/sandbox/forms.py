"""The demo clinic's forms, and which of its patients are asked to fill in which."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from api.intake.assignments import as_task
from integrations.ports.fhir import FhirSession, Resource

FOLDER: Final = Path(__file__).parent / "questionnaires"
BASE: Final = "https://careline.example/Questionnaire/"
VISIT_FORM, MOOD_FORM = "visit-intake", "phq-9"
# By record number.
DUE: Final = (("1004", MOOD_FORM), ("1005", VISIT_FORM), ("1008", MOOD_FORM))


def questionnaires() -> Iterator[Resource]:
    """Every form of the demo clinic, as a Questionnaire."""
    for path in sorted(FOLDER.glob("*.json")):
        yield json.loads(path.read_text("utf-8"))


async def write_forms(
    fhir: FhirSession,
    patients: dict[str, str],
    *,
    physician: str,
    visit: Resource,
    now: datetime,
) -> None:
    """Write the forms, and a Task for each that is due.

    `patients` are FHIR ids by record number, the physician's is one, too; `visit` is the stored
    Appointment that the visit form is for.
    """
    canonical = {}
    for form in questionnaires():
        await fhir.create(form, now=now, if_none_exist=(("url", form["url"]),))
        canonical[form["url"]] = f"{form['url']}|{form['version']}"
    for mrn, name in DUE:
        task = as_task(
            canonical[BASE + name],
            patients[mrn],
            requester=f"Practitioner/{physician}",
            now=now,
            visit=visit if name == VISIT_FORM else None,
        )
        await fhir.create(task, now=now)
