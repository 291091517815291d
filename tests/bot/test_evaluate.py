"""How understanding is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluate import ASKED, FLOORS, Example, Understood, main, read_examples, summarize


def understood(meant: str, taken_for: str, *, language: str = "en") -> Understood:
    return Understood(Example("text", meant, language), taken_for)


@pytest.mark.parametrize(
    ("meant", "taken_for", "is_right", "is_misrouted"),
    [
        ("greet", "greet", True, False),
        ("greet", "goodbye", False, True),
        ("greet", ASKED, False, False),
        ("out_of_scope", ASKED, True, False),
        ("out_of_scope", "greet", False, True),
        ("greet", "out_of_scope", False, True),
    ],
)
def test_asking_again_is_not_right_but_no_harm(
    meant: str, taken_for: str, is_right: bool, is_misrouted: bool
) -> None:
    one = understood(meant, taken_for)
    assert (one.is_right, one.is_misrouted) == (is_right, is_misrouted)


def test_shares_are_counted_by_language_and_intent() -> None:
    report = summarize(
        [
            understood("greet", "greet"),
            understood("greet", "thank"),
            understood("thank", "thank", language="es"),
            understood("thank", ASKED, language="es"),
        ]
    )
    assert report["all"] == {"texts": 4, "right": 0.5, "misrouted": 0.25}
    assert report["languages"]["es"] == {"texts": 2, "right": 0.5, "misrouted": 0.0}
    assert report["intents"]["greet"] == {"texts": 2, "right": 0.5, "misrouted": 0.5}


def test_a_floor_that_is_not_kept_is_named() -> None:
    kept = [understood(intent, intent) for intent in FLOORS]
    assert summarize(kept)["not_kept"] == []
    assert "human_handoff" in summarize([*kept, understood("human_handoff", ASKED)])["not_kept"]


def test_a_floor_without_texts_is_not_kept() -> None:
    assert set(FLOORS) <= set(summarize([understood("greet", "greet")])["not_kept"])


def test_examples_carry_the_language_of_their_file(tmp_path: Path) -> None:
    (tmp_path / "topic.es.yml").write_text(
        "version: '3.1'\nnlu:\n- intent: greet\n  examples: |\n    - hola\n    - buenos dias\n"
    )
    assert read_examples(tmp_path) == [
        Example("hola", "greet", "es"),
        Example("buenos dias", "greet", "es"),
    ]


def test_nothing_to_measure_is_no_success(tmp_path: Path) -> None:
    assert main(["--data", str(tmp_path)]) == 2
