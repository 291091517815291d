"""The same assistant as a plain Rasa project: our examples, rules and dialogues, default settings.

What differs from ours is what a plain project has not: an action of ours is an answer in words, and
the form asks one question. So the peer does less work in a turn than it would with actions.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from api.core.language import Language
from api.messaging.clinic import load_clinics
from api.messaging.kinds import Channel
from api.messaging.words import Catalogue
from integrations.ports.dialogue import EngineReply

ROOT: Final = Path(__file__).resolve().parents[2]
BOT: Final = ROOT / "bot"
TRAINING_DATA: Final = ROOT / "nlu_data" / "train"
# As `rasa init` leaves it: no pipeline and no policies, so the engine takes its own default ones.
CONFIG: Final = {
    "recipe": "default.v1",
    "assistant_id": "plain",
    "language": "en",
    "pipeline": None,
    "policies": None,
}
# What our booking's actions say, as plain answers.
WORDS_OF_ACTIONS: Final = {
    "action_booking_open": "booking_ask_when",
    "action_booking_outcome": "booking_none",
    "action_ask_booking_form_booking_answer": "booking_ask_when",
}
ASKED_BY_THE_FORM: Final = "utter_ask_booking_form_booking_answer"

type Document = dict[str, Any]


def write_project(folder: Path) -> None:
    """Write the project, ready to be trained by Rasa's own command."""
    folder.mkdir(parents=True, exist_ok=True)
    _dump(folder / "config.yml", dict(CONFIG))
    _dump(folder / "domain.yml", domain())
    _dump(folder / "credentials.yml", {"rest": None})
    _dump(folder / "endpoints.yml", {})
    data = folder / "data"
    data.mkdir(exist_ok=True)
    for path in sorted(TRAINING_DATA.glob("*.yml")):
        (data / path.name).write_bytes(path.read_bytes())
    _dump(data / "rules.yml", {"version": "3.1", "rules": _told("rules", "rules")})
    _dump(data / "stories.yml", {"version": "3.1", "stories": _told("stories", "stories")})


def domain() -> Document:
    """Our domain with texts for answers; actions and the form's validator are left out."""
    merged: Document = {"version": "3.1", "intents": [], "responses": {}, "slots": {}, "forms": {}}
    for part in _documents("domain"):
        merged["intents"] += part.get("intents", [])
        merged["slots"] |= part.get("slots", {})
        merged["forms"] |= part.get("forms", {})
        merged["responses"] |= part.get("responses", {})
        if "session_config" in part:
            merged["session_config"] = part["session_config"]
    merged["responses"] = _in_words(merged["responses"])
    return merged


def _in_words(named: Document) -> Document:
    say = _speaker()
    worded: Document = {
        name: [{"text": say(variants[0]["custom"])}] for name, variants in named.items()
    }
    for action, response in WORDS_OF_ACTIONS.items():
        worded[_answer_for(action)] = [
            {"text": say({"response": response, "arguments": {"notice": None}})}
        ]
    return worded


def _speaker() -> Any:
    catalogue = Catalogue(ROOT / "api" / "messaging" / "catalogue")
    clinic = load_clinics(ROOT / "nlu_data" / "faq")["lakeside"]

    def say(custom: Document) -> str:
        reply = EngineReply(custom["response"], custom.get("arguments") or {})
        return catalogue.render((reply,), Language.EN, channel=Channel.WEB, clinic=clinic).text

    return say


def _told(folder: str, key: str) -> list[Document]:
    """Our rules or dialogues; what was said is left out where the intent stands beside it."""
    told: list[Document] = [each for part in _documents(folder) for each in part[key]]
    for each in told:
        each["steps"] = [_plain_step(step) for step in each["steps"]]
    return told


def _plain_step(step: Document) -> Document:
    plain = {name: value for name, value in step.items() if name != "user"}
    if plain.get("action") in WORDS_OF_ACTIONS:
        plain["action"] = _answer_for(plain["action"])
    return plain


def _answer_for(action: str) -> str:
    if action.startswith("action_ask_"):
        return ASKED_BY_THE_FORM
    return action.replace("action_", "utter_", 1)


def _documents(folder: str) -> Iterator[Document]:
    for path in sorted((BOT / folder).glob("*.yml")):
        yield yaml.safe_load(path.read_text("utf-8"))


def _dump(path: Path, document: Document) -> None:
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
