"""Patients' text brought to one plain form, so that rules compare letters and not typography."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

# No channel carries more than a few thousand characters. What is longer is pasted or hostile:
# its beginning and its end are read, so that nothing can be hidden behind padding on either side.
MAX_CHARS: Final = 20_000
_HEAD_CHARS: Final = 14_000
_TAIL_CHARS: Final = MAX_CHARS - _HEAD_CHARS - 1

_APOSTROPHES: Final = "'’‘‛`´ʼʹʻʽ′＇՚Ꞌꞌ"  # noqa: RUF001 - look-alikes are the point

# Capitals first: the Greek capital nu looks like N, but the small one looks like v.
_CAPITAL_LOOKALIKES: Final = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЈЅԌԚԜ",
    "ABEZHIKMNOPTYXABEKMHOPCTYXIJSGQW",
)
_SMALL_LOOKALIKES: Final = str.maketrans(
    "αβεικνορτυχγηавекмнорстухіјѕԁһԛԝıłøđɑɡɩᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
    "abeiknoptuxynabekmhopctyxijsdhqwilodagiabcdefghijklmnoprstuvwyz",
)
# White letters on a black ground ("🆂🆃🅾🅿") have no decomposition in Unicode.
_BADGES: Final = {first + i: chr(ord("a") + i) for first in (0x1F150, 0x1F170) for i in range(26)}
_BEFORE: Final = {ord(mark): None for mark in _APOSTROPHES} | _BADGES

_SPACES: Final = re.compile(r"\s+")
_WORD: Final = re.compile(r"[^\W_]+")
# Format characters, joining marks, lone surrogates, private use, and skin tones.
_DROPPED_CATEGORIES: Final = frozenset({"Cf", "Mn", "Me", "Cs", "Co", "Cn"})


def fold(text: str) -> str:
    """Return the text as plain small letters, the same for every way of decorating it.

    Compatibility forms (full width, mathematical, circled), accents, zero-width and direction
    marks, apostrophes, emoji modifiers and Latin look-alikes of other alphabets are gone; white
    space is single. Emoji and punctuation stay. Never raises, is idempotent, and reads at most
    `MAX_CHARS` characters (beginning and end).
    """
    return _capped(_spaced(_plain(_capped(text))))


def words(text: str) -> list[str]:
    """Return the folded words and numbers of the text, without punctuation and emoji."""
    return _WORD.findall(fold(text))


def _capped(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    return f"{text[:_HEAD_CHARS].rstrip()} {text[-_TAIL_CHARS:].lstrip()}"


def _plain(text: str) -> str:
    if text.isascii():
        return text.translate(_BEFORE).lower()
    text = unicodedata.normalize("NFKD", text.translate(_BEFORE))
    text = "".join(_kept(text)).translate(_CAPITAL_LOOKALIKES).casefold()
    text = unicodedata.normalize("NFKD", text)
    return "".join(_kept(text)).translate(_SMALL_LOOKALIKES).translate(_BEFORE)


def _kept(text: str) -> list[str]:
    return [char for char in text if not _is_dropped(char)]


def _spaced(text: str) -> str:
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    return _SPACES.sub(" ", text).strip()


@lru_cache(maxsize=4096)
def _is_dropped(char: str) -> bool:
    is_skin_tone = "\U0001f3fb" <= char <= "\U0001f3ff"
    return is_skin_tone or unicodedata.category(char) in _DROPPED_CATEGORIES
