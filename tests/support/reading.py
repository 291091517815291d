"""How hard a text is to read."""

import re


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade. Source: Kincaid et al., 1975."""
    words = re.findall(r"[a-z]+", text.casefold())
    sentences = len(re.findall(r"[.!?](?:\s|$)", text)) or 1
    per_word = sum(map(_syllables, words)) / len(words)
    return 0.39 * len(words) / sentences + 11.8 * per_word - 15.59


def _syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    silent_e = word.endswith("e") and not word.endswith("le")
    return max(1, groups - silent_e)
