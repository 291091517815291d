"""What the record already says, for the hidden items of a form that ask for it."""

from collections.abc import Mapping
from datetime import date

from api.core.ids import PatientId
from api.gateway.interactions import Read
from api.gateway.service import perform
from api.intake.desk import Desk, Filler
from api.intake.forms import Form, Item
from api.intake.values import Value
from integrations.ports.fhir import Resource

MAY_BE_PREGNANT = "may-be-pregnant"
# The ages of the US surveys of fertility begin at 15 and end at 49 (CDC, National Survey of
# Family Growth, read 2026-11); wider here, since asking once too often does no harm.
FERTILE_YEARS = range(12, 56)


async def known_of(
    desk: Desk, filler: Filler, patient: PatientId, form: Form
) -> Mapping[str, tuple[Value, ...]]:
    """The values of hidden items that name a fact of the record, by their linkId.

    Raises:
        PortError: the record is away.
    """
    wanted = {item.link_id: item.known for item in _all(form.items) if item.known is not None}
    if not wanted:
        return {}
    stored = await perform(desk.gateway, filler.access(patient), Read("Patient", patient))
    today = (await desk.clock.now()).date()
    facts = {MAY_BE_PREGNANT: may_be_pregnant(stored.body, today)}
    return {link_id: (facts[code],) for link_id, code in wanted.items() if code in facts}


def may_be_pregnant(patient: Resource, today: date) -> bool:
    """Whether it makes sense to ask; a birth date in parts counts from its year on."""
    born = str(patient.get("birthDate", ""))[:4]
    is_of_age = born.isdigit() and today.year - int(born) in FERTILE_YEARS
    return patient.get("gender") != "male" and is_of_age


def _all(items: tuple[Item, ...]) -> list[Item]:
    return [each for item in items for each in (item, *_all(item.items))]
