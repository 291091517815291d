"""`python -m tests.bench`: measures, prints the table, writes var/bench.json."""

import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import psutil

from api.processes.ports import kept_port
from tests.bench import plain_rasa
from tests.bench.burst_rows import burst_rows
from tests.bench.careline_world import rest, running_careline, second_engine, watching
from tests.bench.chat_rows import chat_rows
from tests.bench.console_page_rows import console_page_rows
from tests.bench.console_rows import console_rows
from tests.bench.engine_rows import Pair, engine_rows, training_row
from tests.bench.engines import Careline, PlainRasa, Started, cpu_s_of, plain_environment
from tests.bench.inbox_rows import inbox_rows
from tests.bench.memory_rows import memory_rows
from tests.bench.page_rows import greeting_rows
from tests.bench.patient_rows import Clinic, faq_row, growth_rows, offer_row, safety_row
from tests.bench.reminder_rows import reminder_rows
from tests.bench.rows import Row, table, write_report
from tests.bench.webhook_rows import acknowledgement_rows
from tests.support.patients import World

ROOT: Final = Path(__file__).resolve().parents[2]
WORK: Final = ROOT / "var" / "bench"
REPORT: Final = ROOT / "var" / "bench.json"
BOT: Final = ROOT / "bot"


def main() -> int:
    """Measure everything; 0 also when goals are missed: the table says which."""
    began, machine = time.monotonic(), f"{describe_machine()}, load {load()} at the start"
    say(f"bench: {machine}")
    rows = measure(lambda line: say(f"bench: {time.monotonic() - began:5.0f} s  {line}"))
    machine = f"{machine} and {load()} at the end"
    write_report(REPORT, rows, commit=commit(), machine=machine)
    say("\n" + table(rows))
    missed = [each.id for each in rows if not each.met]
    say(f"\n{len(rows) - len(missed)} of {len(rows)} goals met; {REPORT.relative_to(ROOT)} written")
    return 0


def measure(tell: Callable[[str], None]) -> list[Row]:
    """Every row. Training comes first, so that nothing else runs meanwhile."""
    WORK.mkdir(parents=True, exist_ok=True)
    tell("installing plain Rasa where it is missing")
    plain_rasa.ensure_environment()
    tell("training our model")
    ours_cpu_s = train_ours()
    tell("training plain Rasa where its model is missing, some minutes")
    model = plain_rasa.ensure_model(WORK / "plain")
    rows = [training_row(ours_cpu_s, model.cpu_s, was_kept=model.was_kept)]
    port = kept_port(5105)
    tell("starting plain Rasa, then Careline")
    plain_rasa.warm_up()
    with (
        plain_rasa.run(model, port=port, log=WORK / "plain.log") as process,
        running_careline() as world,
    ):
        plain = PlainRasa(f"http://127.0.0.1:{port}")
        tell("the engines alone")
        rows += measure_engines(world, plain, process)
        tell("whole turns of patients")
        rows += asyncio.run(measure_patients(world, plain))
        rows += measure_crowds(world, tell)
        tell("coming to rest")
        rest(world)
        rows += memory_rows(world, plain_mb=process.rss_mb)
    return rows


def measure_crowds(world: World, tell: Callable[[str], None]) -> list[Row]:
    """The rows of many at once: webhooks, chats, consoles, a long inbox, reminders."""
    tell("webhooks, 50 a second")
    rows = asyncio.run(acknowledgement_rows(world))
    tell("a thousand open chats")
    rows += asyncio.run(chat_rows(world, WORK))
    tell("fifty open consoles")
    rows += asyncio.run(console_rows(world))
    tell("the first greeting on a slow phone")
    rows += greeting_rows(world.base_url)
    tell("the inbox, long and very long")
    rows += asyncio.run(inbox_rows(world))
    tell("the console's page of a long inbox")
    rows += asyncio.run(console_page_rows(world))
    tell("reminders, a hundred thousand due and a million that wait")
    rows += asyncio.run(reminder_rows(world))
    tell("ten thousand reminders due at one instant, some minutes")
    return [*rows, *asyncio.run(burst_rows(world))]


def train_ours() -> float:
    """Train our model from nothing, into a folder that is thrown away."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        return cpu_s_of(
            [str(BOT / ".venv" / "bin" / "python"), "train.py", "--out", folder],
            cwd=BOT,
            environment=plain_environment(),
            log=WORK / "train.log",
        )


def measure_engines(world: World, plain: PlainRasa, plain_process: Started) -> list[Row]:
    """The rows of the two engines, ours one more process beside the one that serves."""
    port = kept_port(5205)
    token, start = second_engine(world, port=port, log=WORK / "engine.log")
    with start as process:
        ours = Careline(f"http://127.0.0.1:{port}", token)
        return engine_rows(Pair(ours, plain, process, plain_process))


async def measure_patients(world: World, plain: PlainRasa) -> list[Row]:
    """The rows of whole turns."""
    async with (
        watching(world) as watch,
        httpx.AsyncClient(base_url=world.base_url, timeout=60, trust_env=False) as http,
    ):
        clinic = Clinic(world, watch, http, plain)
        rows = [await faq_row(clinic), await offer_row(clinic), *await growth_rows(clinic)]
        return [*rows, await safety_row(clinic)]


def commit() -> str:
    """The commit that was measured; with a mark where files differ from it."""
    hash_ = _git("rev-parse", "HEAD")
    return f"{hash_}+changes" if _git("status", "--porcelain") else hash_


def describe_machine() -> str:
    """What figures of two runs can be compared by."""
    memory_gb = psutil.virtual_memory().total / 1024**3
    system = f"{platform.system()} {platform.release()}"
    return f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, {system}"


def load() -> str:
    """How many processes wanted a core over the last minute: above the cores, times are noise."""
    return f"{os.getloadavg()[0]:.1f}"


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _git(*words: str) -> str:
    asked = subprocess.run(
        ["git", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
