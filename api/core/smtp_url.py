"""SMTP_URL: which mail server, who we are there, and that the way to it is encrypted."""

from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from integrations.ports.mail import MailServer

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
PORTS: Final = {"smtp": 25, "smtps": 465}
SUBMISSION: Final = 587


class BadSmtpUrl(ValueError):
    """It must not be used; the words say why, and hold nothing of it."""


def read_smtp_url(url: str) -> MailServer:
    """Read `smtps://user:password@host:port/?from=address`, or `smtp://…` with `starttls=1`.

    Raises:
        BadSmtpUrl: no such address, no sender, or mail would cross a network in the clear.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadSmtpUrl("has no valid host and port") from None
    if parts.scheme not in PORTS or not host:
        raise BadSmtpUrl("must be smtps://host or smtp://host")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    is_tls, is_starttls = parts.scheme == "smtps", options.get("starttls") == "1"
    if not (is_tls or is_starttls or host in LOOPBACK):
        raise BadSmtpUrl("off this host must be smtps://, or smtp:// with starttls=1")
    user = unquote(parts.username or "")
    return MailServer(
        host=host,
        port=port or (SUBMISSION if is_starttls else PORTS[parts.scheme]),
        sender=_sender(options.get("from", user)),
        user=user,
        password=unquote(parts.password or ""),
        is_tls=is_tls,
        is_starttls=is_starttls and not is_tls,
    )


def _sender(address: str) -> str:
    """One plain address: a line break in it would forge headers."""
    if address.count("@") != 1 or not address.isprintable() or " " in address:
        raise BadSmtpUrl("needs the address that mails come from: from=address")
    return address
