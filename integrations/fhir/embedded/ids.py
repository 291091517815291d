"""Ids of resources: UUIDs version 7, sorted by the time they were made."""

import os
import time
import uuid


def make_id() -> str:
    """A fresh UUID version 7 as text. Source: RFC 9562 section 5.7."""
    stamp_ms = time.time_ns() // 1_000_000
    value = (stamp_ms << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    return str(uuid.UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62)))
