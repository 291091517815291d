"""What memory each process takes after the work of this run."""

from collections.abc import Mapping
from typing import Final

from tests.bench.engine_rows import MEMORY_GOAL, PLAIN
from tests.bench.rows import Against, Row, row
from tests.support.patients import World

# Together with an engine of 800 MB they leave a machine of 2 GB some room.
LIMITS_MB: Final[Mapping[str, float]] = {
    "api": 250.0,
    "worker": 250.0,
    "actions": 150.0,
    "postgres": 350.0,
}
ANY_OTHER_MB: Final = 150.0


def memory_rows(world: World, *, plain_mb: float) -> list[Row]:
    """A row for each process; the engine's peer is plain Rasa, the others have a limit."""
    processes = world.http.get("/sandbox/processes").json()["processes"]
    return [
        row(
            f"memory.{each['name']}",
            "resident memory at the end of the run, its children included",
            float(each["rss_mb"]),
            "MB",
            _against(each["name"], plain_mb),
        )
        for each in processes
    ]


def _against(name: str, plain_mb: float) -> Against:
    if name == "rasa":
        return Against(PLAIN, plain_mb, goal=MEMORY_GOAL)
    return Against("limit", LIMITS_MB.get(name, ANY_OTHER_MB), goal=1.0)
