"""Our engine against plain Rasa: the same texts, by turns, on the same machine."""

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from tests.bench.engines import Engine, Started
from tests.bench.questions import MIXED
from tests.bench.rows import Against, Row, percentile, row

PLAIN: Final = "plain Rasa"
GOAL: Final = 0.7
MEMORY_GOAL: Final = 0.5
# A conversation of ours gets a new episode after ten turns; the peer gets a new sender as often.
TURNS_OF_A_SENDER: Final = 10
CONVERSATIONS: Final = tuple(
    MIXED[start : start + TURNS_OF_A_SENDER] for start in range(0, len(MIXED), TURNS_OF_A_SENDER)
)
ROUNDS: Final = 10
SENDERS: Final = 8
LOAD_S: Final = 15.0
MS: Final = 1000.0

type Measure = Callable[[Engine, Sequence[str]], list[float]]


@dataclass(frozen=True)
class Pair:
    """The two engines, each one process that was started for this."""

    ours: Engine
    plain: Engine
    our_process: Started
    plain_process: Started

    @property
    def both(self) -> tuple[Engine, Engine]:
        """Ours first."""
        return self.ours, self.plain


def engine_rows(pair: Pair) -> list[Row]:
    """Everything that is told of the engines alone."""
    return [
        *_latency_rows("turn", "one message put to the engine, answered and kept", pair, _turns),
        *_latency_rows("parse", "understanding one message", pair, _parses),
        _throughput_row(pair),
        _start_row(pair),
        _memory_row(pair),
    ]


def training_row(ours_cpu_s: float, plain_cpu_s: float, *, was_kept: bool) -> Row:
    """What training costs."""
    note = "; the peer's figure is of its first run on these inputs" if was_kept else ""
    what = f"processor time to train the model on the same examples{note}"
    return row("train.cpu_s", what, ours_cpu_s, "s", Against(PLAIN, plain_cpu_s, goal=GOAL))


def _latency_rows(id_: str, what: str, pair: Pair, measure: Measure) -> list[Row]:
    ours, plain = _by_turns(pair, measure)
    return [
        row(
            f"{id_}.p{per_cent}",
            f"{what}; {len(ours)} times",
            percentile(ours, per_cent),
            "ms",
            Against(PLAIN, percentile(plain, per_cent), goal=GOAL),
        )
        for per_cent in (50, 95)
    ]


def _by_turns(pair: Pair, measure: Measure) -> tuple[list[float], list[float]]:
    """Measure both by turns, so that what else the machine does hits both alike.

    The first round warms up and does not count.
    """
    took: tuple[list[float], list[float]] = ([], [])
    for a_round in range(ROUNDS + 1):
        for texts in CONVERSATIONS:
            for engine, times in zip(pair.both, took, strict=True):
                measured = measure(engine, texts)
                if a_round:
                    times.extend(measured)
    return took


def _turns(engine: Engine, texts: Sequence[str]) -> list[float]:
    """The milliseconds of each turn of one sender's conversation."""
    sender = uuid.uuid4().hex
    return [_ms(partial(_said, engine, sender, text)) for text in texts]


def _parses(engine: Engine, texts: Sequence[str]) -> list[float]:
    return [_ms(partial(engine.parse, text)) for text in texts]


def _ms(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * MS


def _said(engine: Engine, sender: str, text: str) -> None:
    """An engine that answers nothing would be fast, and worth nothing."""
    if not engine.turn(sender, text):
        silent = f"{engine.name} answered nothing"
        raise RuntimeError(silent)


def _throughput_row(pair: Pair) -> Row:
    ours, plain = (_turns_per_second(engine) for engine in pair.both)
    against = Against(PLAIN, plain, goal=2.0, more_is_better=True)
    what = f"messages answered by one engine process for {SENDERS} senders at once, {LOAD_S:g} s"
    return row("turns.per_second", what, ours, "1/s", against)


def _turns_per_second(engine: Engine) -> float:
    """Turns that ended in the time by the time; each sender waits for its answer."""
    until = time.perf_counter() + LOAD_S
    with ThreadPoolExecutor(SENDERS) as pool:
        counts = list(pool.map(lambda n: _talk(engine, n, until), range(SENDERS)))
    return sum(counts) / LOAD_S


def _talk(engine: Engine, number: int, until: float) -> int:
    done = 0
    while True:
        sender = uuid.uuid4().hex
        for text in CONVERSATIONS[(number + done // TURNS_OF_A_SENDER) % len(CONVERSATIONS)]:
            _said(engine, sender, text)
            if time.perf_counter() > until:
                return done
            done += 1


def _start_row(pair: Pair) -> Row:
    against = Against(PLAIN, pair.plain_process.start_s, goal=GOAL)
    what = "from the engine's command to a loaded model"
    return row("engine.start_s", what, pair.our_process.start_s, "s", against)


def _memory_row(pair: Pair) -> Row:
    against = Against(PLAIN, pair.plain_process.rss_mb, goal=MEMORY_GOAL)
    what = "resident memory of the engine after the same turns"
    return row("engine.rss_mb", what, pair.our_process.rss_mb, "MB", against)
