"""How many SMS segments a text takes.

Source: 3GPP TS 23.038 section 6.2.1 (GSM 7-bit default alphabet and its extension table);
160 characters alone and 153 in a series with it, 70 and 67 in UCS-2.
"""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")


def is_gsm7(text: str) -> bool:
    """Whether every character is in the GSM 7-bit alphabet or its extension."""
    return all(char in _BASIC or char in _EXTENSION for char in text)


def segments(text: str) -> int:
    """The number of segments that carriers bill for this text."""
    if is_gsm7(text):
        length = len(text) + sum(char in _EXTENSION for char in text)
        return _parts(length, alone=160, in_series=153)
    return _parts(len(text.encode("utf-16-be", "surrogatepass")) // 2, alone=70, in_series=67)


def _parts(length: int, *, alone: int, in_series: int) -> int:
    return 1 if length <= alone else -(-length // in_series)
