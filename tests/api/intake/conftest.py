"""A desk of forms over a small clinic's record, with the demo clinic's forms in it."""

from zoneinfo import ZoneInfo

import pytest

from api.gateway.service import Gateway
from api.intake.desk import Desk
from tests.support.forms import FORMS
from tests.support.gateway import clinic, clock, gateway, made

__all__ = ["clinic", "clock", "gateway"]


@pytest.fixture
async def desk(gateway: Gateway) -> Desk:
    for form in FORMS.values():
        await made(gateway, form)
    utc = ZoneInfo("UTC")
    return Desk(gateway.database, gateway.keyring, gateway.clock, gateway, utc)
