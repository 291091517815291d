"""What a turn must look like."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.core.channels.channel import CollectingOutputChannel

from channels.line import TEXT_CHARS, UNCLEAR, BadTurn, Line, Turn


def body(**changes: Any) -> dict[str, Any]:
    turn = {"conversation": "c:1", "turn": "t1", "text": "hello", "metadata": {"token": "x"}}
    return {**turn, **changes}


def said(text: str) -> str:
    turn = Turn.from_json(body(text=text))
    message = turn.message(channel="line", output=CollectingOutputChannel())
    spoken: str = message.text
    return spoken


def test_a_turn_becomes_the_engines_message() -> None:
    message = Turn.from_json(body()).message(channel="line", output=CollectingOutputChannel())
    assert (message.text, message.sender_id, message.message_id) == ("hello", "c:1", "t1")
    assert message.metadata == {"token": "x"}
    assert message.input_channel == "line"


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""},
        {"text": "  \n"},
        {"text": 7},
        {"text": None},
        {"text": "x" * (TEXT_CHARS + 1)},
        {"conversation": ""},
        {"conversation": "x" * 256},
        {"turn": 1},
        {"turn": ["t"]},
        {"metadata": None},
        {"metadata": "token"},
        {"channel": "rest"},
    ],
)
def test_what_is_no_turn_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadTurn):
        Turn.from_json(body(**changes))


@pytest.mark.parametrize("missing", ["conversation", "turn", "text", "metadata"])
def test_a_turn_without_one_of_its_fields_is_refused(missing: str) -> None:
    with pytest.raises(BadTurn):
        Turn.from_json({key: value for key, value in body().items() if key != missing})


@pytest.mark.parametrize("other", [None, [], "text", 3])
def test_a_body_of_another_kind_is_refused(other: object) -> None:
    with pytest.raises(BadTurn):
        Turn.from_json(other)


def test_the_longest_text_is_taken() -> None:
    assert said("x" * TEXT_CHARS) == "x" * TEXT_CHARS


@pytest.mark.parametrize(
    "command", ["/restart", " /restart", "//restart", "/ /restart", "\n/restart"]
)
def test_a_text_is_never_a_command(command: str) -> None:
    assert said(command) == "restart"


def test_slashes_alone_are_unclear() -> None:
    assert said("///") == UNCLEAR


def test_a_slash_inside_a_text_stays() -> None:
    assert said("150/95") == "150/95"


@pytest.mark.parametrize("token", [None, ""])
def test_the_channel_wants_a_token(token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RASA_TOKEN", raising=False)
    if token is not None:
        monkeypatch.setenv("RASA_TOKEN", token)
    with pytest.raises(KeyError):
        Line.from_credentials({})
