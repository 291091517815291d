"""How often one address or one chat may ask. Counted in this process's memory.

A refused request has had no effect, so whoever repeats it after `Retry-After` loses nothing.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from api.core.addresses import is_this_machine
from api.core.errors import CareError


class TooOften(CareError):
    """Asked more often than anybody who chats."""

    code = "too_often"
    status = 429
    sentence = "That was too fast. Please wait a moment and try again."

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(retry_after_s)}


class Asked(StrEnum):
    """What is counted on its own."""

    SESSION = "session"
    CONFIRM = "confirm"
    MESSAGE = "message"


@dataclass(frozen=True)
class Rates:
    """How often each may be asked, as "20/minute" or "20/minute;200/hour"."""

    session: str
    confirm: str
    message: str


class Limits:
    """Counts, and refuses what comes too often."""

    def __init__(self, rates: Rates) -> None:
        self._rates: Mapping[Asked, list[RateLimitItem]] = {
            Asked.SESSION: parse_many(rates.session),
            Asked.CONFIRM: parse_many(rates.confirm),
            Asked.MESSAGE: parse_many(rates.message),
        }
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def count(self, asked: Asked, *, by: str, address: str) -> None:
        """Count a request by whom it is counted for; this machine itself may ask at will.

        Raises:
            TooOften: it was asked too often.
        """
        if is_this_machine(address):
            return
        for rate in self._rates[asked]:
            if not await self._limiter.hit(rate, asked, by):
                stats = await self._limiter.get_window_stats(rate, asked, by)
                raise TooOften(max(1, math.ceil(stats.reset_time - time.time())))
