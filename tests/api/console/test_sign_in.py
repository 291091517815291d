"""The console's door over HTTP: pages, cookie, origin, forms; each refusal is recorded."""

import re

import httpx
import pytest

from api.console.security import way_on
from api.staff import accounts
from api.staff.kinds import Role
from tests.api.console.conftest import BASE, COOKIE, PASSWORD, House, email_of

FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "https://care.example.evil.example"},
    {"Origin": "http://care.example"},
    {"Origin": "https://care.example:8443"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
)


async def test_sign_in_gives_a_cookie_that_only_we_get_back(house: House) -> None:
    client = house.browser()
    answer = await client.post("/console/login", data=house.form(Role.NURSE))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {part.strip().lower() for part in cookie.split(";")[1:]} == {
        *("httponly", "secure", "samesite=lax", "path=/")
    }
    begins = await client.get("/console")
    assert begins.headers["location"] == "/console/inbox"
    assert begins.headers["cache-control"] == "no-store"


async def test_refusal_says_the_same_on_the_page_and_its_cause_in_the_audit(house: House) -> None:
    said = set()
    for change, cause in (
        ({"password": "wrong herons"}, "password"),
        ({"email": "nobody@clinic.example"}, "unknown"),
        ({"code": "000000"}, "code"),
        ({"code": ""}, "code"),
    ):
        form = house.form(Role.NURSE, **change)
        answer = await house.browser().post("/console/login", data=form)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert PASSWORD not in answer.text
        said.add(answer.text.replace(form["email"], ""))
        assert (await house.audited())[-1] == f"staff:door:sign-in:{cause}"
    assert len(said) == 1
    assert 'role="alert"' in said.pop()


async def test_used_code_is_refused(house: House) -> None:
    form = house.form(Role.NURSE)
    assert (await house.browser().post("/console/login", data=form)).status_code == 303
    assert (await house.browser().post("/console/login", data=form)).status_code == 401
    assert (await house.audited())[-1] == "staff:door:sign-in:code-replayed"


async def test_what_another_site_sends_is_refused(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    for headers in FOREIGN:
        for path in ("/console/login", "/console/logout"):
            form = house.form(Role.NURSE)
            answer = await client.post(path, data=form, headers=headers)
            assert answer.status_code == 403, headers
            assert (await house.audited())[-1] == "staff:console:use:origin"
    assert (await client.get("/console")).headers["location"] == "/console/inbox"


async def test_without_either_header_a_form_is_refused(house: House) -> None:
    client = house.browser()
    del client.headers["Origin"], client.headers["Sec-Fetch-Site"]
    answer = await client.post("/console/login", data=house.form(Role.NURSE))
    assert answer.status_code == 403


async def test_browsers_that_say_less_are_let_in(house: House) -> None:
    for removed, headers in (
        ("Origin", {}),
        ("Sec-Fetch-Site", {}),
        ("", {"Origin": "null"}),
        ("", {"Origin": BASE.upper()}),
    ):
        client = house.browser(**headers)
        client.headers.pop(removed, None)
        answer = await client.post("/console/login", data=house.form(Role.NURSE))
        assert answer.status_code == 303
        house.later(seconds=30)


async def test_form_without_the_session_s_token_is_refused(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    del client.headers["X-CSRF-Token"]
    for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "ä"}):
        answer = await client.post("/console/logout", data=form)
        assert answer.status_code == 403
        assert (await house.audited())[-1] == "staff:console:use:csrf"


async def test_token_of_another_session_is_refused(house: House) -> None:
    client, other = await house.signed_in(Role.NURSE), await house.signed_in(Role.NURSE)
    client.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
    assert (await client.post("/console/logout")).status_code == 403


async def test_guessed_cookie_is_taken_away_and_recorded(house: House) -> None:
    client = house.browser()
    client.cookies.set(COOKIE, "a" * 43, domain="care.example")
    answer = await client.get("/console/inbox?view=mine")
    assert answer.headers["location"] == "/console/login?next=/console/inbox%3Fview%3Dmine"
    assert f'{COOKIE}=""' in answer.headers["set-cookie"]
    assert (await house.audited())[-1] == "staff:session:use:unknown"


