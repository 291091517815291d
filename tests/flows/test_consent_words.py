"""The opt-in is kept with the exact words that were shown and the exact words that were said."""

import asyncio

import pytest

from api.commands.ports import embedded_url
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.consent.service import Act
from api.core.settings import load_settings
from api.main import process_ports
from tests.support.patients import Phone, World
from tests.support.stack import Stack

SAM = "+12125550101"


def test_a_yes_is_kept_with_the_words_that_were_shown(
    world: World, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = Phone(world, SAM)
    asked = phone.texts("what are your hours")[0]
    phone.texts("Yes, ok")
    monkeypatch.setenv("CARELINE_SECRETS_DIR", str(stack.data_dir / "secrets"))
    monkeypatch.setenv("DATABASE_URL", embedded_url(stack.data_dir))
    act = asyncio.run(newest_act())
    assert act is not None
    assert act.state is ConsentState.OPTED_IN
    assert act.shown == asked
    assert act.said == "Yes, ok"
    assert act.channel == "sms"
    assert act.evidence


async def newest_act() -> Act | None:
    ports = process_ports(load_settings())
    try:
        async with ports.database.transaction() as session:
            return await consent.words_of(session, ports.keyring, ports.keyring.lookup(SAM))
    finally:
        await ports.database.close()
