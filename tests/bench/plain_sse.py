"""A bare SSE service: FastAPI, queues in memory, nothing of ours.

What an open chat costs at the least: it knows nobody, stores nothing and forgets what it sends.
"""

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent

from tests.bench.engines import LOOK_EVERY_S, STARTS_WITHIN_S, STOPS_WITHIN_S, Started

ROOT: Final = Path(__file__).resolve().parents[2]
# As large as a short answer of ours with all that goes with it.
MESSAGE: Final = {"id": "0" * 36, "position": 2, "text": "x" * 80, "choices": [], "tone": "normal"}


def create_app() -> FastAPI:
    """The service."""
    app = FastAPI()
    chats: dict[int, asyncio.Queue[dict[str, object]]] = defaultdict(asyncio.Queue)

    @app.get("/events/{chat}", response_class=EventSourceResponse)
    async def events(chat: int) -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent(data={"owner": "bot"}, event="standing")
        while True:
            yield ServerSentEvent(data=await chats[chat].get(), event="message", id="2")

    @app.post("/say/{chat}")
    async def say(chat: int) -> None:
        chats[chat].put_nowait(MESSAGE)

    @app.post("/say")
    async def say_to_all() -> None:
        for queue in chats.values():
            queue.put_nowait(MESSAGE)

    return app


@contextmanager
def running(port: int, *, log: Path) -> Iterator[Started]:
    """The service as a process of its own, to the end of the block."""
    server = (sys.executable, "-m", "uvicorn", "tests.bench.plain_sse:create_app", "--factory")
    where = ("--host", "127.0.0.1", "--port", str(port), "--loop", "uvloop", "--no-access-log")
    goodbye = ("--timeout-graceful-shutdown", "1")
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen([*server, *where, *goodbye], cwd=ROOT, stdout=out, stderr=out)
        try:
            _wait_until_up(f"http://127.0.0.1:{port}/openapi.json", process)
            yield Started(process.pid, time.monotonic() - began)
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN_S)


def _wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(url, timeout=5, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(LOOK_EVERY_S)
        else:
            return
    raise RuntimeError("the bare SSE service did not start; see its log under var/bench")
