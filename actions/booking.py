"""Booking a visit: the form's actions. What is asked and understood is the product's."""

from typing import Any, override

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.gateway import Refused, ask_who, call, heard, respond
from actions.loop import HandsOver

SLOT = "booking_answer"


class OpenBooking(Action):  # type: ignore[misc]  # the vendor ships no types
    """Hand the first words over."""

    @override
    def name(self) -> str:
        return "action_booking_open"

    @override
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        try:
            await call(tracker, "booking/open", {"text": heard(tracker)})
        except Refused:
            ask_who(dispatcher)
        return []


class ValidateBookingForm(HandsOver):
    """Hand each answer over; the form goes on while a question is open."""

    slots = (SLOT,)

    @override
    def name(self) -> str:
        return "validate_booking_form"

    @override
    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        try:
            state = await call(tracker, "booking/state", {})
        except Refused:
            return [SLOT]
        return [SLOT] if state["open"] else []

    @override
    async def hand_over(
        self, text: str, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> None:
        try:
            await call(tracker, "booking/answer", {"text": text})
        except Refused:
            ask_who(dispatcher)


class AskBookingAnswer(Action):  # type: ignore[misc]  # the vendor ships no types
    """Ask the open question."""

    @override
    def name(self) -> str:
        return "action_ask_booking_form_booking_answer"

    @override
    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        await say_prompt(dispatcher, tracker)
        return []


class BookingOutcome(AskBookingAnswer):
    """Say how the booking ended: the prompt of a closed booking is its outcome."""

    @override
    def name(self) -> str:
        return "action_booking_outcome"


async def say_prompt(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """Say the booking's open question or its outcome."""
    try:
        respond(dispatcher, await call(tracker, "booking/prompt", {}))
    except Refused:
        ask_who(dispatcher)
