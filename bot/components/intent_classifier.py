"""The intent classifier: TF-IDF of character and word n-grams, then logistic regression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypedDict

import numpy as np
import skops.io
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from components.normalize import normalize

MODEL_FILE: Final = "intents.skops"
# Arrays, texts, lists and dicts need no trust; no class of anybody else is ever built from a file.
TRUSTED_TYPES: Final[tuple[str, ...]] = ()
LONGEST_CHARACTER_GRAM: Final = 4

Floats = NDArray[np.float32]


class UntrustedModel(Exception):
    """The model file holds types that are not on the list."""


class Ranked(TypedDict):
    """An intent and how sure the classifier is of it."""

    name: str
    confidence: float


def character_grams(normalized: str) -> list[str]:
    """Cut each word, with a space at both ends, into pieces of one to four characters."""
    return [
        padded[start : start + size]
        for padded in (f" {word} " for word in normalized.split())
        for size in range(1, min(LONGEST_CHARACTER_GRAM, len(padded)) + 1)
        for start in range(len(padded) - size + 1)
    ]


def word_grams(normalized: str) -> list[str]:
    """Give the words and the pairs of neighbours."""
    words = normalized.split()
    return words + [f"{one} {other}" for one, other in pairwise(words)]


@dataclass(frozen=True)
class Block:
    """One family of n-grams: the row of each in the weights, and its inverse frequency."""

    rows: dict[str, int]
    idf: Floats

    @classmethod
    def of_terms(cls, terms: list[str], idf: Floats, *, first_row: int) -> Block:
        """Number the terms in their order, from the first row on."""
        return cls({term: first_row + place for place, term in enumerate(terms)}, idf)

    def weigh(self, grams: list[str], *, first_row: int) -> tuple[list[int], Floats]:
        """Give the rows of the known n-grams and their TF-IDF, sublinear and of length one."""
        counts = Counter(row for row in map(self.rows.get, grams) if row is not None)
        rows = list(counts)
        frequency = np.fromiter(counts.values(), np.float32, len(rows))
        values = (1 + np.log(frequency)) * self.idf[np.array(rows, dtype=int) - first_row]
        length = np.sqrt(values @ values)
        return rows, values / length if length else values


@dataclass(frozen=True)
class IntentModel:
    """What was learnt, as plain arrays: no class of a library has to be built again to use it."""

    character: Block
    word: Block
    weights: Floats  # one row per n-gram, one column per intent
    bias: Floats
    intents: tuple[str, ...]

    def rank(self, text: str) -> list[Ranked]:
        """Give all intents, the surest first; their confidences add up to one."""
        surest = self._confidences(text)
        order = np.argsort(-surest, kind="stable")
        return [{"name": self.intents[i], "confidence": float(surest[i])} for i in order]

    def _confidences(self, text: str) -> Floats:
        normalized = normalize(text)
        characters, character_values = self.character.weigh(
            character_grams(normalized), first_row=0
        )
        words, word_values = self.word.weigh(
            word_grams(normalized), first_row=len(self.character.rows)
        )
        values = np.concatenate((character_values, word_values))
        scores = values @ self.weights[characters + words] + self.bias
        likelihoods = np.exp(scores - scores.max())
        confidences: Floats = likelihoods / likelihoods.sum()
        return confidences


def train_model(texts: list[str], intents: list[str], *, regularisation: float) -> IntentModel:
    """Learn the intents of the texts.

    Raises:
        ValueError: There are fewer than two intents, or no text.
    """
    normalized = [normalize(text) for text in texts]
    vectorizers = [_fitted(character_grams, normalized), _fitted(word_grams, normalized)]
    features = hstack([vectorizer.transform(normalized) for vectorizer in vectorizers]).tocsr()
    # Balanced, so that an intent with few examples is not drowned by one with many.
    learner = LogisticRegression(C=regularisation, max_iter=2000, class_weight="balanced")
    learner.fit(features, intents)
    return _assembled(vectorizers, learner)


def save_model(model: IntentModel, path: Path) -> None:
    """Write the model; the same model gives the same content."""
    plain = {
        "character_terms": "\n".join(model.character.rows),
        "character_idf": model.character.idf,
        "word_terms": "\n".join(model.word.rows),
        "word_idf": model.word.idf,
        "weights": model.weights,
        "bias": model.bias,
        "intents": list(model.intents),
    }
    skops.io.dump(plain, path)


def load_model(path: Path) -> IntentModel:
    """Read a model that was saved here.

    Raises:
        UntrustedModel: The file holds other types than arrays, texts, lists and dicts.
    """
    foreign = set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED_TYPES)
    if foreign:
        raise UntrustedModel(", ".join(sorted(foreign)))
    plain = skops.io.load(path, trusted=list(TRUSTED_TYPES))
    characters = plain["character_terms"].split("\n")
    words = plain["word_terms"].split("\n")
    return IntentModel(
        character=Block.of_terms(characters, plain["character_idf"], first_row=0),
        word=Block.of_terms(words, plain["word_idf"], first_row=len(characters)),
        weights=plain["weights"],
        bias=plain["bias"],
        intents=tuple(plain["intents"]),
    )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifierTfidf(IntentClassifier, GraphComponent):
    """The component of the pipeline: sets the intent and the ranking of each message."""

    def __init__(
        self,
        config: dict[str, Any],
        *,
        model_storage: ModelStorage,
        resource: Resource,
        model: IntentModel | None = None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Give the settings used where config.yml names none."""
        return {"regularisation": 20.0, "ranking_length": 5}

    @staticmethod
    def required_packages() -> list[str]:
        """Name the packages that must be installed."""
        return ["sklearn", "skops"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifierTfidf:
        """Make one that has learnt nothing yet."""
        return cls(config, model_storage=model_storage, resource=resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifierTfidf:
        """Make one from what was saved after training."""
        with model_storage.read_from(resource) as folder:
            model = load_model(folder / MODEL_FILE)
        return cls(config, model_storage=model_storage, resource=resource, model=model)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples and save what was learnt."""
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        self._model = train_model(
            [example.get(TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            regularisation=self._config["regularisation"],
        )
        with self._model_storage.write_to(self._resource) as folder:
            save_model(self._model, folder / MODEL_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent of each message. A message without text gets none."""
        for message in messages:
            ranking = self._ranking(message.get(TEXT))
            best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
            message.set(INTENT, best, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, text: str | None) -> list[Ranked]:
        if not text or self._model is None:
            return []
        return self._model.rank(text)[: self._config["ranking_length"]]


def _fitted(analyzer: Callable[[str], list[str]], normalized: list[str]) -> TfidfVectorizer:
    vectorizer = TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, dtype=np.float32)
    return vectorizer.fit(normalized)


def _assembled(vectorizers: list[TfidfVectorizer], learner: LogisticRegression) -> IntentModel:
    characters, words = ([str(term) for term in v.get_feature_names_out()] for v in vectorizers)
    return IntentModel(
        character=Block.of_terms(characters, vectorizers[0].idf_, first_row=0),
        word=Block.of_terms(words, vectorizers[1].idf_, first_row=len(characters)),
        weights=np.ascontiguousarray(learner.coef_.T, dtype=np.float32),
        bias=learner.intercept_.astype(np.float32),
        intents=tuple(str(intent) for intent in learner.classes_),
    )
