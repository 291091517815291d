"""The reviewed lexicon of red flags, read from `nlu_data/red_flags` and compiled once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.safety.patterns import Matcher, Pattern, PatternError, parse, vocabulary
from api.safety.spelling import Speller, Spelling

RULE_FILES: Final = ("crisis.yml", "emergency.yml", "urgent.yml")
LANGUAGE_FILE: Final = "language.yml"
REAL_WORDS_FILE: Final = "real_words.txt"

type _Lists = Mapping[str, Sequence[str]]


class Level(StrEnum):
    """How fast a person must act, gravest first."""

    CRISIS = "crisis"
    EMERGENCY = "emergency"
    URGENT = "urgent"
    NONE = "none"


class LexiconError(ValueError):
    """A file of the lexicon is missing or wrong; the message says which and why."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Strict):
    """One red flag: what is said, what is never meant, who reviewed it and on what ground.

    `maybe` patterns only ask. `fades` is false where a sign that has passed is as grave as one
    that lasts (a stroke's); `supposed` is false where even "what if" is an alarm.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    source: str = Field(min_length=3)
    reviewed_by: str = Field(min_length=3)
    reviewed_on: date
    en: tuple[str, ...] = ()
    es: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    fades: bool = True
    supposed: bool = True
    hit: tuple[str, ...] = Field(min_length=1)
    miss: tuple[str, ...] = ()


class _RuleFile(_Strict):
    level: Level
    rules: tuple[Rule, ...]


class Context(StrEnum):
    """What may stand around a red flag and change what it means."""

    NEGATION = "negation"
    VERB_NEGATION = "verb_negation"
    DOUBT = "doubt"
    ASSERTION = "assertion"
    PAST = "past"
    TOLD = "told"
    NOW = "now"
    TODAY = "today"
    PRESENT = "present"
    LASTING = "lasting"
    GONE = "gone"
    RETURNED = "returned"
    SUPPOSED = "supposed"
    IDIOM = "idiom"
    FIGURE = "figure"


class _Language(_Strict):
    lists: Mapping[str, tuple[str, ...]]
    shorthand: Mapping[str, str]
    merges: Mapping[str, str]
    turns: tuple[str, ...]
    contexts: Mapping[Context, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sign:
    """What a found pattern may point to: a rule, surely or only maybe."""

    level: Level
    rule: Rule
    maybe: bool
    order: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that `rules.scan` needs, compiled."""

    rules: tuple[tuple[Level, Rule], ...]
    signs: Mapping[Pattern, tuple[Sign, ...]]
    contexts: Mapping[Pattern, tuple[Context, ...]]
    matcher: Matcher
    speller: Speller


def load_lexicon(folder: Path) -> Lexicon:
    """Read and compile the lexicon.

    Raises:
        LexiconError: a file is missing, not valid YAML, or has a field or pattern that is wrong.
    """
    language = _read(folder / LANGUAGE_FILE, _Language)
    files = [_read(folder / name, _RuleFile) for name in RULE_FILES]
    rules = tuple((file.level, rule) for file in files for rule in file.rules)
    _refuse_doubles(rule.id for _, rule in rules)
    signs = _signs(rules, language.lists)
    contexts = _contexts(language)
    patterns = signs.keys() | contexts.keys()
    spelling = _spelling(language, _real_words(folder / REAL_WORDS_FILE))
    speller = Speller(spelling, vocabulary=vocabulary(patterns), targets=vocabulary(signs))
    return Lexicon(rules, signs, contexts, Matcher(sorted(patterns, key=_text)), speller)


def _read[Model: BaseModel](path: Path, model: type[Model]) -> Model:
    try:
        return model.model_validate(yaml.safe_load(_read_text(path)))
    except yaml.YAMLError as error:
        message = f"{path.name}: {error}"
        raise LexiconError(message) from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{path.name}: {place}: {first['msg']}"
        raise LexiconError(message) from error


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path.name}: cannot be read"
        raise LexiconError(message) from error


def _real_words(path: Path) -> frozenset[str]:
    lines = _read_text(path).splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def _refuse_doubles(ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for rule_id in ids:
        if rule_id in seen:
            message = f"rule {rule_id!r} stands twice"
            raise LexiconError(message)
        seen.add(rule_id)


def _parse(owner: str, text: str, lists: _Lists) -> Pattern:
    try:
        return parse(text, lists)
    except PatternError as error:
        message = f"{owner}: {error}"
        raise LexiconError(message) from error


def _signs(rules: Sequence[tuple[Level, Rule]], lists: _Lists) -> dict[Pattern, tuple[Sign, ...]]:
    signs: dict[Pattern, tuple[Sign, ...]] = {}
    for order, (level, rule) in enumerate(rules):
        for text in (*rule.en, *rule.es, *rule.maybe):
            pattern = _parse(rule.id, text, lists)
            sign = Sign(level, rule, maybe=text in rule.maybe, order=order)
            signs[pattern] = (*signs.get(pattern, ()), sign)
    return signs


def _contexts(language: _Language) -> dict[Pattern, tuple[Context, ...]]:
    contexts: dict[Pattern, tuple[Context, ...]] = {}
    for context, texts in language.contexts.items():
        for text in texts:
            pattern = _parse(context, text, language.lists)
            contexts[pattern] = (*contexts.get(pattern, ()), context)
    return contexts


def _text(pattern: Pattern) -> str:
    return pattern.text


def _spelling(language: _Language, real_words: frozenset[str]) -> Spelling:
    merges: dict[tuple[str, str], tuple[str, ...]] = {}
    for pair, meant in language.merges.items():
        first, second = pair.split()
        merges[first, second] = tuple(meant.split())
    return Spelling(
        shorthand={token: tuple(meant.split()) for token, meant in language.shorthand.items()},
        merges=merges,
        real_words=real_words,
        turns=frozenset(language.turns),
    )
