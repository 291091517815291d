import json

import pytest
from typer.testing import CliRunner, Result

from api.cli import build

TIME = ["time", "parse", "--zone", "America/New_York"]


def filtered(arguments: list[str], *lines: object) -> Result:
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    return CliRunner().invoke(build(arguments[:1]), arguments, input=text)


def answers(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_times_are_read_in_the_order_they_came() -> None:
    arguments = [*TIME, "--now", "2027-03-03T10:00:00-05:00", "--language", "en"]
    first, second = answers(filtered(arguments, {"text": "tomorrow at 9am"}, {"text": "hello"}))
    assert first["text"] == "tomorrow at 9am"
    assert (first["date"], first["time"], first["ambiguous"]) == ("2027-03-04", "09:00", False)
    assert (second["text"], second["date"], second["time"]) == ("hello", None, None)
    assert set(first) == {"text", "date", "time", "from", "to", "ambiguous", "reading"}


def test_present_of_a_line_comes_before_the_one_given() -> None:
    arguments = [*TIME, "--now", "2027-03-03T10:00:00-05:00"]
    (read,) = answers(filtered(arguments, {"text": "tomorrow", "now": "2027-06-01T10:00:00Z"}))
    assert read["date"] == "2027-06-02"


def test_spanish_is_read_by_its_own_rules() -> None:
    arguments = [*TIME, "--now", "2027-03-03T10:00:00-05:00", "--language", "es"]
    (read,) = answers(filtered(arguments, {"text": "mañana a las 9 de la mañana"}))
    assert (read["date"], read["time"]) == ("2027-03-04", "09:00")


def test_present_without_an_offset_is_wall_time() -> None:
    (read,) = answers(filtered([*TIME, "--now", "2027-03-03T23:30:00"], {"text": "tomorrow"}))
    assert read["date"] == "2027-03-04"


@pytest.mark.parametrize(
    "arguments",
    [
        ["time", "parse", "--zone", "Nowhere/Else", "--now", "2027-03-03T10:00:00Z"],
        TIME,
        [*TIME, "--now", "yesterday"],
        [*TIME, "--now", "2027-03-03T10:00:00Z", "--language", "fr"],
    ],
)
def test_bad_use_of_the_time_filter_is_told_by_its_exit_code(arguments: list[str]) -> None:
    assert filtered(arguments, {"text": "tomorrow"}).exit_code == 2


def test_alarms_are_told_by_level_and_rule() -> None:
    alarm, none = answers(
        filtered(["safety", "scan"], {"text": "chest pain"}, {"text": "book a visit"})
    )
    assert (alarm["level"], alarm["ask"]) == ("emergency", False)
    assert alarm["rule"]
    assert none == {"text": "book a visit", "level": "none", "rule": None, "ask": False}


@pytest.mark.parametrize("line", ["not json\n", '{"words": "x"}\n', '{"text": 7}\n', '["text"]\n'])
def test_line_that_cannot_be_read_is_told_by_number_only(line: str) -> None:
    result = filtered(["safety", "scan"], "\n", line)
    assert result.exit_code == 2
    assert result.stderr == "line 2 cannot be read\n"
