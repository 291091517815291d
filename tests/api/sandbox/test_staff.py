"""The demo clinic has its staff, once, and a reset gives it back."""

from sqlalchemy import func, select

from api.sandbox.staff import PEOPLE, seed_staff
from api.staff import service as staff
from api.staff.kinds import Role
from api.staff.models import MemberRow, SessionRow
from api.staff.sessions import open_session
from tests.api.sandbox.conftest import Served


async def test_demo_clinic_has_every_role_and_a_reset_ends_their_sessions(working: Served) -> None:
    ports = working.ports
    async with ports.database.transaction() as session:
        before = await staff.members(session)
        await open_session(session, ports.staff, before[0].id)
    assert {member.email for member in before} == {person.email for person in PEOPLE}
    assert {member.role for member in before} == set(Role)
    assert (await working.client.post("/sandbox/reset")).status_code == 200
    async with ports.database.transaction() as session:
        after = await staff.members(session)
        assert await session.scalar(select(func.count()).select_from(SessionRow)) == 0
        assert set(await session.scalars(select(MemberRow.last_step))) == {0}
    assert [member.name for member in after] == [member.name for member in before]
    # Ids are never used twice: the audit of before still means the people of before.
    assert {member.id for member in after}.isdisjoint(member.id for member in before)


async def test_accounts_are_written_where_there_are_none_only(served: Served) -> None:
    for _ in range(2):
        async with served.ports.database.transaction() as session:
            await seed_staff(session, served.ports.keyring)
            assert len(await staff.members(session)) == len(PEOPLE)
