"""When the patient is asked again: the less a mistake costs, the sooner the engine acts."""

from __future__ import annotations

from typing import Any, Final

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

ASK: Final = "nlu_fallback"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class AskWhenUnsure(IntentClassifier, GraphComponent):
    """Puts "ask again" first where the surest intent is not sure enough for what it sets off."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._threshold: float = config["threshold"]
        self._margin: float = config["margin"]
        self._thresholds: dict[str, float] = config["thresholds"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Give the settings used where config.yml names none."""
        return {"threshold": 0.4, "margin": 0.05, "thresholds": {}}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AskWhenUnsure:
        """Make one from the settings."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Replace the intent of each message that is unclear; the ranking keeps what it was."""
        for message in messages:
            ranking = message.get(INTENT_RANKING_KEY) or []
            if self.is_unsure(ranking):
                asked = {"name": ASK, "confidence": self._threshold}
                message.set(INTENT, asked, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [asked, *ranking], add_to_output=True)
        return messages

    def is_unsure(self, ranking: list[dict[str, Any]]) -> bool:
        """Say whether the first of a ranking is below its threshold or too close to the second."""
        if not ranking:
            return True
        best, *others = ranking
        needed = self._thresholds.get(best["name"], self._threshold)
        runner_up = others[0]["confidence"] if others else 0.0
        return bool(best["confidence"] < needed or best["confidence"] - runner_up < self._margin)
