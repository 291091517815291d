"""Signing in over everything that runs: a person's way, and how it ends."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.support.console import PASSWORD, Browser, Coordinator
from tests.support.patients import Phone, World
from tests.support.stack import Stack

ROOT = Path(__file__).resolve().parents[2]
NURSE = "nurse@careline.example"


def test_newcomer_is_in_with_two_clicks(world: World) -> None:
    client = Browser(world.base_url)
    page = client.get("/console/inbox", follow=True)
    assert page.url.path == "/console/login"
    assert "Dana Reed, RN" in page.text
    chosen = client.get(f"/console/login?as={NURSE}&next=/console/inbox")
    form = {name: _value(chosen.text, name) for name in ("email", "password", "code", "next")}
    entered = client.post("/console/login", form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/console/inbox")
    # Again at once: the page shows the next code, as a code counts once.
    again = client.get(f"/console/login?as={NURSE}").text
    assert _value(again, "code") != form["code"]
    assert client.post("/console/login", form).status_code == 401


def test_locked_screen_shows_nothing_until_the_password_is_typed(world: World) -> None:
    nurse = Coordinator.signs_in(world, NURSE)
    assert nurse.post("/console/lock").headers["location"] == "/console/locked"
    assert nurse.get("/console/inbox").headers["location"].startswith("/console/locked")
    assert nurse.asks("/console/lock").status_code == 303
    assert nurse.post("/console/locked", password="wrong herons").status_code == 401
    assert nurse.post("/console/locked", password=PASSWORD).status_code == 303
    assert nurse.get("/console/inbox").status_code == 200


def test_time_of_care_is_not_the_time_of_sessions(world: World) -> None:
    nurse = Coordinator.signs_in(world, NURSE)
    world.clock(advance="P2D")
    assert nurse.get("/console/inbox").status_code == 200


def test_reset_ends_every_session(world: World) -> None:
    nurse = Coordinator.signs_in(world, NURSE)
    world.reset()
    assert nurse.get("/console/inbox").headers["location"].startswith("/console/login")
    assert Coordinator.signs_in(world, NURSE).get("/console/inbox").status_code == 200


def test_whoever_runs_the_server_adds_and_disables_people(
    world: World, careline: Callable[..., str]
) -> None:
    second = Coordinator.signs_in(world, "nurse2@careline.example")
    shown = careline("user", "reset-mfa", "oncall@careline.example")
    secret = parse_qs(urlsplit(shown.splitlines()[-1]).query)["secret"][0]
    assert len(secret) == 32
    Phone(world, "+12125550103").texts("PERSON")
    waits = re.findall(r"/console/conversations/([\w-]{36})", second.get("/console/inbox").text)
    assert second.post(f"/console/conversations/{waits[0]}/claim").status_code == 303
    gone = careline("user", "disable", "nurse2@careline.example")
    assert "back with the team: 1." in gone
    assert second.get("/console/inbox").headers["location"].startswith("/console/login")
    assert "nurse2@careline.example  nurse  Noah Bell, RN  disabled" in careline("user", "list")


def test_password_of_a_new_account_comes_over_standard_input(stack: Stack, world: World) -> None:
    def add(email: str, password: str) -> subprocess.CompletedProcess[str]:
        port = world.base_url.rsplit(":", 1)[-1]
        words = ("user", "add", email, "--role", "nurse", "--name", "Ada West, RN")
        return subprocess.run(
            [str(ROOT / "careline"), *words],
            env={"CARELINE_DATA_DIR": str(stack.data_dir), "CARELINE_PORT": port, "PATH": "/bin"},
            input=f"{password}\n",
            capture_output=True,
            text=True,
            check=False,
        )

    added = add("ada@clinic.example", "seven quiet herons")
    assert added.returncode == 0, added.stderr
    assert added.stdout.splitlines()[-1].startswith("otpauth://totp/Careline:ada%40clinic.example")
    assert add("ada@clinic.example", "seven quiet herons").returncode == 2
    weak = add("eve@clinic.example", "password1234")
    assert (weak.returncode, "guessed first" in weak.stderr) == (2, True)
    assert "password1234" not in weak.stderr + stack.log("api")


def _value(page: str, name: str) -> str:
    field = page.split(f'name="{name}"', 1)[1]
    return field.split('value="', 1)[1].split('"', 1)[0]
