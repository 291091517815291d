"""What is served of others is what was pinned, and says whose it is."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from api.console import showing, words
from api.web import vendored

ROOT = Path(__file__).resolve().parents[3]
TOOL = ROOT / "deploy" / "vendor.py"
LOCK = json.loads((vendored.FOLDER / "lock.json").read_text("utf-8"))


def test_every_committed_file_is_the_one_that_was_locked() -> None:
    done = subprocess.run(
        [sys.executable, str(TOOL), "verify"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_file_that_differs_is_named(tmp_path: Path) -> None:
    copied = tmp_path / "api" / "web" / "static" / "vendor"
    for path in vendored.FOLDER.rglob("*"):
        if path.is_file():
            target = copied / path.relative_to(vendored.FOLDER)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    (tmp_path / "deploy").mkdir()
    tool = tmp_path / "deploy" / "vendor.py"
    tool.write_bytes(TOOL.read_bytes())
    (copied / "htmx.org" / "htmx.min.js").write_text("alert(1)", "utf-8")
    (copied / "htmx.org" / "more.js").write_text("alert(2)", "utf-8")
    done = subprocess.run(
        [sys.executable, str(tool), "verify"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "differs from the lock: htmx.org/htmx.min.js",
        "differs from the lock: htmx.org/more.js",
    ]


@pytest.mark.parametrize("spec", LOCK)
def test_each_package_has_its_licence_and_is_named_in_the_notice(spec: str) -> None:
    name, _, version = spec.rpartition("@")
    assert f"{name}/LICENSE" in LOCK[spec]["files"]
    assert LOCK[spec]["integrity"].startswith("sha512-")
    notice = (ROOT / "docs" / "third-party.md").read_text("utf-8")
    assert f"{name} {version}" in notice


def test_every_icon_of_a_page_is_in_the_sprite() -> None:
    drawn = set(re.findall(r'<symbol id="i-([a-z0-9-]+)"', vendored.sprite()))
    sources = [
        *(ROOT / "api" / "console" / "templates").glob("*.html"),
        *(ROOT / "api" / "console").glob("*.py"),
    ]
    named = {
        name
        for source in sources
        for name in re.findall(r'icon\("([a-z0-9-]+)"', source.read_text("utf-8"))
    }
    named |= {icon for _, _, icon in words.PRIORITIES.values()}
    named |= {icon for _, icon, _ in words.CARDS.values()}
    named |= {icon for _, _, _, icon, _ in showing.RAIL}
    assert named <= drawn


def test_script_is_named_with_the_digest_that_browsers_check() -> None:
    script = vendored.scripts()["htmx.min.js"]
    assert script.integrity == LOCK["htmx.org@4.0.1"]["files"]["htmx.org/htmx.min.js"]
    assert script.address == "/w/vendor/htmx.org@4.0.1/htmx.min.js"
