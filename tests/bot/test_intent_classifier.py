"""Learning, saving and reading the intents."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from components.intent_classifier import (
    IntentClassifierTfidf,
    IntentModel,
    UntrustedModel,
    character_grams,
    load_model,
    save_model,
    train_model,
    word_grams,
)
from components.normalize import normalize

EXAMPLES = {
    "book": ["book a visit", "i want an appointment", "quiero una cita", "see the doctor"],
    "hours": ["when are you open", "opening hours", "a que hora abren", "what time do you close"],
    "person": ["talk to a person", "a human please", "hablar con una persona", "real person"],
}
TEXTS = [text for texts in EXAMPLES.values() for text in texts]
INTENTS = [intent for intent, texts in EXAMPLES.items() for _ in texts]
CONFIG: dict[str, Any] = {"regularisation": 20.0, "ranking_length": 2}


@pytest.fixture(scope="module")
def trained() -> IntentModel:
    return train_model(TEXTS, INTENTS, regularisation=20.0)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("i wnat an apointment", "book"),
        ("r u open", "hours"),
        ("persona real", "person"),
        ("QUIERO UNA CÍTA!!", "book"),
    ],
)
def test_unseen_spellings_are_understood(trained: IntentModel, text: str, intent: str) -> None:
    assert trained.rank(text)[0]["name"] == intent


def test_confidences_of_all_intents_add_up_to_one(trained: IntentModel) -> None:
    ranking = trained.rank("when can i see a person")
    assert sum(one["confidence"] for one in ranking) == pytest.approx(1)
    assert [one["confidence"] for one in ranking] == sorted(
        (one["confidence"] for one in ranking), reverse=True
    )


@pytest.mark.parametrize("text", ["", "?", "日本", "zz"])
def test_what_says_nothing_is_taken_for_nothing_with_confidence(
    trained: IntentModel, text: str
) -> None:
    assert trained.rank(text)[0]["confidence"] < 0.5


def test_the_weights_are_the_learners_own() -> None:
    """What is computed here by hand is what the library's classifier computes."""
    normalized = [normalize(text) for text in TEXTS]
    vectorizers = [
        TfidfVectorizer(analyzer=grams, sublinear_tf=True).fit(normalized)
        for grams in (character_grams, word_grams)
    ]
    learner = LogisticRegression(C=20.0, max_iter=2000, class_weight="balanced")
    learner.fit(hstack([v.transform(normalized) for v in vectorizers]), INTENTS)
    asked = normalize("when are you open for an apptment")
    expected = learner.predict_proba(hstack([v.transform([asked]) for v in vectorizers]))[0]
    ranking = train_model(TEXTS, INTENTS, regularisation=20.0).rank(asked)
    found = {one["name"]: one["confidence"] for one in ranking}
    assert [found[intent] for intent in learner.classes_] == pytest.approx(expected, abs=1e-3)


def test_a_saved_model_ranks_as_before(trained: IntentModel, tmp_path: Path) -> None:
    save_model(trained, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    assert loaded.rank("book the doctor") == trained.rank("book the doctor")
    assert loaded.weights.dtype == np.float32


def test_a_file_with_a_foreign_type_is_refused(tmp_path: Path) -> None:
    skops.io.dump({"weights": OrderedDict(a=Path)}, tmp_path / "model.skops")
    with pytest.raises(UntrustedModel):
        load_model(tmp_path / "model.skops")


def test_character_grams_stay_within_a_word() -> None:
    assert set(character_grams("ab c")) >= {" a", "ab ", " ab ", " c "}
    assert not any("b c" in gram for gram in character_grams("ab c"))


def test_word_grams_are_words_and_neighbours() -> None:
    assert word_grams("a b c") == ["a", "b", "c", "a b", "b c"]


def context() -> ExecutionContext:
    return ExecutionContext(GraphSchema({}))


def test_the_component_is_trained_loaded_and_asked(tmp_path: Path) -> None:
    storage = LocalModelStorage(tmp_path)
    resource = Resource("classifier")
    component = IntentClassifierTfidf.create(CONFIG, storage, resource, context())
    messages = [Message.build(text, intent) for text, intent in zip(TEXTS, INTENTS, strict=True)]
    component.train(TrainingData(messages))
    loaded = IntentClassifierTfidf.load(CONFIG, storage, resource, context())
    message = loaded.process([Message.build("quiero una cita por favor")])[0]
    assert message.get("intent")["name"] == "book"
    assert len(message.get("intent_ranking")) == 2


def test_a_message_without_text_gets_no_intent(trained: IntentModel, tmp_path: Path) -> None:
    storage = LocalModelStorage(tmp_path)
    component = IntentClassifierTfidf(
        CONFIG, model_storage=storage, resource=Resource("x"), model=trained
    )
    message = component.process([Message(data={})])[0]
    assert message.get("intent") == {"name": None, "confidence": 0.0}
