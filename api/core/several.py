"""Doing the same for each of many, some at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable


async def for_each[T](
    those: Iterable[T],
    do: Callable[[T], Awaitable[object]],
    *,
    at_once: int,
    stop: asyncio.Event | None = None,
) -> None:
    """Do it for each, so many at once, begun in their order; a slow one holds up nobody else.

    Once `stop` is set no further one is begun. What one raises ends the whole.
    """
    left = iter(those)

    async def hand() -> None:
        for each in left:
            if stop is not None and stop.is_set():
                return
            await do(each)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(hand())
