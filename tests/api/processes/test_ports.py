import asyncio
import socket
from collections.abc import Iterator

import pytest

from api.processes.ports import LOOPBACK, answers, becomes_free, is_free, kept_port, status_of


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield listening


def test_kept_port_is_the_preferred_one(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    assert kept_port(port) == port


def test_taken_port_is_replaced_by_a_free_one(listener: socket.socket) -> None:
    taken = listener.getsockname()[1]
    found = kept_port(taken)
    assert found != taken
    assert is_free(found)


def test_port_that_another_careline_keeps_is_not_chosen_before_it_listens(
    listener: socket.socket,
) -> None:
    port = listener.getsockname()[1]
    listener.close()
    assert kept_port(port) == port
    assert is_free(port)
    assert kept_port(port) != port


async def test_port_that_stays_taken_does_not_become_free(listener: socket.socket) -> None:
    assert not await becomes_free(listener.getsockname()[1], within_s=0.01)


async def test_port_that_is_given_back_becomes_free(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    waiting = asyncio.create_task(becomes_free(port, within_s=60))
    await asyncio.sleep(0)
    listener.close()
    assert await waiting


async def test_service_answers_with_any_status() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, LOOPBACK, 0) as server:
        url = f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/"
        assert await answers(url)
        assert await status_of(url) == 503


async def test_nobody_answers_on_a_kept_port(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()
    assert not await answers(f"http://{LOOPBACK}:{port}/")
