"""The gateway's fixtures."""

from tests.support.gateway import clinic, clock, gateway

__all__ = ["clinic", "clock", "gateway"]
