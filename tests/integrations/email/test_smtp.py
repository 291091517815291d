"""The mailer against a real SMTP server: what it takes, refuses, cuts off and never answers."""

import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.email.smtp import SmtpMailer
from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.mail import Mail
from tests.integrations.email.conftest import HOST, SENDER, SHORT_S, Post, Tls, a_server, serving

MAIL = Mail(
    id="0192aa00-0000-7000-8000-000000000001",
    to="nurse@clinic.example",
    subject="SAFETY ALERT, please acknowledge: now",
    text="Safety alert.\n.hidden\n..twice\nhttps://care.example/console/conversations/1\n",
    at=datetime(2027, 3, 3, 15, 0, tzinfo=UTC),
)
LOGIN = {"user": "careline", "password": "secret:/@"}


async def test_what_was_written_is_what_arrives(mailer: SmtpMailer, post: Post) -> None:
    await mailer.send(MAIL)
    taken = post.taken[0]
    assert taken.get_content().splitlines() == MAIL.text.splitlines()
    assert (taken["From"], taken["To"], taken["Subject"]) == (SENDER, MAIL.to, MAIL.subject)
    assert taken["Message-ID"] == f"<{MAIL.id}@clinic.example>"
    assert taken["Date"] == "Wed, 03 Mar 2027 15:00:00 +0000"
    assert taken["Auto-Submitted"] == "auto-generated"


async def test_the_same_mail_again_has_the_same_message_id(mailer: SmtpMailer, post: Post) -> None:
    await mailer.send(MAIL)
    await mailer.send(MAIL)
    assert len({taken["Message-ID"] for taken in post.taken}) == 1


@pytest.mark.parametrize(
    ("hook", "reply", "code"),
    [("RCPT", "550 no such mailbox", "550"), ("DATA", "554 not that", "554")],
)
async def test_what_is_refused_for_good_is_rejected_with_the_servers_code(
    mailer: SmtpMailer, post: Post, hook: str, reply: str, code: str
) -> None:
    post.replies[hook] = reply
    with pytest.raises(Rejected) as refusal:
        await mailer.send(MAIL)
    assert refusal.value.code == code
    assert post.taken == []


@pytest.mark.parametrize(
    ("hook", "reply"),
    [
        ("MAIL", "421 closing"),
        ("MAIL", "550 we do not know you"),  # the operator's to mend: the mail must not be lost
        ("RCPT", "450 greylisted"),
        ("DATA", "452 disk full"),
    ],
)
async def test_what_is_refused_for_now_may_go_later(
    mailer: SmtpMailer, post: Post, hook: str, reply: str
) -> None:
    post.replies[hook] = reply
    with pytest.raises(Unreachable):
        await mailer.send(MAIL)
    assert post.taken == []
    post.replies.clear()
    await mailer.send(MAIL)
    assert len(post.taken) == 1


@pytest.mark.parametrize("hook", ["MAIL", "RCPT"])
@pytest.mark.parametrize("how", ["resets", "hangs"])
async def test_cut_off_before_the_data_nothing_was_taken(
    mailer: SmtpMailer, post: Post, how: str, hook: str
) -> None:
    getattr(post, how).add(hook)
    with pytest.raises(Unreachable):
        await mailer.send(MAIL)
    assert post.taken == []


@pytest.mark.parametrize("how", ["resets", "hangs"])
async def test_without_the_servers_word_for_the_data_nobody_knows(
    mailer: SmtpMailer, post: Post, how: str
) -> None:
    getattr(post, how).add("DATA")
    with pytest.raises(UnknownOutcome):
        await mailer.send(MAIL)
    assert len(post.taken) == 1


async def test_nobody_listens() -> None:
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        port = closed.getsockname()[1]
        with pytest.raises(Unreachable):
            await SmtpMailer(a_server(port), timeout_s=SHORT_S).send(MAIL)


async def test_tls_from_the_first_byte_with_a_login(post: Post, tls: Tls) -> None:
    options: dict[str, Any] = {"authenticator": post.authenticate, "auth_require_tls": False}
    async with serving(post, tls.server, **options) as port:
        server = a_server(port, is_tls=True, **LOGIN)
        await SmtpMailer(server, trusted=tls.client).send(MAIL)
    assert (post.users, len(post.taken)) == (["careline"], 1)


async def test_starttls_with_a_login(post: Post, tls: Tls) -> None:
    options: dict[str, Any] = {"authenticator": post.authenticate, "tls_context": tls.server}
    async with serving(post, require_starttls=True, **options) as port:
        server = a_server(port, is_starttls=True, **LOGIN)
        await SmtpMailer(server, trusted=tls.client).send(MAIL)
    assert (post.users, len(post.taken)) == (["careline"], 1)


async def test_a_wrong_password_may_be_mended(post: Post, tls: Tls) -> None:
    options: dict[str, Any] = {"authenticator": post.authenticate, "tls_context": tls.server}
    async with serving(post, require_starttls=True, **options) as port:
        server = a_server(port, is_starttls=True, user="careline", password="wrong")
        with pytest.raises(Unreachable):
            await SmtpMailer(server, trusted=tls.client).send(MAIL)
    assert post.taken == []


async def test_a_server_without_starttls_is_never_spoken_to_in_the_clear(post: Post) -> None:
    options: dict[str, Any] = {"authenticator": post.authenticate, "auth_require_tls": False}
    async with serving(post, **options) as port:
        server = a_server(port, is_starttls=True, **LOGIN)
        with pytest.raises(Unreachable):
            await SmtpMailer(server).send(MAIL)
    assert (post.users, post.taken) == ([], [])


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(post: Post, tls: Tls) -> None:
    async with serving(post, tls.server) as port:
        with pytest.raises(Unreachable):
            await SmtpMailer(a_server(port, is_tls=True)).send(MAIL)
    assert post.taken == []
