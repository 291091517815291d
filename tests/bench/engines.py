"""The two dialogue engines as processes: started, asked over HTTP, measured, ended."""

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import httpx
import psutil

from api.processes.environment import own_environment, plain

STARTS_WITHIN_S: Final = 300
STOPS_WITHIN_S: Final = 30
LOOK_EVERY_S: Final = 0.05
BYTES_PER_MB: Final = 1024 * 1024


class Engine(Protocol):
    """An engine that answers."""

    name: str

    def turn(self, sender: str, text: str) -> int:
        """Say something as this sender; how many answers came back."""
        ...

    def parse(self, text: str) -> str:
        """The intent that the engine reads in a text."""
        ...


@dataclass
class Careline:
    """Ours, asked through the line's own channel."""

    url: str
    token: str
    name: str = "Careline"
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        self.http = _client(self.url, headers)

    def turn(self, sender: str, text: str) -> int:
        body = {
            "conversation": sender,
            "turn": uuid.uuid4().hex,
            "text": text,
            "metadata": {"token": "", "language": "en"},
        }
        return len(_answered(self.http.post("/webhooks/line/turn", json=body))["messages"])

    def parse(self, text: str) -> str:
        answer = self.http.post("/model/parse", params={"token": self.token}, json={"text": text})
        return str(_answered(answer)["intent"]["name"])


@dataclass
class PlainRasa:
    """Plain Rasa, asked through its stock REST channel."""

    url: str
    name: str = "plain Rasa"
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = _client(self.url, {})

    def turn(self, sender: str, text: str) -> int:
        body = {"sender": sender, "message": text}
        return len(_answered(self.http.post("/webhooks/rest/webhook", json=body)))

    def parse(self, text: str) -> str:
        answer = self.http.post("/model/parse", json={"text": text})
        return str(_answered(answer)["intent"]["name"])


@dataclass(frozen=True)
class Started:
    """A running engine process and how long its start took."""

    pid: int
    start_s: float

    @property
    def rss_mb(self) -> float:
        """Resident memory now."""
        return float(psutil.Process(self.pid).memory_info().rss) / BYTES_PER_MB


@contextmanager
def started(
    argv: list[str], *, cwd: Path, environment: Mapping[str, str], status_url: str, log: Path
) -> Iterator[Started]:
    """Run an engine from its command to the end of the block."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(argv, cwd=cwd, env=dict(environment), stdout=out, stderr=out)
        try:
            _wait_until(lambda: _has_model(status_url), process)
            yield Started(process.pid, time.monotonic() - began)
        finally:
            process.terminate()
            process.wait(STOPS_WITHIN_S)


def plain_environment() -> dict[str, str]:
    """What a program needs and no more; nothing is sent to the engine's maker."""
    return plain(own_environment()) | {"RASA_TELEMETRY_ENABLED": "false"}


def cpu_s_of(argv: list[str], *, cwd: Path, environment: Mapping[str, str], log: Path) -> float:
    """Run a command to its end; the seconds of processor time that it and its children took."""
    log.parent.mkdir(parents=True, exist_ok=True)
    before = os.times()
    with log.open("wb") as out:
        subprocess.run(argv, cwd=cwd, env=dict(environment), stdout=out, stderr=out, check=True)
    after = os.times()
    user_s = after.children_user - before.children_user
    return user_s + after.children_system - before.children_system


def _wait_until(is_done: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not is_done():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the engine did not start; see its log under var/bench")
        time.sleep(LOOK_EVERY_S)


def _has_model(status_url: str) -> bool:
    try:
        answer = httpx.get(status_url, timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK and bool(answer.json().get("model_file"))


def _client(url: str, headers: Mapping[str, str]) -> httpx.Client:
    return httpx.Client(base_url=url, headers=dict(headers), timeout=60, trust_env=False)


def _answered(answer: httpx.Response) -> Any:
    answer.raise_for_status()
    return answer.json()
