"""Ports of this machine, and whether something answers on them."""

import asyncio
import fcntl
import os
import socket
import tempfile
from pathlib import Path
from typing import TextIO

import httpx

LOOPBACK = "127.0.0.1"
PROBE_TIMEOUT_S = 2.0
MOST_TRIES = 20
_KEPT: list[TextIO] = []


def is_free(port: int) -> bool:
    """Whether nobody listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def kept_port(preferred: int) -> int:
    """The preferred loopback port, or another free one; ours until this process ends.

    A service may listen on it much later, and again after a crash. The lock keeps another
    Careline of the same user from choosing it meanwhile; it goes with the process.

    Raises:
        OSError: none of many could be had.
    """
    for port in (preferred, *(unused_port() for _ in range(MOST_TRIES))):
        if is_free(port) and _keep(port):
            return port
    raise OSError("no free port")


def _keep(port: int) -> bool:
    folder = Path(tempfile.gettempdir()) / f"careline-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    lock = (folder / str(port)).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return False
    _KEPT.append(lock)
    return True


def unused_port() -> int:
    """A loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


async def becomes_free(port: int, *, within_s: float) -> bool:
    """Whether a port is free now or soon: a service that was just stopped holds it a moment."""
    deadline = asyncio.get_running_loop().time() + within_s
    while not is_free(port):
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True


async def answers(url: str) -> bool:
    """Whether a service answers at all, with whatever status."""
    return await status_of(url) is not None


async def status_of(url: str) -> int | None:
    """The status a service answers with; None where it does not answer."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=PROBE_TIMEOUT_S) as client:
            return (await client.get(url)).status_code
    except httpx.HTTPError:
        return None
