"""When the patient is asked again."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from components.asking import ASK, AskWhenUnsure

CONFIG = {"threshold": 0.4, "margin": 0.05, "thresholds": {"cheap": 0.2, "dear": 0.6}}


def ranking(best: str, confidence: float, *, runner_up: float = 0.0) -> list[dict[str, Any]]:
    return [
        {"name": best, "confidence": confidence},
        {"name": "other", "confidence": runner_up},
    ]


@pytest.mark.parametrize(
    ("best", "confidence", "runner_up", "is_unsure"),
    [
        ("usual", 0.41, 0.1, False),
        ("usual", 0.39, 0.1, True),
        ("cheap", 0.21, 0.1, False),
        ("cheap", 0.19, 0.1, True),
        ("dear", 0.59, 0.1, True),
        ("dear", 0.61, 0.1, False),
        ("usual", 0.45, 0.42, True),
        ("cheap", 0.3, 0.28, True),
    ],
)
def test_the_bar_is_as_high_as_a_mistake_is_dear(
    best: str, confidence: float, runner_up: float, is_unsure: bool
) -> None:
    ranked = ranking(best, confidence, runner_up=runner_up)
    assert AskWhenUnsure(CONFIG).is_unsure(ranked) is is_unsure


def processed(ranked: list[dict[str, Any]]) -> Message:
    first = ranked[0] if ranked else {"name": None, "confidence": 0.0}
    message = Message(data={"intent": first, "intent_ranking": ranked})
    return AskWhenUnsure(CONFIG).process([message])[0]


def test_an_unclear_message_is_asked_about_and_keeps_its_ranking() -> None:
    ranked = ranking("usual", 0.3)
    message = processed(ranked)
    assert message.get("intent")["name"] == ASK
    assert message.get("intent_ranking")[1:] == ranked


def test_a_clear_message_is_left_alone() -> None:
    ranked = ranking("usual", 0.9)
    message = processed(ranked)
    assert message.get("intent") == ranked[0]
    assert message.get("intent_ranking") == ranked


def test_a_message_that_could_not_be_ranked_is_asked_about() -> None:
    assert processed([]).get("intent")["name"] == ASK
