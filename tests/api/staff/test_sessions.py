"""Sessions lock when nobody is there, end by themselves, and end at once when somebody says so."""

import pytest
from sqlalchemy import select

from api.staff import accounts, door, sessions
from api.staff.desk import ABSOLUTE, IDLE, LOCKED_FOR
from api.staff.kinds import Role
from api.staff.models import MemberRow, SessionRow
from tests.api.staff.conftest import ADDRESS, EMAIL, PASSWORD, Office


async def test_token_is_kept_as_a_hash_only(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    assert len(token) >= 43  # 256 bits
    async with office.desk.database.transaction() as session:
        row = (await session.scalars(select(SessionRow))).one()
    assert token.encode() not in row.token_hash
    assert token not in repr(await office.session(token))


async def test_guessed_session_is_none_and_recorded(office: Office) -> None:
    assert await office.over("a" * 43) == "unknown"


async def test_idle_session_is_locked_and_opened_with_the_password(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    office.later(minutes=14)
    assert not (await office.session(token)).is_locked
    office.later(minutes=14)
    assert not (await office.session(token)).is_locked
    office.later(minutes=15)
    assert (await office.session(token)).is_locked
    assert (await office.audited())[-1] == "staff:session:lock:idle"
    assert (await office.session(token)).is_locked  # looking at it does not open it
    await door.unlock(office.desk, token, PASSWORD, origin=ADDRESS)
    opened = await office.session(token)
    assert not opened.is_locked
    assert opened.idle_until == office.time + IDLE
    assert (await office.audited())[-1] == "staff:session:unlock"


async def test_requests_that_a_page_makes_by_itself_keep_nobody_awake(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    for _ in range(3):
        office.later(minutes=5)
        await office.session(token, keeps_awake=False)
        await sessions.peek(office.desk, token)
    assert (await office.session(token, keeps_awake=False)).is_locked


async def test_locked_session_is_over_after_a_while(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    office.time += IDLE + LOCKED_FOR
    assert await office.over(token) == "idle"
    assert await office.over(token) == "ended"


async def test_session_is_over_after_its_time_whatever_is_done(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    for _ in range(int(ABSOLUTE.total_seconds() // 600) - 1):
        office.later(minutes=10)
        await office.session(token)
    office.later(minutes=10)
    assert await office.over(token) == "absolute"


async def test_session_can_be_locked_at_once(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    await sessions.lock(office.desk, token, origin=ADDRESS)
    await sessions.lock(office.desk, token, origin=ADDRESS)
    assert (await office.session(token)).is_locked
    assert (await office.audited()).count("staff:session:lock:asked") == 1


async def test_few_wrong_passwords_end_a_locked_session(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    await sessions.lock(office.desk, token, origin=ADDRESS)
    for _ in range(door.MOST_WRONG_UNLOCKS):
        with pytest.raises(door.SignInRefused):
            await door.unlock(office.desk, token, "wrong herons", origin="")
        assert (await office.audited())[-1] == "staff:session:unlock:password"
        office.later(minutes=1)
    with pytest.raises(sessions.SessionOver):
        await door.unlock(office.desk, token, PASSWORD, origin="")
    assert await office.over(token) == "ended"


async def test_who_signs_out_is_out(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    await sessions.sign_out(office.desk, token, origin=ADDRESS)
    assert await office.over(token) == "ended"
    await sessions.sign_out(office.desk, token, origin=ADDRESS)
    assert (await office.audited()).count("staff:session:sign-out") == 1


async def test_disabling_somebody_ends_their_sessions_at_once(office: Office) -> None:
    await office.hire()
    tokens = [(await office.sign_in(code=office.code(step))).token for step in (-1, 0, 1)]
    async with office.desk.database.transaction() as session:
        await accounts.disable(session, office.desk, EMAIL, by="test")
    assert [await office.over(token) for token in tokens] == ["disabled"] * 3


async def test_role_of_this_moment_counts(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    async with office.desk.database.transaction() as session:
        (await session.scalars(select(MemberRow))).one().role = Role.AUDITOR
    assert (await office.session(token)).member.role == Role.AUDITOR


async def test_token_of_forms_is_each_session_s_own(office: Office) -> None:
    await office.hire()
    tokens = [(await office.sign_in(code=office.code(step))).token for step in (0, 1)]
    found = [await office.session(token) for token in (*tokens, tokens[0])]
    assert found[0].csrf == found[2].csrf != found[1].csrf
    assert found[0].csrf not in repr(found[0])
