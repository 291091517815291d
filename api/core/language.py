"""The languages that patients are served in."""

from enum import StrEnum


class Language(StrEnum):
    """A language with a complete message catalogue."""

    EN = "en"
    ES = "es"
