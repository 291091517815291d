"""Others hold back while an answer is given, and not for ever."""

import asyncio

import pytest

from api.core.courtesy import Courtesy

LONG_S = 3_600.0


async def test_who_gives_way_goes_on_once_the_last_answer_is_given() -> None:
    courtesy = Courtesy(patience_s=LONG_S)
    await courtesy.give_way()
    with courtesy.answering():
        with courtesy.answering():
            waiting = asyncio.create_task(courtesy.give_way())
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_an_answer_that_fails_keeps_nobody_back() -> None:
    courtesy = Courtesy(patience_s=LONG_S)
    with pytest.raises(ValueError, match="nothing"), courtesy.answering():
        int("nothing")
    await courtesy.give_way()


async def test_nobody_is_kept_back_for_longer_than_patience_lasts() -> None:
    courtesy = Courtesy(patience_s=0)
    with courtesy.answering():
        await courtesy.give_way()
