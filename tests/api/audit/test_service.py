"""Audit rows as BALP AuditEvents, their search, and events that are no FHIR interaction."""

import base64

import pytest
from sqlalchemy import func, select

from api.audit import service as audit
from api.audit.models import AuditPendingRow, AuditRow
from api.audit.service import Action, Entry, Result, Who
from api.gateway.service import Gateway
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import InvalidQuery, NotFound, Pairs, Resource, Unsupported
from tests.support.fhir import NOW, at

SAM = Who("turn", "c1", patient="p1", purpose="TREAT", origin="sms", request_id="r1", turn="t1")
READ = Entry("fhir:Patient:read", Action.READ, "read", patient="p1", resource_type="Patient")


async def write(gateway: Gateway, *entries: Entry, who: Who = SAM, minute: int = 0) -> None:
    async with gateway.database.transaction() as session:
        await audit.record(session, gateway.keyring, entries, who=who, now=at(minute))


async def found(gateway: Gateway, *params: tuple[str, str]) -> list[Resource]:
    async with gateway.database.transaction() as session:
        page = await audit.Events(session, gateway.keyring).search(params)
        return [one.body for one in page.entries]


def part(event: Resource, code: str) -> list[Resource]:
    entities: list[Resource] = event["entity"]
    return [one for one in entities if one.get("type", {}).get("code") == code]


def agent(event: Resource, code: str) -> Resource:
    codes = {one["type"]["coding"][0]["code"]: one for one in event["agent"]}
    return dict(codes[code])


async def test_every_row_waits_to_be_sealed(gateway: Gateway) -> None:
    await write(gateway, READ, READ)
    async with gateway.database.transaction() as session:
        rows = await session.scalar(select(func.count()).select_from(AuditRow))
        pending = await session.scalar(select(func.count()).select_from(AuditPendingRow))
    assert (rows, pending) == (2, 2)


@pytest.mark.parametrize(
    ("subtype", "action", "profile", "client", "server", "user"),
    [
        ("read", Action.READ, "PatientRead", "110152", "110153", "IRCP"),
        ("search-type", Action.EXECUTE, "PatientQuery", "110153", "110152", "IRCP"),
        ("create", Action.CREATE, "PatientCreate", "110153", "110152", "AUT"),
        ("update", Action.UPDATE, "PatientUpdate", "110153", "110152", "AUT"),
    ],
)
async def test_event_follows_its_balp_profile(
    gateway: Gateway,
    *,
    subtype: str,
    action: Action,
    profile: str,
    client: str,
    server: str,
    user: str,
) -> None:
    entry = Entry(
        "fhir:Task:x", action, subtype, patient="p1", resource_type="Task", resource_id="7",
        resource_version=3, query="Task?status=a" if subtype == "search-type" else None,
    )  # fmt: skip
    await write(gateway, entry)
    (event,) = await found(gateway)
    validate(event)
    assert event["meta"]["profile"][0].endswith(f"IHE.BasicAudit.{profile}")
    assert event["type"]["code"] == "rest"
    assert (event["subtype"][0]["code"], event["action"], event["outcome"]) == (
        subtype,
        action,
        "0",
    )
    assert agent(event, client)["network"]["address"] == "sms"
    assert agent(event, server)["requestor"] is False
    assert agent(event, user) | {"type": 0} == {
        "type": 0,
        "requestor": True,
        "who": {"reference": "Patient/p1"},
    }
    assert part(event, "1")[0]["what"] == {"reference": "Patient/p1"}
    assert part(event, "2")[0]["what"] == {"reference": "Task/7/_history/3"}
    assert part(event, "XrequestId")[0]["what"]["identifier"]["value"] == "r1"


async def test_query_is_in_the_event_as_base64_of_what_was_asked(gateway: Gateway) -> None:
    asked = Entry("fhir:Patient:search", Action.EXECUTE, "search-type", query="Patient?name=Sam")
    await write(gateway, asked)
    (event,) = await found(gateway)
    encoded = next(one["query"] for one in event["entity"] if "query" in one)
    assert base64.b64decode(encoded) == b"Patient?name=Sam"


