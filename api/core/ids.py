"""Identifiers: one type each, so that two cannot be swapped, and one maker."""

import os
import time
import uuid
from typing import NewType

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
TurnId = NewType("TurnId", str)
PatientId = NewType("PatientId", str)
EscalationId = NewType("EscalationId", str)
BookingId = NewType("BookingId", str)


def new_id() -> str:
    """A fresh UUID version 7 as text: unique, and sorted by the time it was made.

    Source: RFC 9562 section 5.7. Real time, not the set clock: an id is never used twice, also
    when the sandbox clock goes back.
    """
    stamp_ms = time.time_ns() // 1_000_000
    value = (stamp_ms << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))
