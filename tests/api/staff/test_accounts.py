"""Accounts are added, changed and taken away by whoever runs the server, and nobody else's hand."""

import pytest

from api.staff import accounts, service
from api.staff.accounts import NoEmail, UnknownUser, UserExists, Wanted
from api.staff.kinds import Role
from api.staff.passwords import WeakPassword
from tests.api.staff.conftest import EMAIL, PASSWORD, Office


async def test_account_twice_is_refused(office: Office) -> None:
    await office.hire()
    with pytest.raises(UserExists):
        await office.hire(email=EMAIL.upper())


@pytest.mark.parametrize(
    ("email", "name", "password", "refusal"),
    [
        ("nobody", "Dana", PASSWORD, NoEmail),
        (EMAIL, " ", PASSWORD, NoEmail),
        (EMAIL, "D" * 81, PASSWORD, NoEmail),
        (EMAIL, "Dana", "password1234", WeakPassword),
        (EMAIL, "Dana", "sandbox-only", WeakPassword),
    ],
)
async def test_account_needs_an_address_a_name_and_a_good_password(
    office: Office, email: str, name: str, password: str, refusal: type[Exception]
) -> None:
    wanted = Wanted(email, name, Role.NURSE, password)
    with pytest.raises(refusal):
        async with office.desk.database.transaction() as session:
            await accounts.add_user(session, office.desk, wanted, by="test")
    async with office.desk.database.transaction() as session:
        assert await service.members(session) == []


async def test_members_are_those_who_may_sign_in(office: Office) -> None:
    hired = (await office.hire()).member
    other = (await office.hire(email="noah@clinic.example")).member
    async with office.desk.database.transaction() as session:
        await accounts.disable(session, office.desk, other.email, by="test")
    async with office.desk.database.transaction() as session:
        assert await service.members(session) == [hired]
        assert await service.member_of(session, hired.id) == hired
        assert await service.member_of(session, other.id) is None
        assert await service.member_with_email(session, EMAIL.upper()) == hired
        assert await service.member_with_email(session, other.email) is None
        assert [each.is_disabled for each in await accounts.listed(session)] == [False, True]


async def test_who_comes_back_has_the_same_id_and_nothing_else_of_before(office: Office) -> None:
    before = await office.hire()
    token = (await office.sign_in()).token
    async with office.desk.database.transaction() as session:
        await accounts.disable(session, office.desk, EMAIL, by="test")
    again = await office.hire(role=Role.SUPERVISOR)
    assert again.member.id == before.member.id
    assert again.provisioning_uri != before.provisioning_uri
    assert await office.over(token) == "ended"
    assert (await office.sign_in()).member.role == Role.SUPERVISOR


async def test_new_second_factor_ends_the_old_one_and_every_session(office: Office) -> None:
    await office.hire()
    old_code, token = office.code(1), (await office.sign_in()).token
    async with office.desk.database.transaction() as session:
        office.learn(await accounts.reset_mfa(session, office.desk, EMAIL, by="test"))
    assert await office.over(token) == "ended"
    assert await office.refused(code=old_code) == "code"
    await office.sign_in()
    assert "staff:account:reset-mfa" in await office.audited()


async def test_new_password_ends_the_old_one_and_every_session(office: Office) -> None:
    await office.hire()
    token = (await office.sign_in()).token
    async with office.desk.database.transaction() as session:
        new = "eight loud herons"
        await accounts.set_password(session, office.desk, EMAIL, password=new, by="test")
    office.later(seconds=30)
    assert await office.over(token) == "ended"
    assert await office.refused() == "password"
    await office.sign_in(password=new)


async def test_whom_nobody_knows_cannot_be_changed(office: Office) -> None:
    async with office.desk.database.transaction() as session:
        with pytest.raises(UnknownUser):
            await accounts.disable(session, office.desk, "x@clinic.example", by="test")
        with pytest.raises(UnknownUser):
            await accounts.reset_mfa(session, office.desk, "x@clinic.example", by="test")
