#!/usr/bin/env python3
"""The browser code of others: fetched once, pinned, committed. `sync` needs npm; `verify` nothing.

The lock names each package's version and licence, its tarball's sha512 as the registry signs it,
and the sha384 of every file that is taken from it. Our pages refuse a file that differs
(subresource integrity), and so does `verify`.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "api" / "web" / "static" / "vendor"
LOCK = FOLDER / "lock.json"
# Icons that the console's pages use.
ICONS = """
activity alarm-clock archive-restore arrow-left arrow-right bell bell-off bot building-2
calendar-clock calendar-days check check-check chevron-down circle-check circle-dot circle-help
clock clock-alert copy corner-up-left eye file-text globe hand heart-pulse history inbox info
keyboard languages link list-filter lock log-out mail map-pin message-square moon-star
panel-right pencil-line phone pill refresh-cw rotate-ccw search send shield shield-alert
shield-check
smartphone sticky-note trash-2 trending-down trending-up triangle-alert undo-2 user user-check
user-plus users wifi-off x
""".split()  # noqa: SIM905 -- a list to be read
WANTED = {
    "htmx.org@4.0.1": (
        "dist/htmx.min.js",
        "dist/ext/hx-csp.min.js",
        "dist/ext/hx-sse.min.js",
        "LICENSE",
    ),
    "lucide-static@1.62.0": (*(f"icons/{name}.svg" for name in ICONS), "LICENSE"),
}


def main() -> int:
    """Run `sync` or `verify`; 1 when something differs from the lock."""
    if sys.argv[1:] == ["sync"]:
        sync()
        return 0
    if sys.argv[1:] == ["verify"]:
        wrong = differing()
        for name in wrong:
            sys.stdout.write(f"differs from the lock: {name}\n")
        return 1 if wrong else 0
    sys.stdout.write("usage: vendor.py sync|verify\n")
    return 2


def sync() -> None:
    """Fetch what is wanted anew and write the lock."""
    lock = {spec: _fetch(spec, files) for spec, files in WANTED.items()}
    LOCK.write_text(json.dumps(lock, indent=1) + "\n", "utf-8")


def differing() -> list[str]:
    """Files that are not what the lock says, missing ones, and ones that it does not know."""
    lock = json.loads(LOCK.read_text("utf-8"))
    locked = {name: digest for each in lock.values() for name, digest in each["files"].items()}
    there = {
        str(path.relative_to(FOLDER)): _digest(path.read_bytes(), "sha384")
        for path in FOLDER.rglob("*")
        if path.is_file() and path != LOCK
    }
    return sorted(name for name in locked.keys() | there if locked.get(name) != there.get(name))


def _fetch(spec: str, files: tuple[str, ...]) -> dict[str, object]:
    known = _npm("view", spec, "dist.integrity", "license")
    with tempfile.TemporaryDirectory() as folder:
        tarball = Path(folder, _npm("pack", spec, cwd=folder)[0]["filename"])
        if _digest(tarball.read_bytes(), "sha512") != known["dist.integrity"]:
            raise SystemExit(spec + ": the tarball is not the one that was published")
        taken = _take(tarball, spec.rsplit("@", 1)[0], files)
    return {"integrity": known["dist.integrity"], "licence": known["license"], "files": taken}


def _take(tarball: Path, package: str, files: tuple[str, ...]) -> dict[str, str]:
    taken = {}
    with tarfile.open(tarball) as archive:
        for name in files:
            member = archive.extractfile(f"package/{name}")
            if member is None:
                raise SystemExit(package + ": no file " + name)
            content, path = member.read(), FOLDER / package / Path(name).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            taken[str(path.relative_to(FOLDER))] = _digest(content, "sha384")
    return taken


def _digest(content: bytes, algorithm: str) -> str:
    return f"{algorithm}-{base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def _npm(*arguments: str, cwd: str | None = None) -> dict | list:
    done = subprocess.run(  # noqa: S603 -- arguments of our own
        ["npm", *arguments, "--json"],  # noqa: S607 -- whichever npm is there
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
