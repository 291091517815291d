"""Who says what is said of somebody: they themselves or, of a child, whoever has the phone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from api.core.ids import ConversationId, PatientId
from api.gateway.access import service_access
from api.gateway.interactions import Search
from api.gateway.service import perform
from api.messaging.kinds import Channel
from api.messaging.threads import address_of, channel_of
from api.people import service as people
from api.reminders.desk import Desk

# Below this age a parent answers for them; of grown-ups who share a phone each is asked by name.
OF_AGE_YEARS = 18
_ACCESS = service_access("reminders", "system/RelatedPerson.rs")


async def informant_of(
    desk: Desk, patient: PatientId, conversation: ConversationId, *, now: datetime
) -> str:
    """The reference of who answers for a patient in a conversation.

    Source: FHIR R4 4.0.1, MedicationStatement.informationSource: Patient or RelatedPerson.
    """
    own = f"Patient/{patient}"
    known = await people.person(desk.gateway, patient)
    if known is None or known.birth_date is None or not _is_child(known.birth_date, desk.zone, now):
        return own
    number = await _number_of(desk, conversation)
    page = await perform(desk.gateway, _ACCESS, Search("RelatedPerson", (("patient", patient),)))
    relatives = [
        each.reference
        for each in page.entries
        if each.body.get("active") is not False and number in people.numbers_of(each.body)
    ]
    return min(relatives, default=own)


def _is_child(born: date, zone: ZoneInfo, now: datetime) -> bool:
    today = now.astimezone(zone).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return age < OF_AGE_YEARS


async def _number_of(desk: Desk, conversation: ConversationId) -> str | None:
    async with desk.database.transaction() as session:
        if await channel_of(session, conversation) is not Channel.SMS:
            return None
        return await address_of(session, desk.keyring, conversation)
