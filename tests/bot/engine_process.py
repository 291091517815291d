"""The running engine as the line sees it: started once, asked over HTTP, its log kept."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BOT = Path(__file__).resolve().parents[2] / "bot"
TOKEN = "engine-token-for-tests"
ACTIONS_TOKEN = "actions-token-for-tests"
READY_WITHIN_S = 120
UP = "Starting worker ["


@dataclass
class Answer:
    """An HTTP answer, its body read as JSON where there is one."""

    status: int
    body: Any


@dataclass
class Engine:
    """A started engine."""

    port: int
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    is_up: threading.Event = field(default_factory=threading.Event)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        authorization: bytes | None = f"Bearer {TOKEN}".encode(),
    ) -> Answer:
        """Send a body as it is when it is bytes, as JSON otherwise."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path)
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", str(len(content)))
        if authorization is not None:
            connection.putheader("authorization", authorization)
        connection.endheaders(content)
        response = connection.getresponse()
        read = response.read()
        connection.close()
        return Answer(response.status, json.loads(read) if read else None)

    def turn(self, text: str, *, conversation: str, turn: str = "turn-1") -> Answer:
        """Say something in a conversation."""
        body = {"conversation": conversation, "turn": turn, "text": text, "metadata": {}}
        return self.ask("POST", "/webhooks/line/turn", body)

    def responses(self, text: str, *, conversation: str, turn: str = "turn-1") -> list[str]:
        """Say something; give the names of the responses."""
        answer = self.turn(text, conversation=conversation, turn=turn)
        assert answer.status == 200
        return [message["response"] for message in answer.body["messages"]]

    def collect(self) -> None:
        """Read the log to its end."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            if UP in line:
                self.is_up.set()
        self.is_up.set()


@contextmanager
def started(model: Path, endpoints: Path, environment: Mapping[str, str]) -> Iterator[Engine]:
    """Start the engine on a free port, at the most talkative log level, and stop it at the end."""
    port = _free_port()
    arguments = ["run", "--enable-api", "--port", str(port), "-i", "127.0.0.1", "--debug"]
    files = [
        "--credentials",
        "credentials.yml",
        "--endpoints",
        str(endpoints),
        "--model",
        str(model),
    ]
    process = subprocess.Popen(
        [sys.executable, "run_engine.py", *arguments, *files],
        cwd=BOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    engine = Engine(port, process)
    reader = threading.Thread(target=engine.collect, daemon=True)
    reader.start()
    try:
        _wait_until_it_listens(engine)
        yield engine
    finally:
        process.terminate()
        process.wait(timeout=30)
        reader.join()
        assert process.stdout
        process.stdout.close()


def _wait_until_it_listens(engine: Engine) -> None:
    """Wait for its own line, then for the port, which opens a moment later."""
    assert engine.is_up.wait(READY_WITHIN_S)
    while engine.process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", engine.port), timeout=5).close()
        except ConnectionRefusedError:
            continue
        return
    raise AssertionError("".join(engine.lines[-20:]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
