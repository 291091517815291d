"""Owns the translation of a message into the symbols that the grammar of both languages reads."""

import re
from collections.abc import Sequence
from functools import cache

from api.core.language import Language
from api.scheduling.reader import vocabulary_en, vocabulary_es
from api.scheduling.reader.lexer import Kind, Token, normalise, tokens
from api.scheduling.reader.spelling import nearest

type Phrases = dict[str, list[tuple[tuple[str, ...], str]]]

_PHRASES = {Language.EN: vocabulary_en.PHRASES, Language.ES: vocabulary_es.PHRASES}
_MARKS = {
    "@": "at",
    "%": "ms",
    "&": "and",
    "$": "cur",
    ",": ",",
    "-": "-",
    "(": ",",
    ")": "",
    '"': "",
    "'": "",
}
_YEARS = range(1900, 2101)
_LONGEST_WORD = 14
_TELLING = ("rd:", "wd:", "wds:", "mo:", "un:w", "pt:", "wke")


def symbols(text: str, language: Language) -> str:
    """Give the message as symbols with a space around each; equal for equal words and spacing."""
    pieces = list(tokens(normalise(text)))
    out: list[str] = []
    position = 0
    while position < len(pieces):
        step, symbol = _read(pieces, position, language)
        position += step
        if symbol:
            out.append(symbol)
    return f" {' '.join(out)} "


def _read(pieces: Sequence[Token], position: int, language: Language) -> tuple[int, str]:
    piece = pieces[position]
    if piece.text == "-" and _joins_numbers(pieces[position - 1 : position + 2], language):
        return 1, ""
    if piece.kind not in {Kind.WORD, Kind.MARK}:
        return 1, _figure(piece)
    for words, symbol in index(language).get(piece.text, ()):
        if _starts(pieces, position, words):
            return _tens(pieces, position, words, symbol, language)
    return 1, _single(piece, language)


def _starts(pieces: Sequence[Token], position: int, words: tuple[str, ...]) -> bool:
    if position + len(words) > len(pieces):
        return False
    return all(pieces[position + i].text == word for i, word in enumerate(words))


def _tens(
    pieces: Sequence[Token],
    position: int,
    words: tuple[str, ...],
    symbol: str,
    language: Language,
) -> tuple[int, str]:
    """Join "twenty" with the "three" behind it."""
    step = len(words)
    if symbol not in {"n:20", "n:30", "n:40", "n:50"}:
        return step, symbol
    following = pieces[position + step : position + step + 2]
    joint = 1 if following and following[0].text in {"-", "y"} else 0
    unit = _unit(following[joint].text, language) if len(following) > joint else ""
    if not unit:
        return step, symbol
    kind, value = unit.split(":")
    return step + joint + 1, f"{kind}:{int(symbol[2:]) + int(value)}"


def _joins_numbers(around: Sequence[Token], language: Language) -> bool:
    """Say whether the dash is that of "nine-thirty", written in words."""
    if len(around) != 3 or around[0].kind is not Kind.WORD or around[2].kind is not Kind.WORD:
        return False
    known = single_words(language)
    return all(known.get(piece.text, "").startswith("n:") for piece in (around[0], around[2]))


def _unit(word: str, language: Language) -> str:
    for words, symbol in index(language).get(word, ()):
        if len(words) == 1 and re.fullmatch(r"(?:n|ow):[1-9]", symbol):
            return symbol
    return ""


def _single(piece: Token, language: Language) -> str:
    if piece.kind is Kind.MARK:
        return _MARKS.get(piece.text, ".")
    word = piece.text.removesuffix("'s")
    known = single_words(language)
    if word in known:
        return known[word]
    if len(word) > _LONGEST_WORD:
        return "w"
    return nearest(word, known, language) or "w"


def _figure(piece: Token) -> str:
    """Give the symbol of a piece that is written with digits."""
    numbers = re.findall(r"\d+", piece.text)
    match piece.kind:
        case Kind.ISO | Kind.TRIPLE:
            return f"{'ymd' if piece.kind is Kind.ISO else 'tri'}:{'-'.join(numbers)}"
        case Kind.PAIR:
            return f"pair:{int(numbers[0])}-{int(numbers[1])}"
        case Kind.CLOCK:
            return _clock(piece)
        case Kind.DECIMAL:
            return f"dc:{numbers[0]}:{numbers[1]}"
        case Kind.PHONE | Kind.WORD | Kind.MARK:
            return "x"
        case Kind.HOURS | Kind.ORDINAL | Kind.NUMBER:
            return _whole(piece, numbers[0])


def _whole(piece: Token, digits: str) -> str:
    if piece.kind is Kind.HOURS:
        return f"hh:{int(digits)}"
    if piece.kind is Kind.ORDINAL:
        return f"o:{int(digits)}"
    if len(digits) <= 2:
        return f"n:{int(digits)}"
    if len(digits) == 4 and int(digits) in _YEARS:
        return f"yr:{digits}"
    return f"hm:{digits[:-2]}:{digits[-2:]}" if len(digits) <= 4 else "x"


def _clock(piece: Token) -> str:
    parts = re.findall(r"\d+", piece.text)
    if len(parts) == 1 and len(parts[0]) > 2:
        parts = [parts[0][:-2], parts[0][-2:]]
    hour, minute = int(parts[0]), int(parts[1]) if len(parts) > 1 else 0
    if hour > 24 or minute > 59:
        return "x"
    # "07:30", "7h30" and "15:30" are the 24-hour clock; "7:30" may be either half of the day.
    certain = hour > 12 or hour == 0 or parts[0].startswith("0") or "h" in piece.text
    return f"ck:{hour % 24}:{minute}:{piece.meridiem or ('x' if certain else 'u')}"


def speaks(text: str, language: Language) -> bool:
    """Say whether the text holds a word that names a time in this language and in no other."""
    return not strong_words(language).isdisjoint(re.findall(r"[a-z]{5,}", normalise(text)))


@cache
def strong_words(language: Language) -> frozenset[str]:
    """Give the long single words for days, months and parts of the day that only it has."""
    other = Language.ES if language is Language.EN else Language.EN
    return frozenset(
        word
        for word, symbol in single_words(language).items()
        if len(word) >= 5 and symbol.startswith(_TELLING) and word not in single_words(other)
    )


@cache
def index(language: Language) -> Phrases:
    """Give the phrases of a language by first word, longest first."""
    found: Phrases = {}
    for symbol, phrases in _PHRASES[language].items():
        for phrase in phrases.split("|"):
            words = tuple(phrase.split())
            found.setdefault(words[0], []).append((words, symbol))
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return found


@cache
def single_words(language: Language) -> dict[str, str]:
    """Give the phrases that are one word."""
    return {
        words[0]: symbol
        for entries in index(language).values()
        for words, symbol in entries
        if len(words) == 1
    }
