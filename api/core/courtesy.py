"""Answers before everything that nobody waits for, within one process.

Its tasks share one processor: with a dozen of them at work on thousands of reminders, each step of
an answer would wait for a step of every other.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

# As long as most answers take. One that waits for a slow engine must not hold the others back.
PATIENCE_S = 0.5


class Courtesy:
    """Whether answers are being given, and waiting for them to be."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._answers = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """The block is an answer; others hold back meanwhile."""
        self._answers += 1
        self._none.clear()
        try:
            yield
        finally:
            self._answers -= 1
            if not self._answers:
                self._none.set()

    async def give_way(self) -> None:
        """Return once no answer is being given, or after a while."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), self._patience_s)
