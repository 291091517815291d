"""Every English word that a patient may read is for a reading grade of six at most.

Source: Kincaid et al. 1975, the Flesch-Kincaid grade: 0.39 words a sentence + 11.8 syllables a
word - 15.59. Syllables are counted by rule, which errs upwards on silent letters.
"""

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
PAGE = json.loads((ROOT / "api/widget/words/en.json").read_text("utf-8"))
CATALOGUE = yaml.safe_load((ROOT / "api/messaging/catalogue/en.yml").read_text("utf-8"))
ANSWERS = {
    path.stem: yaml.safe_load(path.read_text("utf-8"))["en"]["answer"]
    for path in (ROOT / "nlu_data/faq/lakeside").glob("*.yml")
    if path.stem != "clinic"
}
MOST_GRADE, MOST_WORDS = 6.0, 15
# Not to be read: how the page works, and what it sends.
UNREAD = re.compile(r"^(locale|date_order|other_.*|send_.*)$")
# A few words say little of a sentence, and names, numbers and codes are not words.
LEAST_WORDS = 6
HARD = re.compile(
    r"\b(administer|prior to|utili[sz]e|commence|terminate|regarding)\b", re.IGNORECASE
)
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{\w+\}")
NAMES = {"careline", "lakeside", "clinic", "javascript", "medicare", "medicaid", "albany"}


def _texts() -> dict[str, str]:
    texts = {f"page {name}": said for name, said in PAGE.items() if not UNREAD.match(name)}
    for name, entry in CATALOGUE.items():
        for kind, said in ({"text": entry} if isinstance(entry, str) else entry).items():
            if kind in {"text", "web"}:
                texts[f"{name} {kind}"] = said
    return texts | {f"answer {name}": said for name, said in ANSWERS.items()}


def sentences_of(text: str) -> list[list[str]]:
    """The words of each sentence, without codes, numbers, abbreviations and names."""
    plain = CODE.sub(" ", text)
    parts = re.split(r"[.!?:;]+(?:\s|$)|\n", plain)
    words = [re.findall(r"[A-Za-z][A-Za-z'\u2019]*", part) for part in parts]
    return [kept for each in words if (kept := [w for w in each if _counts(w)])]


def _counts(word: str) -> bool:
    return not (word.isupper() and len(word) > 1) and word.lower() not in NAMES


def syllables(word: str) -> int:
    """How many syllables an English word has, by rule."""
    small = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", small))
    if re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouscxz]es$", small) and groups > 1:
        groups -= 1
    return max(groups, 1)


def grade(text: str) -> float:
    """The school grade for which a text is written."""
    sentences = sentences_of(text)
    words = [word for sentence in sentences for word in sentence]
    if len(words) < LEAST_WORDS:
        return 0.0
    return (
        0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    )


@pytest.mark.parametrize("name", _texts())
def test_text_is_easy_to_read(name: str) -> None:
    text = _texts()[name]
    assert grade(text) <= MOST_GRADE, text
    assert max((len(each) for each in sentences_of(text)), default=0) <= MOST_WORDS, text
    assert not HARD.search(text)


@pytest.mark.parametrize(
    ("word", "count"),
    [("nurse", 1), ("person", 2), ("emergency", 4), ("table", 2), ("closed", 1), ("needed", 2)],
)
def test_syllables_are_counted(word: str, count: int) -> None:
    assert syllables(word) == count


def test_hard_text_is_found() -> None:
    hard = (
        "Subsequent administration of anticoagulant medication necessitates"
        " comprehensive laboratory monitoring."
    )
    assert grade(hard) > 12
