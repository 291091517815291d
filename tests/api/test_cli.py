import sys

import pytest
from typer.testing import CliRunner

from api.cli import MODULES, build

EVERY_WORD = [word for words in MODULES.values() for word in words]


@pytest.mark.parametrize("word", EVERY_WORD)
def test_every_word_has_help(word: str) -> None:
    ended = CliRunner().invoke(build([word]), [word, "--help"])
    assert ended.exit_code == 0
    assert "Usage" in ended.output


def test_help_lists_every_word() -> None:
    listed = CliRunner().invoke(build([]), ["--help"]).output
    assert [word for word in EVERY_WORD if f" {word} " not in listed] == []


def test_unknown_word_is_bad_use() -> None:
    assert CliRunner().invoke(build(["dance"]), ["dance"]).exit_code == 2


def test_words_belong_to_one_module_each() -> None:
    assert len(EVERY_WORD) == len(set(EVERY_WORD))


def test_only_the_module_of_the_wanted_word_is_loaded() -> None:
    build(["doctor"])
    for module in MODULES:
        sys.modules.pop(module, None)
    build(["doctor"])
    assert [module for module in MODULES if module in sys.modules] == ["api.commands.doctor"]
