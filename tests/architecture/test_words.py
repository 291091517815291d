"""What is said to patients is in the catalogue; what things are called says something."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import place, product_files, tree_of

EMPTY_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "data", "info"})


@pytest.mark.parametrize("file", product_files("actions", "bot"), ids=place)
def test_engine_and_actions_speak_only_by_response_name(file: Path) -> None:
    assert [ast.unparse(node) for node in ast.walk(tree_of(file)) if _says_words(node)] == []


def test_domain_files_hold_names_of_responses_and_no_words() -> None:
    files = [file for folder in ("bot/domain", "bot/rules") for file in _yaml_files(folder)]
    assert files
    assert [place(file) for file in files if _has_words(file)] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {part: place(file) for file in product_files() for part in _name_parts(file)}
    assert {name: named[name] for name in EMPTY_NAMES & set(named)} == {}


def test_check_of_words_sees_every_way_to_say_them() -> None:
    for code in (
        "dispatcher.utter_message(text='Hello')",
        "dispatcher.utter_message('Hello')",
        "dispatcher.utter_message(json_message={'response': 'x'}, text=words)",
    ):
        assert any(_says_words(node) for node in ast.walk(ast.parse(code)))
    named = "dispatcher.utter_message(json_message={'response': 'greet'})"
    assert not any(_says_words(node) for node in ast.walk(ast.parse(named)))


def _says_words(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    by_keyword = any(keyword.arg == "text" for keyword in node.keywords)
    return node.func.attr == "utter_message" and (by_keyword or bool(node.args))


def _yaml_files(folder: str) -> list[Path]:
    return sorted((Path(__file__).resolve().parents[2] / folder).rglob("*.yml"))


def _has_words(file: Path) -> bool:
    lines = (line.strip().removeprefix("- ") for line in file.read_text("utf-8").splitlines())
    return any(line.startswith("text:") for line in lines)


def _name_parts(file: Path) -> tuple[str, ...]:
    return Path(place(file)).with_suffix("").parts
