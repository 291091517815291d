"""Forms: the one loop for every form. What is asked and understood is the product's."""

from typing import Any, override

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.gateway import Refused, call, heard, put_off, respond
from actions.loop import HandsOver

ANSWER, WORDS = "form_answer", "form_words"


class OpenForm(Action):  # type: ignore[misc]  # the vendor ships no types
    """Begin the form that is due, or go on with it."""

    @override
    def name(self) -> str:
        return "action_form_open"

    @override
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        try:
            await call(tracker, "form/open", {"text": heard(tracker)})
        except Refused as refused:
            put_off(dispatcher, refused)
        return []


class ValidateForm(HandsOver):
    """Hand each answer over; the loop goes on while a question is open.

    Which of the two slots is asked for says which interruptions are heard: a free question takes
    more for an answer than one with options does.
    """

    slots = (ANSWER, WORDS)

    @override
    def name(self) -> str:
        return "validate_intake_form"

    @override
    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        state = await call(tracker, "form/state", {})
        if not state["open"]:
            return []
        return [WORDS if state["takes_words"] else ANSWER]

    @override
    async def hand_over(
        self, text: str, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> None:
        await call(tracker, "form/answer", {"text": text})


class AskFormAnswer(Action):  # type: ignore[misc]  # the vendor ships no types
    """Ask the open question."""

    @override
    def name(self) -> str:
        return "action_ask_intake_form_form_answer"

    @override
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        said = await call(tracker, "form/prompt", {})
        for reply in said["replies"]:
            respond(dispatcher, reply)
        return []


class AskFormWords(AskFormAnswer):
    """The same of a free question."""

    @override
    def name(self) -> str:
        return "action_ask_intake_form_form_words"


class FormOutcome(AskFormAnswer):
    """Say how the form ended: the prompt of a closed form is its outcome."""

    @override
    def name(self) -> str:
        return "action_form_outcome"
