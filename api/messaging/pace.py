"""How fast we hand texts to the provider: evenly, so many a second; answers do not queue.

What is over a sender's rate waits at the provider, for hours, and comes when nobody judges any
more whether it should. Waiting here, each is judged when it goes.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable


class Pace:
    """The rate of one sender in this process.

    Args:
        per_second: texts; None: as fast as it goes.
        monotonic, sleep: the machine's own, unless a test brings its own.
    """

    def __init__(
        self,
        per_second: float | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gap_s = 1 / per_second if per_second else 0.0
        self._monotonic = monotonic
        self._sleep = sleep
        self._free_at = monotonic()

    async def turn(self) -> None:
        """Wait for the next free turn; turns are given in the order in which they are asked for."""
        wait_s = self._take()
        if wait_s > 0:
            await self._sleep(wait_s)

    def at_once(self) -> None:
        """Take a turn without waiting for it: who comes later waits for longer."""
        self._take()

    def _take(self) -> float:
        now = self._monotonic()
        at = max(self._free_at, now)
        self._free_at = at + self._gap_s
        return at - now
