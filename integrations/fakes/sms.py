"""An SMS provider in memory: keeps what it was handed, signs with a shared word, blocks numbers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import override

from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.sms import (
    REFUSED_OPTED_OUT,
    InboundSms,
    MalformedWebhook,
    NotAuthentic,
    SmsChannel,
    SmsState,
    StatusReport,
)

SIGNATURE = "signed"
INVALID_NUMBER = "21211"


@dataclass(frozen=True)
class SentSms:
    """A text that the provider took."""

    id: str
    to: str
    text: str
    status_callback: str
    at: datetime


@dataclass
class FakeSms(SmsChannel):
    """Takes texts at `now`.

    Attributes:
        sent: what it took, in order.
        blocked: numbers that opted out at the provider.
        is_down: nothing reaches it.
        loses_answers: it takes a text, and its answer never arrives.
        asked: how often it was asked what it has sent.
    """

    now: datetime
    sent: list[SentSms] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    is_down: bool = False
    loses_answers: bool = False
    asked: int = 0

    @override
    def read_inbound(
        self, url: str, form: list[tuple[str, str]], signature: str | None
    ) -> InboundSms:
        fields = _authentic(form, signature)
        try:
            return InboundSms(fields["MessageSid"], fields["From"], fields["Body"])
        except KeyError:
            raise MalformedWebhook from None

    @override
    def read_status(
        self, url: str, form: list[tuple[str, str]], signature: str | None
    ) -> StatusReport:
        fields = _authentic(form, signature)
        try:
            state = SmsState(fields["MessageStatus"])
            return StatusReport(fields["MessageSid"], state, fields.get("ErrorCode"))
        except (KeyError, ValueError):
            raise MalformedWebhook from None

    @override
    async def send(self, *, to: str, text: str, status_callback: str) -> str:
        self._reach()
        if to in self.blocked:
            raise Rejected(REFUSED_OPTED_OUT)
        if not to.startswith("+"):
            raise Rejected(INVALID_NUMBER)
        id_ = f"SM{len(self.sent):032x}"
        self.sent.append(SentSms(id_, to, text, status_callback, self.now))
        if self.loses_answers:
            raise UnknownOutcome
        return id_

    @override
    async def find_sent(self, *, to: str, text: str, since: datetime) -> tuple[str, ...]:
        self.asked += 1
        self._reach()
        return tuple(
            each.id
            for each in self.sent
            if each.to == to and each.text == text and each.at >= since
        )

    def texts_to(self, number: str) -> list[str]:
        """What this number was sent, in order."""
        return [each.text for each in self.sent if each.to == number]

    def _reach(self) -> None:
        if self.is_down:
            raise Unreachable


def _authentic(form: list[tuple[str, str]], signature: str | None) -> dict[str, str]:
    fields = dict(form)
    if signature != SIGNATURE or len(fields) != len(form):
        raise NotAuthentic
    return fields
