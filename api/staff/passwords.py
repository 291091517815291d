"""Passwords of staff: what one must be, how it is kept, and how it is compared."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from api.core.errors import CareError

# Argon2id, 46 MiB, one pass, one lane. Source: RFC 9106; OWASP Password Storage Cheat Sheet,
# first of the equally strong settings, read on 2026-11-22.
MEMORY_KIB: Final = 47_104
PASSES: Final = 1
LANES: Final = 1
# A computation takes its memory and a core for a tenth of a second: whoever sends many sign-ins
# at once waits in line instead of taking both from everybody.
AT_ONCE: Final = 4
# Source: NIST SP 800-63B-4 section 3.1.1.2, read on 2026-11-22: length and a list of what is
# known counts; rules on kinds of characters and forced changes do not.
MIN_CHARS: Final = 12
MAX_CHARS: Final = 256
LENGTH: Final = f"A password has {MIN_CHARS} to {MAX_CHARS} characters."
COMMON: Final = Path(__file__).with_name("common_passwords.txt")


class WeakPassword(CareError):
    """A password that is too easy to guess."""

    code = "weak_password"
    status = 422

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


def hasher(memory_kib: int = MEMORY_KIB) -> PasswordHasher:
    """What makes and compares hashes; it is slow on purpose and blocks."""
    return PasswordHasher(time_cost=PASSES, memory_cost=memory_kib, parallelism=LANES)


class Passwords:
    """Makes and compares hashes, a few at once, beside the event loop."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB) -> None:
        self._hasher = hasher(memory_kib)
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        self._nobodys = ""

    async def hash(self, password: str) -> str:
        """The hash to keep."""
        return await self._beside(self._hasher.hash, password)

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether a password is the one of a hash; without a hash the same work, and no."""
        if kept is None:
            self._nobodys = self._nobodys or await self.hash("nobody's password")
        right = await self._beside(self._verify, kept or self._nobodys, password)
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerificationError:
            return False

    async def _beside[T](self, work: Callable[..., T], *args: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *args)


def check_strength(password: str, *, email: str) -> None:
    """Refuse what is guessed first.

    Raises:
        WeakPassword: too short or too long, on the list of common ones, or made of the e-mail.
    """
    plain = password.casefold()
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise WeakPassword(LENGTH)
    if plain in {email.casefold(), *email.casefold().split("@")}:
        raise WeakPassword("The password must not be the e-mail address.")
    if len(set(plain)) < 5 or plain in COMMON.read_text("utf-8").split():
        raise WeakPassword("This password is one of those that are guessed first.")
