"""Who may sign in and who may not, each refusal alike in words and recorded with its cause."""

import asyncio

import pytest
from sqlalchemy import func, select

from api.audit.models import AuditRow
from api.staff import accounts, door, tries
from api.staff.desk import Desk
from api.staff.models import MemberRow, TriesRow
from api.staff.passwords import Passwords
from tests.api.staff.conftest import ADDRESS, EMAIL, PASSWORD, Office


async def test_password_and_code_open_a_session(office: Office) -> None:
    hired = await office.hire()
    signed_in = await office.sign_in(email=" Dana@Clinic.Example ")
    assert signed_in.member == hired.member
    assert (await office.session(signed_in.token)).member == hired.member
    async with office.desk.database.transaction() as session:
        row = (await session.scalars(select(AuditRow).where(AuditRow.tag == door.SIGN_IN))).one()
    assert (row.agent_kind, row.agent_id) == ("staff", hired.member.id)
    assert (row.origin, row.outcome) == (ADDRESS, "0")


async def test_each_refusal_is_recorded_with_its_cause(office: Office) -> None:
    await office.hire()
    assert await office.refused(password="wrong herons") == "password"
    assert await office.refused(email="nobody@clinic.example") == "unknown"
    assert await office.refused(code="000000") == "code"
    assert await office.refused(code="") == "code"
    async with office.desk.database.transaction() as session:
        rows = await session.scalars(select(AuditRow).where(AuditRow.tag.like(f"{door.SIGN_IN}:%")))
        assert {row.outcome for row in rows} == {"8"}


async def test_code_counts_once(office: Office) -> None:
    await office.hire()
    code = office.code()
    await office.sign_in(code=code)
    assert await office.refused(code=code) == "code-replayed"
    office.later(seconds=30)
    assert await office.refused(code=code) == "code-replayed"
    # Nor does one of a step before it, which was never used.
    assert await office.refused(code=office.code(-1)) == "code-replayed"
    await office.sign_in(code=office.code())


async def test_of_the_same_code_at_the_same_moment_one_is_taken(office: Office) -> None:
    await office.hire()
    code = office.code()
    tried = await asyncio.gather(
        *(office.sign_in(code=code) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(each, door.SignedIn) for each in tried) == 1


async def test_disabled_person_is_refused_after_the_password(office: Office) -> None:
    await office.hire()
    async with office.desk.database.transaction() as session:
        await accounts.disable(session, office.desk, EMAIL, by="test")
    assert await office.refused() == "disabled"
    assert await office.refused(password="wrong herons") == "password"


async def test_wrong_tries_cost_more_and_more_time(office: Office) -> None:
    await office.hire()
    waits = []
    for _ in range(8):
        assert await office.refused(password="wrong herons", origin="") == "password"
        waited = 0
        while await _is_waiting(office):
            office.later(seconds=5)
            waited += 5
        waits.append(waited)
    assert waits == [0, 0, 0, 15, 30, 60, 120, 240]


async def test_while_waiting_even_the_right_password_is_refused(office: Office) -> None:
    await office.hire()
    for _ in range(4):
        await office.refused(password="wrong herons")
    assert await office.refused() == "wait"
    office.later(seconds=15)
    await office.sign_in()
    await office.refused(password="wrong herons")
    assert not await _is_waiting(office)  # the right one began the count anew


async def test_unknown_account_is_counted_like_a_known_one(office: Office) -> None:
    await office.hire()
    causes: dict[str, list[str]] = {}
    for email in (EMAIL, "nobody@clinic.example"):
        causes[email] = [
            await office.refused(email=email, password="wrong herons", origin="") for _ in range(6)
        ]
    assert causes[EMAIL] == ["password"] * 4 + ["wait"] * 2
    assert causes["nobody@clinic.example"] == ["unknown"] * 4 + ["wait"] * 2


async def test_many_tries_at_the_same_moment_are_counted_one_by_one(office: Office) -> None:
    await office.hire()
    await asyncio.gather(
        *(office.sign_in(password="wrong herons") for _ in range(20)), return_exceptions=True
    )
    judged = [tag for tag in await office.audited() if tag == f"{door.SIGN_IN}:password"]
    assert len(judged) == tries.ACCOUNT.free + 1


async def test_whoever_knows_the_password_guesses_few_codes(office: Office) -> None:
    await office.hire()
    causes = []
    for _ in range(8):
        causes.append(await office.refused(code="000000", origin=""))
        office.later(minutes=4)
    assert causes[:5] == ["code"] * 5
    assert causes[5] == "wait"
    assert causes.count("code") == 6
    office.later(hours=1)
    await office.sign_in()


async def test_address_that_tries_many_accounts_has_to_wait(office: Office) -> None:
    await office.hire()
    causes = [await office.refused(email=f"n{number}@clinic.example") for number in range(23)]
    assert causes == ["unknown"] * 21 + ["wait"] * 2
    assert await office.refused() == "wait"
    await office.sign_in(origin="198.51.100.9")


async def test_somebody_is_told_when_an_account_is_guessed_at(office: Office) -> None:
    await office.hire()
    while tries.ACCOUNT.alarm > await _wrong(office):
        await office.refused(password="wrong herons", origin="")
        office.later(seconds=15)
    alarms = [tag for tag in await office.audited() if tag.startswith(door.ALARM)]
    assert alarms == ["staff:door:alarm:guessing"]


async def test_words_of_a_refusal_name_no_cause(office: Office) -> None:
    await office.hire()
    said = set()
    for typed in ({"password": "x"}, {"email": "x@clinic.example"}, {"code": "1"}, {"code": "1"}):
        with pytest.raises(door.SignInRefused) as refusal:
            await office.sign_in(**typed)
        said.add((refusal.value.status, refusal.value.sentence, tuple(refusal.value.headers)))
    assert len(said) == 1


@pytest.mark.parametrize("email", ["", "\x00", "a\x00@clinic.example", "\ud800", "x" * 5000])
async def test_what_is_no_address_is_refused_like_any_other(office: Office, email: str) -> None:
    assert await office.refused(email=email) == "unknown"


async def test_older_hash_is_replaced_at_a_sign_in(office: Office) -> None:
    await office.hire()
    before = await _hash(office)
    stronger = Passwords(memory_kib=128)
    office.desk = Desk(office.desk.database, office.desk.keyring, stronger, lambda: office.time)
    await office.sign_in()
    after = await _hash(office)
    assert before != after
    assert not stronger.is_outdated(after)
    assert await stronger.matches(after, PASSWORD)


async def test_counts_that_are_past_are_dropped(office: Office) -> None:
    for number in range(3):
        await office.refused(email=f"n{number}@clinic.example")
    office.later(days=2)
    await office.refused(email="other@clinic.example")
    async with office.desk.database.transaction() as session:
        assert len((await session.scalars(select(TriesRow))).all()) == 2


async def _is_waiting(office: Office) -> bool:
    async with office.desk.database.transaction() as session:
        until = await session.scalar(
            select(TriesRow.blocked_until).order_by(TriesRow.blocked_until.desc()).limit(1)
        )
    return until is not None and until > office.time


async def _wrong(office: Office) -> int:
    async with office.desk.database.transaction() as session:
        return await session.scalar(select(func.max(TriesRow.wrong))) or 0


async def _hash(office: Office) -> str:
    async with office.desk.database.transaction() as session:
        return (await session.scalars(select(MemberRow.password_hash))).one()
