"""Functions fit a screen and files a sitting."""

import ast
import statistics

import pytest

from tests.architecture.source import (
    Function,
    functions_of,
    lines_of,
    place,
    product_files,
    tree_of,
)

MEDIAN_LINES = 8
NINE_OF_TEN_LINES = 35
MOST_LINES = 50
MOST_FILE_LINES = 400


@pytest.fixture(scope="module")
def sizes() -> dict[str, int]:
    """Lines of every function, by where it stands."""
    return {
        f"{place(file)}:{function.lineno} {function.name}": lines_of(function)
        for file in product_files()
        for function in functions_of(tree_of(file))
    }


def test_half_of_the_functions_are_a_few_lines(sizes: dict[str, int]) -> None:
    assert statistics.median(sizes.values()) <= MEDIAN_LINES


def test_nine_of_ten_functions_fit_a_screen(sizes: dict[str, int]) -> None:
    assert statistics.quantiles(sizes.values(), n=10)[-1] <= NINE_OF_TEN_LINES


def test_no_function_is_too_long_to_review(sizes: dict[str, int]) -> None:
    assert {name: lines for name, lines in sizes.items() if lines > MOST_LINES} == {}


def test_no_file_is_too_long_to_read() -> None:
    lengths = {
        place(file): len(file.read_text(encoding="utf-8").splitlines()) for file in product_files()
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_FILE_LINES} == {}


def test_measure_leaves_out_docstrings_and_decorators() -> None:
    source = '@decorated\ndef one(\n    a,\n):\n    """Two\n    lines."""\n    return a\n'
    function: Function = next(functions_of(ast.parse(source)))
    assert lines_of(function) == 4
