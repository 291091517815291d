"""The sandbox's use cases: texting as a phone, moving the clock, settling, faults, resetting."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.bootstrap import Ports
from api.core.clock import Clock, real_now
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.errors import CareError
from api.core.jobs import Job, wake
from api.core.settings import SANDBOX_CLINIC_NUMBER, SANDBOX_TWILIO_SID, SANDBOX_TWILIO_TOKEN
from api.messaging import inbox, lanes
from api.messaging.webhooks import INBOUND_PATH
from api.processes.list import ProcessInfo, read_processes
from api.processes.status import ProcessState
from api.sandbox import carrier, clock as clocks, queries, settle as settling
from api.sandbox.carrier import Account
from api.sandbox.clock import Stepper
from api.sandbox.courier import Courier
from api.sandbox.faults import Fault, Service, read_faults, set_faults
from api.sandbox.models import TwilioMessageRow
from api.sandbox.reset import reset
from api.sandbox.schemas import SetClock, State
from api.sandbox.seed import top_up
from api.sandbox.settle import Load, Settling
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.fhir import FhirBackend

ENGINE = "rasa"


class NotInSandbox(Exception):
    """The sandbox must not be loaded outside sandbox mode."""


class NotANumber(CareError):
    """No phone number."""

    code = "not_a_number"
    status = 422
    sentence = "Write the number like +12125550101."


class StillPending(CareError):
    """Something was still pending when patience ran out."""

    code = "still_pending"
    status = 504
    sentence = "Something is still pending. See /sandbox/state and /sandbox/processes."


@dataclass(frozen=True)
class Sandbox:
    """What the sandbox needs. `backend`: the store itself, without its fault switch."""

    database: Database
    keyring: Keyring
    clock: Clock
    backend: FhirBackend
    account: Account
    courier: Courier
    data_dir: Path
    busy: asyncio.Lock


def sandbox_of(ports: Ports, client: httpx.AsyncClient | None = None) -> Sandbox:
    """The sandbox over a process's ports.

    Raises:
        NotInSandbox: this process is not in sandbox mode.
    """
    settings = ports.settings
    if not settings.is_sandbox:
        raise NotInSandbox
    base = settings.base_url
    loopback = f"http://127.0.0.1:{settings.careline_port}"
    return Sandbox(
        database=ports.database,
        keyring=ports.keyring,
        clock=ports.clock,
        backend=EmbeddedBackend(),
        account=Account(
            SANDBOX_TWILIO_SID, SANDBOX_TWILIO_TOKEN, SANDBOX_CLINIC_NUMBER, base + INBOUND_PATH
        ),
        courier=Courier(
            ports.database,
            client or httpx.AsyncClient(base_url=loopback, timeout=15, trust_env=False),
            token=SANDBOX_TWILIO_TOKEN,
            public_url=base,
        ),
        data_dir=settings.careline_data_dir,
        busy=asyncio.Lock(),
    )


async def text_as(sandbox: Sandbox, number: str, body: str) -> str:
    """Text the clinic from this phone; the provider has it before this returns.

    Raises:
        NotANumber: no phone number.
    """
    if not carrier.is_number(number):
        raise NotANumber
    now = await sandbox.clock.now()
    async with sandbox.database.transaction() as session:
        sid = await carrier.text_in(session, sandbox.account, number, body, now=now)
    sandbox.courier.ring()
    return sid


async def thread_of(sandbox: Sandbox, number: str) -> list[TwilioMessageRow]:
    """Every text of a phone, in order.

    Raises:
        NotANumber: no phone number.
    """
    if not carrier.is_number(number):
        raise NotANumber
    async with sandbox.database.transaction() as session:
        return await carrier.of_phone(session, number)


async def set_clock(sandbox: Sandbox, wanted: SetClock) -> None:
    """Move the clock.

    Raises:
        StillPending: what fell due on the way was not done in time.
    """
    async with sandbox.busy:
        try:
            await _move(sandbox, wanted)
        except settling.NotSettled:
            raise StillPending from None


async def settle(sandbox: Sandbox) -> Load:
    """Wait until nothing is pending.

    Raises:
        StillPending: there still is.
    """
    try:
        return await settling.settle(_settling(sandbox))
    except settling.NotSettled:
        raise StillPending from None


async def switch(sandbox: Sandbox, faults: dict[Service, Fault]) -> dict[Service, Fault]:
    """Move fault switches. What backed off from a service that works again is tried at once."""
    async with sandbox.database.transaction() as session:
        await set_faults(session, faults)
        if Fault.OK in faults.values():
            await _try_again_now(session)
        return await read_faults(session)


async def faults(sandbox: Sandbox) -> dict[Service, Fault]:
    """How every switch stands."""
    async with sandbox.database.transaction() as session:
        return await read_faults(session)


async def state(sandbox: Sandbox) -> State:
    """Counts of what is where."""
    now = await sandbox.clock.now()
    async with sandbox.database.transaction() as session:
        came_in = await queries.inbox_by_state(session)
        return State(
            inbox=came_in,
            outbox=await queries.outbox_by_state(session),
            dead_letters=came_in.get("dead", 0),
            due_rows=await settling.count_due(session, now),
            unacknowledged_escalations=await queries.unacknowledged_escalations(session),
        )


async def reset_all(sandbox: Sandbox) -> None:
    """Everything but the audit back to the demo data, for the present as the clock is set."""
    async with sandbox.busy:
        await _reset_at(sandbox, await sandbox.clock.now())


def processes(sandbox: Sandbox) -> list[ProcessInfo]:
    """Our processes as their supervisor sees them."""
    return read_processes(sandbox.data_dir)


async def _move(sandbox: Sandbox, wanted: SetClock) -> None:
    stepper = _stepper(sandbox)
    if wanted.now is not None:
        await clocks.move_to(stepper, wanted.now)
    elif wanted.advance is not None:
        await clocks.move_to(stepper, await sandbox.clock.now() + wanted.advance)
    else:
        await clocks.back_to_real(stepper)


def _stepper(sandbox: Sandbox) -> Stepper:
    async def fill(session: AsyncSession, now: datetime) -> object:
        return await top_up(session, sandbox.backend, now=now)

    return Stepper(
        database=sandbox.database,
        clock=sandbox.clock,
        settle=lambda: settling.settle(_settling(sandbox)),
        top_up=fill,
        reset=lambda now: _reset_at(sandbox, now),
    )


def _settling(sandbox: Sandbox) -> Settling:
    return Settling(sandbox.database, sandbox.clock, lambda: _engine_is_away(sandbox))


def _engine_is_away(sandbox: Sandbox) -> bool:
    engine = [each for each in processes(sandbox) if each.name == ENGINE]
    return bool(engine) and engine[0].state is not ProcessState.UP


async def _reset_at(sandbox: Sandbox, now: datetime) -> None:
    await reset(sandbox.database, sandbox.backend, sandbox.keyring, now=now)


async def _try_again_now(session: AsyncSession) -> None:
    """Back-off is for a world that says nothing; here it is known that the service is back."""
    await session.execute(text("UPDATE inbound SET not_before = NULL WHERE state = 'pending'"))
    await session.execute(text("UPDATE outbound SET retry_at = NULL WHERE state = 'ready'"))
    await session.execute(text("UPDATE projection SET retry_at = NULL WHERE done_at IS NULL"))
    for conversation in await inbox.conversations_to_drain(session):
        await wake(session, Job.DRAIN_CONVERSATION, conversation)
    for each in await lanes.conversations_to_deliver(session, real_now()):
        await wake(session, Job.DELIVER_OUTBOX, each.conversation)
