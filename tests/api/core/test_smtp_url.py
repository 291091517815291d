"""SMTP_URL: what is read of it, and what is refused without repeating its secret."""

import pytest

from api.core.smtp_url import BadSmtpUrl, read_smtp_url
from integrations.ports.mail import MailServer

FROM = "from=careline@clinic.example"
SENDER = "careline@clinic.example"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            f"smtps://careline:p%40ss%2F@mail.example/?{FROM}",
            MailServer("mail.example", 465, SENDER, "careline", "p@ss/", is_tls=True),
        ),
        (
            f"smtp://mail.example/?starttls=1&{FROM}",
            MailServer("mail.example", 587, SENDER, is_starttls=True),
        ),
        (f"smtp://127.0.0.1:1025/?{FROM}", MailServer("127.0.0.1", 1025, SENDER)),
        (
            "smtps://careline%40clinic.example:secret@mail.example",
            MailServer("mail.example", 465, SENDER, SENDER, "secret", is_tls=True),
        ),
    ],
)
def test_what_it_says(url: str, server: MailServer) -> None:
    assert read_smtp_url(url) == server


@pytest.mark.parametrize(
    "url",
    [
        f"smtp://careline:secret@mail.example/?{FROM}",
        f"smtp://careline:secret@mail.example/?starttls=0&{FROM}",
        "smtps://careline:secret@mail.example/",
        f"https://careline:secret@mail.example/?{FROM}",
        f"smtps://careline:secret@/?{FROM}",
        f"smtps://careline:secret@mail.example:port/?{FROM}",
        "smtps://careline:secret@mail.example/?from=a@clinic.example%0ABcc:b@clinic.example",
        "secret",
    ],
)
def test_what_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(BadSmtpUrl) as refused:
        read_smtp_url(url)
    assert "secret" not in str(refused.value)


def test_password_is_not_printed() -> None:
    assert "hidden" not in repr(MailServer("mail.example", 465, SENDER, "careline", "hidden"))
