"""Canaries: invented names, numbers and dates are nowhere in the clear but in the record itself."""

import asyncio
import json
import urllib.parse
from dataclasses import dataclass

import asyncpg

from api.commands.ports import embedded_url
from tests.support.patients import Phone, Visitor, World, inspector, staff
from tests.support.stack import Stack

NAME, NUMBER, BORN = "Zyxcanary", "+12125550177", "1983-07-19"
WORDS = "my knee hurts and my dog is called Quorndle"
# As people, forms and machines write them; a hit of any is a leak.
CANARIES = (
    NAME.lower(),
    "quorndle",
    "2125550177",
    "555-0177",
    "1983-07-19",
    "7/19/1983",
    "07/19/1983",
)
# The FHIR store is the record; the fake provider keeps what a real one keeps on its own machines.
RECORD = ("fhir_", "twilio_", "sandbox_")


def leaks(text: str) -> list[str]:
    plain = urllib.parse.unquote(text).lower()
    return [canary for canary in CANARIES if canary in plain]


def test_nothing_of_a_patient_is_in_the_clear_outside_the_record(
    world: World, stack: Stack
) -> None:
    made = staff(world).create(
        {
            "resourceType": "Patient",
            "active": True,
            "identifier": [{"system": "https://careline.example/mrn", "value": "6601"}],
            "name": [{"family": NAME, "given": ["Quill"]}],
            "telecom": [{"system": "phone", "value": NUMBER}],
            "birthDate": BORN,
        }
    )
    assert made.status_code == 201
    phone = Phone(world, NUMBER)
    phone.texts(f"i need a visit, {WORDS}, next week")
    phone.texts("yes")
    phone.texts("7/19/1983")
    phone.texts("1")
    inspector(world).found(f"Patient?birthdate={BORN}&phone={urllib.parse.quote(NUMBER)}")
    world.faults(fhir="down")  # an action that fails, with the words still in its hands
    phone.sends(f"no, another day for {NAME}, {WORDS}")
    visitor = Visitor.opens(world)
    visitor.sends(f"i am {NAME}, born {BORN}, {WORDS}")
    world.settle()
    world.faults(fhir="ok")
    world.settle()

    metrics = world.http.get("/metrics").text
    assert "careline_inbound_messages" in metrics
    assert leaks(metrics) == []
    for log in (stack.data_dir / "log").glob("*.log"):
        assert leaks(log.read_text("utf-8", "replace")) == [], log.name
    found = asyncio.run(dump(embedded_url(stack.data_dir)))
    assert found.tables > 20
    assert found.leaks == {}
    assert found.in_record, "the check itself sees the canary where it must be"


@dataclass(frozen=True)
class Dump:
    """How many tables there are, which leak what, and whether the record has its canaries."""

    tables: int
    leaks: dict[str, list[str]]
    in_record: bool


async def dump(url: str) -> Dump:
    """Every row of every table as text."""
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        found: dict[str, list[str]] = {}
        record = False
        for name in sorted(row["tablename"] for row in names):
            query = f'SELECT to_jsonb(t)::text AS row FROM "{name}" t'  # noqa: S608 -- its own table
            rows = await connection.fetch(query)
            text = "\n".join(row["row"] + _readable(row["row"]) for row in rows)
            if in_record(name):
                record = record or bool(leaks(text))
            elif leaks(text):
                found[name] = leaks(text)
    finally:
        await connection.close()
    return Dump(len(names), found, record)


def in_record(table: str) -> bool:
    return table.startswith(RECORD)


def _readable(row: str) -> str:
    """Bytes that are plain text after all, as an unsealed column would be."""
    values = (value for value in json.loads(row).values() if isinstance(value, str))
    raw = (bytes.fromhex(value[2:]) for value in values if value.startswith("\\x"))
    return "\n".join(each.decode("utf-8", "ignore") for each in raw)
