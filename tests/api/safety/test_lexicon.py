"""Loading of the lexicon: clear errors, complete reviews."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from api.safety.lexicon import Level, LexiconError, load_lexicon

FOLDER: Final = Path(__file__).parents[3] / "nlu_data" / "red_flags"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "red_flags"))


def change(path: Path, how: Callable[[str], str]) -> None:
    path.write_text(how(path.read_text(encoding="utf-8")), encoding="utf-8")


def test_each_rule_names_its_ground_its_reviewer_and_both_languages() -> None:
    lexicon = load_lexicon(FOLDER)
    assert {level for level, _ in lexicon.rules} == {Level.CRISIS, Level.EMERGENCY, Level.URGENT}
    for _, rule in lexicon.rules:
        assert rule.source
        assert rule.reviewed_by
        assert rule.en
        assert rule.es
        assert rule.miss


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "crisis.yml").unlink()
    with pytest.raises(LexiconError, match=r"crisis\.yml"):
        load_lexicon(folder)


def test_an_unknown_field_is_named(folder: Path) -> None:
    change(folder / "urgent.yml", lambda text: text.replace("reviewed_by", "approved_by", 1))
    with pytest.raises(LexiconError, match=r"urgent\.yml: rules\.0"):
        load_lexicon(folder)


def test_broken_yaml_is_named(folder: Path) -> None:
    (folder / "emergency.yml").write_text("level: [", encoding="utf-8")
    with pytest.raises(LexiconError, match=r"emergency\.yml"):
        load_lexicon(folder)


def test_an_unknown_list_is_named_with_its_rule(folder: Path) -> None:
    change(folder / "urgent.yml", lambda text: text.replace("@fever", "@feever", 1))
    with pytest.raises(LexiconError, match=r"high_fever: no list named 'feever'"):
        load_lexicon(folder)


def test_a_rule_may_stand_only_once(folder: Path) -> None:
    change(folder / "urgent.yml", lambda text: text.replace("id: fainted", "id: stroke", 1))
    with pytest.raises(LexiconError, match="'stroke' stands twice"):
        load_lexicon(folder)
