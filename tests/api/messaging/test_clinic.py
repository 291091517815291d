"""A clinic's own settings are checked when they are read."""

import shutil
from pathlib import Path

import pytest
import yaml

from api.bootstrap import NLU_DATA
from api.core.language import Language
from api.messaging.clinic import Clinic, load_clinics

LOGO = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>'


def loaded(folder: Path, **changes: object) -> Clinic:
    shutil.copytree(NLU_DATA / "faq", folder, dirs_exist_ok=True)
    file = folder / "lakeside" / "clinic.yml"
    facts = {**yaml.safe_load(file.read_text("utf-8")), **changes}
    file.write_text(yaml.safe_dump(facts), "utf-8")
    (folder / "lakeside" / "logo.svg").write_text(LOGO, "utf-8")
    (folder / "lakeside" / "active.svg").write_text(LOGO.replace("path", "script"), "utf-8")
    return load_clinics(folder)["lakeside"]


def test_page_settings_have_defaults(tmp_path: Path) -> None:
    clinic = loaded(tmp_path)
    assert (clinic.facts.brand, clinic.facts.emergency_number) == ("#0a625e", "911")
    assert (clinic.logo, clinic.facts.greeting) == (None, None)


def test_page_settings_are_read(tmp_path: Path) -> None:
    greeting = {"en": "We are closed on June 19.", "es": "Cerramos el 19 de junio."}
    clinic = loaded(
        tmp_path, brand="#7A1F3D", logo="logo.svg", emergency_number="112", greeting=greeting
    )
    assert (clinic.facts.brand, clinic.facts.emergency_number) == ("#7a1f3d", "112")
    assert clinic.logo == LOGO.encode()
    assert clinic.facts.greeting is not None
    assert clinic.facts.greeting.words(Language.ES) == greeting["es"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"brand": "#9ad0c0"}, "choose a darker colour"),
        ({"brand": "red;}"}, "hexadecimal"),
        ({"logo": "../logo.svg"}, "logo"),
        ({"logo": "active.svg"}, "not <script>"),
        ({"emergency_number": "<b>"}, "emergency_number"),
        ({"greeting": {"en": "Hello."}}, "greeting.es"),
        ({"colour": "#000000"}, "colour"),
    ],
)
def test_setting_that_does_not_fit_stops_the_start_with_its_reason(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        loaded(tmp_path, **changes)
