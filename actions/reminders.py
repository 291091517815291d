"""Answers to reminders in free words: what is open, and what they come to, is the product's."""

from typing import Any, override

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.gateway import Refused, ask_who, call, heard, put_off, respond


class DoseTaken(Action):  # type: ignore[misc]  # the vendor ships no types
    """Hand over what was said of the dose."""

    what = "taken"

    @override
    def name(self) -> str:
        return f"action_dose_{self.what}"

    @override
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        try:
            respond(dispatcher, await call(tracker, "reminders/dose", {"what": self.what}))
        except Refused:
            ask_who(dispatcher)
        return []


class DoseSkipped(DoseTaken):
    """The same of one that was not."""

    what = "skipped"


class DoseLater(DoseTaken):
    """The same of one that is still to come."""

    what = "later"


class SetUpReminder(Action):  # type: ignore[misc]  # the vendor ships no types
    """Hand over what is asked of the reminders of medicines."""

    what = "set_up"

    @override
    def name(self) -> str:
        return f"action_reminder_{self.what}"

    @override
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        asked = {"what": self.what, "text": heard(tracker)}
        try:
            respond(dispatcher, await call(tracker, "reminders/ask", asked))
        except Refused as refused:
            put_off(dispatcher, refused)
        return []


class ChangeReminder(SetUpReminder):
    """The same of other times."""

    what = "change"


class StopReminder(SetUpReminder):
    """The same of none any more."""

    what = "stop"


class ListReminders(SetUpReminder):
    """The same of which there are."""

    what = "list"
