"""What operators read says what there is."""

from pathlib import Path

import pytest

from api.core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_setting_is_documented(name: str) -> None:
    assert f"`{name.upper()}`" in (ROOT / "docs" / "settings.md").read_text("utf-8")


def test_changelog_begins_with_what_is_not_released() -> None:
    headings = [
        line
        for line in (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
        if line[:3] == "## "
    ]
    assert headings[0] == "## [Unreleased]"


@pytest.mark.parametrize("name", ["LICENSE", "SECURITY.md", "CONTRIBUTING.md", ".env.example"])
def test_what_every_project_has_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200
