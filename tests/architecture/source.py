"""The product's own source files, as the checks of its shape read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("api", "actions", "integrations", "bot")
NOT_WRITTEN_BY_HAND = ("api/migrations/versions", "bot/.venv")

type Function = ast.FunctionDef | ast.AsyncFunctionDef


def product_files(*folders: str) -> list[Path]:
    """Every Python file of these folders that a person wrote."""
    files = (file for folder in folders or PRODUCT for file in (ROOT / folder).rglob("*.py"))
    return sorted(file for file in files if not place(file).startswith(NOT_WRITTEN_BY_HAND))


def place(file: Path) -> str:
    """Where a file is, from the root."""
    return file.relative_to(ROOT).as_posix()


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def functions_of(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lines_of(function: Function) -> int:
    """Its lines from `def` to its end, without its docstring and its decorators."""
    first = function.body[0]
    return (function.end_lineno or 0) - function.lineno + 1 - _docstring_lines(function, first)


def _docstring_lines(function: Function, first: ast.stmt) -> int:
    if ast.get_docstring(function) is None:
        return 0
    return (first.end_lineno or 0) - first.lineno + 1
