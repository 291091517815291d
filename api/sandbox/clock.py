"""Setting the sandbox's clock: forward through everything that falls due, or back and begin anew.

Forward up to two weeks each due instant is stopped at and settled, in order; a longer jump lands
at its end, where the late policy applies.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import Clock, real_now, set_ahead
from api.core.db import Database
from api.sandbox.due import next_due

STEPPED_THROUGH = timedelta(days=14)


@dataclass(frozen=True)
class Stepper:
    """What moving the clock needs.

    Attributes:
        settle: waits until all is done that was due.
        top_up: adds free times up to the horizon.
        reset: brings the demo data back for that present.
    """

    database: Database
    clock: Clock
    settle: Callable[[], Awaitable[object]]
    top_up: Callable[[AsyncSession, datetime], Awaitable[object]]
    reset: Callable[[datetime], Awaitable[None]]


async def move_to(stepper: Stepper, target: datetime) -> None:
    """Set the clock to that instant; from there it ticks on.

    Raises:
        NotSettled: what fell due on the way was not done in time.
    """
    now = await stepper.clock.now()
    if target < now:
        await _set(stepper, target)
        await stepper.reset(target)
        return
    if target - now <= STEPPED_THROUGH:
        await _step_through(stepper, now, target)
    async with stepper.database.transaction() as session:
        await _advance(stepper, session, target)
        await stepper.top_up(session, target)
    await stepper.settle()


async def back_to_real(stepper: Stepper) -> None:
    """The system's time again, and the demo data for it."""
    async with stepper.database.transaction() as session:
        await set_ahead(session, timedelta())
    await stepper.reset(real_now())


async def _step_through(stepper: Stepper, start: datetime, target: datetime) -> None:
    """Stop at every instant at which something falls due; what that makes due is met as well."""
    await stepper.settle()
    reached = start
    while True:
        async with stepper.database.transaction() as session:
            due = await next_due(session, reached)
            if due is None or due > target:
                return
            await _advance(stepper, session, due)
        reached = due
        await stepper.settle()


async def _advance(stepper: Stepper, session: AsyncSession, target: datetime) -> None:
    """Forward only: while a step settled, the clock may have ticked past the next one."""
    if target > await stepper.clock.now():
        await set_ahead(session, target - real_now())


async def _set(stepper: Stepper, target: datetime) -> None:
    async with stepper.database.transaction() as session:
        await set_ahead(session, target - real_now())
