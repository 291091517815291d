"""`careline form`: what can be asked in a conversation, and why something cannot."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import build
from api.sandbox.forms import FOLDER

OFFICIAL = Path(__file__).parents[1] / "intake" / "official"


def _check(file: Path) -> tuple[int, str]:
    ran = CliRunner().invoke(build(["form"]), ["form", "check", str(file)])
    return ran.exit_code, ran.output


@pytest.mark.parametrize("name", ["visit-intake", "phq-9", "gad-7"])
def test_form_of_the_demo_clinic_can_be_asked(name: str) -> None:
    code, said = _check(FOLDER / f"{name}.json")
    assert (code, said.strip()) == (0, "It can be asked in a conversation.")


def test_form_that_cannot_be_asked_is_refused_with_every_reason() -> None:
    code, said = _check(OFFICIAL / "Questionnaire-3141.json")
    assert code == 1
    assert "(2.1.2): a choice without options" in said
    assert len(said.splitlines()) > 5


def test_file_that_is_no_json_is_told(tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_text("not json", "utf-8")
    code, said = _check(file)
    assert code == 2
    assert "no Questionnaire as JSON" in said