async def test_page_s_own_requests_are_told_where_to_go(house: House) -> None:
    client = house.browser(**{"HX-Request": "true"})
    answer = await client.get("/console")
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/console/login")
    client = await house.signed_in(Role.NURSE)
    house.later(minutes=16)
    answer = await client.get("/console", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (423, "/console/locked")
    stream = await client.get("/console", headers={"Accept": "text/event-stream"})
    assert stream.status_code == 423


async def test_idle_session_shows_its_lock_and_goes_on_where_it_was(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    house.later(minutes=15)
    answer = await client.get("/console/inbox")
    assert answer.headers["location"] == "/console/locked?next=/console/inbox"
    assert (await house.audited())[-1] == "staff:session:lock:idle"
    page = await client.get(answer.headers["location"])
    assert "Locked" in page.text
    assert (await client.post("/console/locked", data={"password": "wrong"})).status_code == 401
    assert (await house.audited())[-1] == "staff:session:unlock:password"
    form = {"password": PASSWORD, "next": "/console/inbox"}
    opened = await client.post("/console/locked", data=form)
    assert (opened.status_code, opened.headers["location"]) == (303, "/console/inbox")
    assert (await client.get("/console")).headers["location"] == "/console/inbox"


async def test_lock_page_says_no_more_than_a_name(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    await client.post("/console/lock")
    page = (await client.get("/console/locked")).text
    assert "nurse Reed is signed in here" in page
    assert set(re.findall(r'autocomplete="([^"]+)"', page)) == {"username", "current-password"}


async def test_session_that_nobody_unlocked_is_over(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    house.later(minutes=60)
    answer = await client.get("/console")
    assert answer.headers["location"] == "/console/login"
    assert (await house.audited())[-1] == "staff:session:use:idle"


async def test_shift_is_over_after_twelve_hours_of_work(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    for _ in range(71):
        house.later(minutes=10)
        assert (await client.get("/console")).headers["location"] == "/console/inbox"
    house.later(minutes=10)
    assert (await client.get("/console")).headers["location"] == "/console/login"
    assert (await house.audited())[-1] == "staff:session:use:absolute"


async def test_disabled_person_is_out_with_the_next_request(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    async with house.ports.database.transaction() as session:
        await accounts.disable(session, house.ports.staff, email_of(Role.NURSE), by="test")
    assert (await client.get("/console")).headers["location"] == "/console/login"
    assert (await house.audited())[-1] == "staff:session:use:disabled"


async def test_role_that_may_not_is_told_so_and_recorded(house: House) -> None:
    client = await house.signed_in(Role.ADMIN)
    answer = await client.get("/console/inbox")
    assert answer.status_code == 403
    assert "Your role may not do this." in answer.text
    assert (await house.audited())[-1] == "staff:console:use:role"
    htmx = await client.get("/console/inbox", headers={"HX-Request": "true"})
    assert htmx.headers["content-type"].startswith("text/plain")
    assert "admin Reed" in (await client.get("/console")).text


async def test_who_signs_out_has_no_session_any_more(house: House) -> None:
    client = await house.signed_in(Role.NURSE)
    token = client.cookies[COOKIE]
    answer = await client.post("/console/logout")
    assert answer.headers["location"] == "/console/login"
    client.cookies.set(COOKIE, token, domain="care.example")
    assert (await client.get("/console")).headers["location"] == "/console/login"


async def test_production_shows_no_account_and_no_secret(house: House) -> None:
    page = (await house.browser().get("/console/login?as=nurse@clinic.example")).text
    assert "clinic.example" not in page
    assert "Sandbox" not in page
    assert set(re.findall(r'autocomplete="([^"]+)"', page)) == {
        *("username", "current-password", "one-time-code")
    }


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example/console",
        "/console/../fhir",
        "/consolation",
        "/console\\evil",
        "/console/\nx",
        "/console/login",
        "/console/locked?next=/console/locked",
        "/console/" + "x" * 300,
        "",
    ],
)
def test_way_on_leads_nowhere_else(wanted: str) -> None:
    assert way_on(wanted) == "/console"


def test_way_on_leads_to_the_page_that_was_asked_for() -> None:
    assert way_on("/console/conversations/1?view=mine") == "/console/conversations/1?view=mine"


async def test_answers_of_the_door_are_not_kept(house: House) -> None:
    for path in ("/console/login", "/console", "/console/locked"):
        answer: httpx.Response = await house.browser().get(path)
        assert answer.headers["cache-control"] == "no-store"
