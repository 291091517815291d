"""A one-time code as people type it."""

import pytest

from api.conversations.code_words import reads_code, wants_new_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("048213", "048213"),
        (" 048 213 ", "048213"),
        ("048-213", "048213"),
        ("0 4 8 2 1 3", "048213"),
        ("Code: 048213.", "048213"),
        ("it's 048213", "048213"),
        ("la clave es 048 213", "048213"),
        ("\uff10\uff14\uff18\uff12\uff11\uff13", "048213"),
        ("04821", "04821"),
        ("0482139", "0482139"),
    ],
)
def test_code_is_read_with_spaces_and_a_few_words(text: str, code: str) -> None:
    assert reads_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        *("", "no", "my code does not come", "212 555 0104", "+12125550104", "3/9/1979", "12:30"),
        *("book me for 3", "my room is 1204", "048213 or 048214", "\u0660\u0664\u0668\u0662\u0661"),
        "i have had this pain for 123456 years",
    ],
)
def test_other_messages_are_no_code(text: str) -> None:
    assert reads_code(text) is None


@pytest.mark.parametrize(
    "text", ["NEW CODE", "send me a new code please", "resend", "OTRA CLAVE", "otro código"]
)
def test_another_code_can_be_asked_for(text: str) -> None:
    assert wants_new_code(text)


@pytest.mark.parametrize("text", ["no code came", "what is a new code", "code", "new"])
def test_talk_about_codes_asks_for_none(text: str) -> None:
    assert not wants_new_code(text)
