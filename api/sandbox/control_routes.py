"""The sandbox's controls over HTTP: clock, settling, faults, state, processes, reset."""

from datetime import timedelta

from fastapi import APIRouter

from api.core.clock import real_now
from api.sandbox import service
from api.sandbox.faults import Fault, Service
from api.sandbox.schemas import (
    ClockState,
    Faults,
    Idle,
    Process,
    Processes,
    SetClock,
    SetFaults,
    State,
)
from api.sandbox.service import Sandbox

SAME = timedelta(seconds=1)


def router(sandbox: Sandbox) -> APIRouter:
    """The routes that testers drive the sandbox by."""
    routes = APIRouter(prefix="/sandbox", tags=["sandbox"])
    _add_clock(routes, sandbox)
    _add_faults(routes, sandbox)

    @routes.post("/settle")
    async def settle() -> Idle:
        """Wait until nothing is pending."""
        return Idle(idle=True, waiting=(await service.settle(sandbox)).waiting)

    @routes.get("/state")
    async def state() -> State:
        """Counts of what is where."""
        return await service.state(sandbox)

    @routes.get("/processes")
    async def processes() -> Processes:
        """Our processes, whether they serve, and what memory they take."""
        return Processes(processes=[Process(**vars(each)) for each in service.processes(sandbox)])

    @routes.post("/reset")
    async def reset() -> ClockState:
        """Everything but the audit back to the demo data."""
        await service.reset_all(sandbox)
        return await _clock(sandbox)

    return routes


def _add_clock(routes: APIRouter, sandbox: Sandbox) -> None:
    @routes.get("/clock")
    async def read_clock() -> ClockState:
        """What time it is for care."""
        return await _clock(sandbox)

    @routes.post("/clock")
    async def set_clock(wanted: SetClock) -> ClockState:
        """Move the clock; forward it meets everything that falls due on the way."""
        await service.set_clock(sandbox, wanted)
        return await _clock(sandbox)


def _add_faults(routes: APIRouter, sandbox: Sandbox) -> None:
    @routes.get("/faults")
    async def read_faults() -> Faults:
        """How every switch stands."""
        return _as_faults(await service.faults(sandbox))

    @routes.post("/faults")
    async def set_faults(wanted: SetFaults) -> Faults:
        """Move fault switches; the ones not named stay."""
        return _as_faults(await service.switch(sandbox, wanted.chosen()))


async def _clock(sandbox: Sandbox) -> ClockState:
    now = await sandbox.clock.now()
    return ClockState(now=now, real=abs(now - real_now()) < SAME)


def _as_faults(stand: dict[Service, Fault]) -> Faults:
    return Faults(**{each.value: fault.value for each, fault in stand.items()})
