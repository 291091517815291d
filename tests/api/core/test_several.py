"""Many things at once, and no more than were asked for."""

import asyncio

import pytest

from api.core.several import for_each


async def test_a_slow_one_holds_up_nobody_else() -> None:
    released, done = asyncio.Event(), list[int]()

    async def do(number: int) -> None:
        if number == 0:
            await released.wait()
        done.append(number)
        if number == 9:
            released.set()

    await for_each(range(10), do, at_once=2)
    assert done == [*range(1, 10), 0]


async def test_no_more_run_at_once_than_were_asked_for() -> None:
    running, most = 0, 0

    async def do(_number: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await for_each(range(20), do, at_once=3)
    assert most == 3


async def test_none_is_begun_once_it_is_to_stop() -> None:
    stop, done = asyncio.Event(), list[int]()

    async def do(number: int) -> None:
        done.append(number)
        if number == 2:
            stop.set()

    await for_each(range(10), do, at_once=1, stop=stop)
    assert done == [0, 1, 2]


async def test_what_one_raises_ends_the_whole() -> None:
    async def do(number: int) -> None:
        if number == 1:
            raise ValueError

    with pytest.raises(ExceptionGroup):
        await for_each(range(3), do, at_once=1)
