"""A real SMTP server that misbehaves where a test wants it to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.email.smtp import SmtpMailer
from integrations.ports.mail import MailServer

HOST = "127.0.0.1"
SENDER = "careline@clinic.example"
SHORT_S = 0.3


@dataclass
class Post:
    """The server's side.

    Attributes:
        taken: what it took, in order.
        replies: what it answers instead, by hook (MAIL, RCPT, DATA).
        resets: hooks at which it cuts the connection.
        hangs: hooks at which it never answers.
    """

    taken: list[EmailMessage] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    resets: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    users: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_MAIL(  # noqa: N802 -- the library's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", server)

    async def handle_RCPT(  # noqa: N802 -- the library's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = await self._answer("RCPT", server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 -- the library's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if "DATA" not in self.replies:
            assert isinstance(envelope.content, bytes)
            self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return await self._answer("DATA", server)

    async def _answer(self, hook: str, server: SMTP) -> str:
        if hook in self.resets:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if hook in self.hangs:
            await self.over.wait()
        return self.replies.get(hook, "250 fine")

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        self.users.append(given.login.decode())
        return AuthResult(success=given.password == b"secret:/@", handled=False)


@asynccontextmanager
async def serving(
    post: Post, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """Serve on a free port, over TLS from the first byte if a context is given."""
    loop = asyncio.get_running_loop()
    spoken: list[SMTP] = []

    def make() -> SMTP:
        spoken.append(SMTP(post, loop=loop, hostname="mail.example", **options))
        return spoken[-1]

    server = await loop.create_server(make, HOST, 0, ssl=tls)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        post.over.set()
        server.close()
        for each in spoken:
            if isinstance(each.transport, asyncio.Transport):
                each.transport.abort()
        await asyncio.sleep(0)


def a_server(port: int, **more: Any) -> MailServer:
    return replace(MailServer(HOST, port, SENDER), **more)


@pytest.fixture
async def post() -> Post:
    return Post()


@pytest.fixture
async def mailer(post: Post) -> AsyncIterator[SmtpMailer]:
    """Over a server on this host, with little patience."""
    async with serving(post) as port:
        yield SmtpMailer(a_server(port), timeout_s=SHORT_S)


@dataclass(frozen=True)
class Tls:
    """A certificate for this host: the server's side, and a client that believes it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    _write_certificate(file)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return Tls(server, ssl.create_default_context(cafile=str(file)))


def _write_certificate(file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
