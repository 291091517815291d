"""Who was shown in a list is recorded once for each patient and page."""

from dataclasses import replace

from api.console.looks import SHOWN_IN_LIST, Looks
from api.conversations.queue import Row
from api.core.ids import PatientId
from api.staff.kinds import Member, Role
from api.staff.service import member_with_email
from tests.api.console.conftest import House, email_of
from tests.api.console.test_views import ROW


async def test_a_patient_is_recorded_once_for_a_page(house: House) -> None:
    nurse = await _member(house)
    grace, elena = (replace(ROW, patient=PatientId(each)) for each in ("grace", "elena"))
    page = Looks(nurse, "203.0.113.7")
    for rows in ([grace, ROW], [grace], [elena, grace]):
        await _shown(house, page, rows)
    assert await house.audited() == [SHOWN_IN_LIST, SHOWN_IN_LIST]
    await _shown(house, Looks(nurse, "203.0.113.7"), [grace])
    assert len(await house.audited()) == 3


async def _shown(house: House, page: Looks, rows: list[Row]) -> None:
    async with house.ports.database.transaction() as session:
        await page.record(session, house.ports.keyring, house.ports.clock, rows)


async def _member(house: House) -> Member:
    async with house.ports.database.transaction() as session:
        member = await member_with_email(session, email_of(Role.NURSE))
    assert member is not None
    return member