async def test_refusal_claims_no_profile(gateway: Gateway) -> None:
    await write(gateway, Entry("fhir:Task:read", Action.READ, "read", result=Result.DENIED))
    (event,) = await found(gateway)
    validate(event)
    assert (event["outcome"], "profile" in event["meta"]) == ("8", False)


async def test_the_assistant_is_never_the_user(gateway: Gateway) -> None:
    await write(gateway, READ, who=Who("turn", "c1"))
    (event,) = await found(gateway)
    assert not any(one["requestor"] for one in event["agent"])


async def test_act_that_is_no_fhir_interaction_is_recorded_by_its_tag(gateway: Gateway) -> None:
    async with gateway.database.transaction() as session:
        await audit.record_event(
            session, tag="consent:number:opt_out", agent="conversation/c1", patient="p1", now=NOW
        )
    (event,) = await found(gateway, ("patient", "p1"))
    validate(event)
    assert event["subtype"][1]["code"] == "consent:number:opt_out"
    assert event["agent"][0]["who"]["identifier"]["value"] == "conversation/c1"


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ((), 3),
        ((("patient", "p1"),), 2),
        ((("patient", "Patient/p1"), ("action", "C")), 1),
        ((("action", "C,R"),), 3),
        ((("entity", "Patient/7"),), 1),
        ((("entity", "Task/7"),), 0),
        ((("agent", "c2"),), 1),
        ((("agent", "Patient/p1"),), 2),
        ((("outcome", "8"),), 1),
        ((("subtype", "read"),), 2),
        ((("date", "2027-03-03"),), 3),
        ((("date", "2027-03"),), 3),
        ((("date", "gt2027-03-03T15:00:30Z"),), 1),
        ((("date", "ge2027-03-03T15:01:00Z"), ("date", "lt2027-03-03T15:02:00Z")), 1),
        ((("date", "lt2027-03-03"),), 0),
        ((("_count", "2"),), 2),
    ],
)
async def test_search_finds_what_matches(gateway: Gateway, params: Pairs, count: int) -> None:
    created = Entry(
        "fhir:Patient:create", Action.CREATE, "create", patient="p1", resource_type="Patient",
        resource_id="7",
    )  # fmt: skip
    await write(gateway, READ, created)
    denied = Entry("fhir:Task:read", Action.READ, "read", result=Result.DENIED)
    await write(gateway, denied, who=Who("client", "c2"), minute=1)
    assert len(await found(gateway, *params)) == count


async def test_pages_follow_each_other(gateway: Gateway) -> None:
    await write(gateway, *[READ] * 5)
    seen: list[str] = []
    cursor: tuple[tuple[str, str], ...] = ()
    async with gateway.database.transaction() as session:
        events = audit.Events(session, gateway.keyring)
        while True:
            page = await events.search((("_count", "2"), *cursor))
            seen += [one.id for one in page.entries]
            if page.next_cursor is None:
                break
            cursor = (("_cursor", page.next_cursor),)
    assert (len(seen), seen) == (5, sorted(set(seen), reverse=True))


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("shoe-size", "44", Unsupported),
        ("patient.name", "Sam", Unsupported),
        ("date", "yesterday", InvalidQuery),
        ("date", "2027-13-01", InvalidQuery),
        ("date", "zz2027", InvalidQuery),
        ("_count", "-1", InvalidQuery),
        ("patient", "Practitioner/p1", InvalidQuery),
        ("agent", "a\x00b", InvalidQuery),
    ],
)
async def test_what_cannot_be_searched_is_refused(
    gateway: Gateway, name: str, value: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await found(gateway, (name, value))


async def test_who_lists_every_act_on_one_patients_data(gateway: Gateway) -> None:
    await write(gateway, READ)
    await write(gateway, READ, who=Who("client", "c2"), minute=1)
    await write(gateway, Entry("fhir:Task:read", Action.READ, "read", patient="p2"))
    async with gateway.database.transaction() as session:
        rows = await audit.who(session, "p1")
    assert [row.agent_id for row in rows] == ["c1", "c2"]


async def test_event_that_never_was_is_not_found(gateway: Gateway) -> None:
    async with gateway.database.transaction() as session:
        with pytest.raises(NotFound):
            await audit.Events(session, gateway.keyring).read("nothing")
