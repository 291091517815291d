"""The engine merges the domain's files silently: the last one wins and unknown keys are dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

BOT = Path(__file__).resolve().parents[2] / "bot"
TOPICS = {"booking", "faq", "handoff", "intake", "not_served", "reminders", "smalltalk"}
KNOWN_KEYS = {"version", "session_config", "intents", "slots", "forms", "actions", "responses"}
# contracts: these names are promised and keep their meaning.
INTENTS = {
    "book_appointment",
    "reschedule_appointment",
    "cancel_appointment",
    "list_appointments",
    "join_waitlist",
    "find_provider",
    "setup_med_reminder",
    "change_med_reminder",
    "stop_med_reminder",
    "dose_taken",
    "dose_skipped",
    "dose_snooze",
    "refill_request",
    "list_medications",
    "start_intake",
    "faq_hours",
    "faq_location",
    "faq_prep",
    "faq_insurance",
    "symptom_report",
    "vitals_report",
    "medical_advice",
    "human_handoff",
    "billing_question",
    "test_results",
    "affirm",
    "deny",
    "greet",
    "goodbye",
    "thank",
    "help",
    "change_language",
    "update_contact",
    "inform",
    "out_of_scope",
}
RESPONSES = {
    "clinical_question",
    "change_language",
    "faq_hours",
    "faq_insurance",
    "faq_location",
    "faq_prep",
    "goodbye",
    "greet",
    "handoff",
    "help",
    "not_served",
    "not_understood",
    "nothing_open",
    "out_of_scope",
    "thank",
}


def files(folder: str) -> dict[str, Any]:
    read = YAML(typ="safe", pure=True).load
    return {p.name: read(p.read_text(encoding="utf-8")) for p in (BOT / folder).glob("*.yml")}


def declared(key: str) -> list[str]:
    """Give the names under a key of all domain files, repeated as often as they are declared."""
    return [name for content in files("domain").values() for name in content.get(key, [])]


def rules() -> Iterator[dict[str, Any]]:
    for content in files("rules").values():
        yield from content["rules"]


def first_intents() -> Counter[str]:
    return Counter(rule["steps"][0]["intent"] for rule in rules() if "intent" in rule["steps"][0])


def test_each_topic_has_a_file_of_its_name_in_every_folder() -> None:
    names = {f"{topic}.yml" for topic in TOPICS}
    assert set(files("domain")) == names
    assert set(files("rules")) == names
    assert set(files("stories")) == {f"test_{name}" for name in names}


@pytest.mark.parametrize("key", ["intents", "slots", "forms", "actions", "responses"])
def test_each_name_is_declared_once(key: str) -> None:
    assert [name for name, times in Counter(declared(key)).items() if times > 1] == []


def test_domain_files_use_known_keys_only() -> None:
    assert {key for content in files("domain").values() for key in content} <= KNOWN_KEYS


def test_session_is_configured_once() -> None:
    assert sum("session_config" in content for content in files("domain").values()) == 1


def test_every_promised_intent_is_declared() -> None:
    assert INTENTS - set(declared("intents")) == set()


def test_every_intent_starts_exactly_one_rule() -> None:
    assert first_intents() == Counter(declared("intents"))


def test_every_rule_of_an_intent_answers() -> None:
    for rule in rules():
        acts = [step["action"] for step in rule["steps"] if "action" in step]
        assert acts, rule["rule"]


def test_responses_are_names_without_words() -> None:
    for content in files("domain").values():
        for variants in content.get("responses", {}).values():
            assert [set(variant) for variant in variants] == [{"custom"}]
            assert set(variants[0]["custom"]) <= {"response", "arguments"}


def test_the_names_of_responses_are_those_listed_here() -> None:
    named = {
        variant["custom"]["response"]
        for content in files("domain").values()
        for variants in content.get("responses", {}).values()
        for variant in variants
    }
    assert named == RESPONSES


def test_what_is_not_served_names_its_topic() -> None:
    for name, variants in files("domain")["not_served.yml"]["responses"].items():
        topic = name.removeprefix("utter_not_served_")
        assert variants[0]["custom"] == {"response": "not_served", "arguments": {"topic": topic}}


def test_practical_questions_and_a_wish_for_a_person_interrupt_a_booking() -> None:
    mapping = files("domain")["booking.yml"]["slots"]["booking_answer"]["mappings"][0]
    interrupting = set(mapping["not_intent"])
    assert {
        "faq_hours",
        "faq_location",
        "faq_prep",
        "faq_insurance",
        "human_handoff",
    } <= interrupting
    assert interrupting <= set(declared("intents"))


def test_answers_do_not_interrupt_a_booking() -> None:
    mapping = files("domain")["booking.yml"]["slots"]["booking_answer"]["mappings"][0]
    answers = {"inform", "affirm", "deny", "nlu_fallback", "symptom_report", "book_appointment"}
    assert answers.isdisjoint(mapping["not_intent"])


def test_dialogues_are_kept_in_a_database() -> None:
    """A mistyped store would be replaced by memory with no more than a warning."""
    endpoints = (BOT / "endpoints.yml").read_text(encoding="utf-8")
    assert endpoints.endswith("tracker_store:\n  type: SQL\n  url: ${TRACKER_DATABASE_URL}\n")


def test_the_line_is_the_only_channel() -> None:
    channels = YAML(typ="safe", pure=True).load((BOT / "credentials.yml").read_text())
    assert set(channels) == {"channels.line.Line"}


def test_only_rules_decide() -> None:
    config = YAML(typ="safe", pure=True).load((BOT / "config.yml").read_text())
    assert [policy["name"] for policy in config["policies"]] == ["RulePolicy"]


def test_thresholds_name_intents_that_exist() -> None:
    config = YAML(typ="safe", pure=True).load((BOT / "config.yml").read_text())
    asking = next(part for part in config["pipeline"] if "AskWhenUnsure" in part["name"])
    assert set(asking["thresholds"]) <= set(declared("intents"))
