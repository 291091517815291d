"""A plan in the record: every state it goes through, no medicine named, nothing for a mere move."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from api.core.ids import new_id
from api.gateway import projection
from api.gateway.interactions import Search
from api.gateway.service import Gateway, perform
from api.reminders import communication_requests, plans
from api.reminders.kinds import PlanState, ReminderKind, Stopped
from api.reminders.models import PlanRow
from api.reminders.schedule import Fixed, Recurring
from api.reminders.wall import Pattern
from api.reminders.wishes import Wish
from integrations.fhir.embedded.backend import EmbeddedBackend
from tests.api.reminders.conftest import EARLY, JOHN, Desk
from tests.support.gateway import STAFF, StoppedClock

NOW = datetime.fromisoformat(EARLY)
MEDICINE, VISIT = "MedicationRequest/metformin", "Appointment/visit"
NAME = "Metformin 500 mg"


def _doses(*hours: int, last_day: date | None = None) -> Wish:
    pattern = Pattern(tuple(time(hour) for hour in hours), date(2027, 3, 8), last_day)
    facts = {"medicine": NAME, "medication": "{}"}
    return Wish(ReminderKind.DOSE, MEDICINE, Recurring(pattern), facts)


def _visit(*walls: datetime) -> Wish:
    start = NOW + timedelta(days=3)
    return Wish(ReminderKind.VISIT, VISIT, Fixed(walls, start), {"with": "Dr Ruiz"})


async def _shown(desk: Desk) -> list[dict[str, Any]]:
    """What the record shows of plans once all is delivered: each version, oldest first."""
    gateway = Gateway(desk.database, EmbeddedBackend(new_id), desk.keyring, StoppedClock(NOW))
    async with desk.database.transaction() as session:
        keys = await projection.keys_to_deliver(session)
    for key in keys:
        await projection.deliver(gateway, key)
    query = Search("CommunicationRequest", (("subject", f"Patient/{JOHN}"),))
    found = (await perform(gateway, STAFF, query)).entries
    versions: list[dict[str, Any]] = []
    async with desk.database.engine.begin() as connection:
        fhir = gateway.backend.on(connection)
        for each in found:
            history = await fhir.history("CommunicationRequest", each.id)
            versions += [version.body for version in reversed(history)]
    return versions


async def _stop(desk: Desk, because: Stopped) -> None:
    async with desk.database.transaction() as session:
        await plans.stop(session, desk.keyring, MEDICINE, because, now=NOW)


async def test_running_plan_is_an_active_request_that_names_no_medicine(desk: Desk) -> None:
    await desk.keep(_doses(8, 20), NOW, is_own=True)
    (request,) = await _shown(desk)
    patient = {"reference": f"Patient/{JOHN}"}
    assert request["status"] == "active"
    assert request["subject"] == request["requester"] == patient
    assert request["recipient"] == [patient]
    assert request["about"] == [{"reference": MEDICINE}]
    assert request["occurrencePeriod"] == {"start": "2027-03-08T08:00:00-05:00"}
    assert request["medium"][0]["coding"][0]["code"] == "SMSWRIT"
    assert request["category"][0]["coding"][0]["code"] == "reminder"
    assert "payload" not in request
    assert NAME not in str(request)


async def test_stopped_plan_is_revoked_with_the_reason_and_can_be_taken_up_again(
    desk: Desk,
) -> None:
    await desk.keep(_doses(8), NOW)
    await _stop(desk, Stopped.BY_PATIENT)
    await _stop(desk, Stopped.BY_PATIENT)
    async with desk.database.transaction() as session:
        await plans.allow_again(session, MEDICINE)
    await desk.keep(_doses(9), NOW)
    first, second, third = await _shown(desk)
    assert [each["status"] for each in (first, second, third)] == ["active", "revoked", "active"]
    assert second["statusReason"]["coding"][0]["code"] == "by-patient"
    assert "statusReason" not in third
    assert len({each["id"] for each in (first, second, third)}) == 1


async def test_what_changes_nothing_is_told_once(desk: Desk) -> None:
    for _ in range(3):
        await desk.keep(_doses(8), NOW)
    await desk.claim_all(NOW + timedelta(days=2))
    assert len(await _shown(desk)) == 1
    assert await _tell_ended(desk) == 0


async def test_plan_at_its_end_is_completed_after_the_sweep(desk: Desk) -> None:
    await desk.keep(_doses(8, last_day=date(2027, 3, 9)), NOW)
    await desk.claim_all(NOW + timedelta(days=9))
    assert [each["status"] for each in await _shown(desk)] == ["active"]
    assert await _tell_ended(desk) == 1
    assert await _tell_ended(desk) == 0
    *_, last = await _shown(desk)
    assert last["status"] == "completed"
    assert last["occurrencePeriod"]["end"] == "2027-03-09T08:00:00-05:00"


@pytest.mark.parametrize(
    ("walls", "occurrence"),
    [
        (["2027-03-09T09:00:00"], {"occurrenceDateTime": "2027-03-09T09:00:00-05:00"}),
        (
            ["2027-03-09T09:00:00", "2027-03-11T03:00:00"],
            {
                "occurrencePeriod": {
                    "start": "2027-03-09T09:00:00-05:00",
                    "end": "2027-03-11T03:00:00-05:00",
                }
            },
        ),
    ],
)
async def test_visit_is_reminded_of_at_one_time_or_in_a_period(
    desk: Desk, walls: Sequence[str], occurrence: dict[str, object]
) -> None:
    await desk.keep(_visit(*map(datetime.fromisoformat, walls)), NOW)
    (request,) = await _shown(desk)
    assert {name: request[name] for name in request if name.startswith("occurrence")} == occurrence
    assert request["about"] == [{"reference": VISIT}]


async def test_plan_that_makes_no_sense_is_still_shown_as_stopped() -> None:
    row = PlanRow(
        id="p1",
        patient_id=JOHN,
        source=MEDICINE,
        zone="America/New_York",
        schedule={"times": "?"},
        is_own=False,
        state=PlanState.STOPPED,
        stopped_because=Stopped.UNREADABLE,
    )
    request = communication_requests.as_request(row)
    assert (request["status"], "occurrencePeriod" in request) == ("revoked", False)


async def _tell_ended(desk: Desk) -> int:
    async with desk.database.transaction() as session:
        return await communication_requests.show_ended(session, desk.keyring, now=NOW)
