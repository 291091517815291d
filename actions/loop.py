"""What every loop of ours shares: what was said is handed over, and nothing of it is kept here."""

from abc import abstractmethod
from typing import Any, ClassVar, override

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict


class HandsOver(FormValidationAction):  # type: ignore[misc]  # the vendor ships no types
    """A loop whose answers go to the product; it asks until the product has nothing to ask."""

    slots: ClassVar[tuple[str, ...]]
    """The loop's own slots; a question asks for one of them."""

    @abstractmethod
    async def hand_over(
        self, text: str, dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> None:
        """Give the product what was said in this turn; the same turn again changes nothing."""

    @override
    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Hand over what was said, whichever slot heard it, and empty all of them.

        The vendor's way drops what another slot heard than the one that is asked for by now, and
        leaves that slot filled. So it is when a turn comes again whose answer was taken before the
        engine died: the loop would find nothing left to ask, and end. No events where nothing was
        said: that is how the engine knows that this was no answer.
        """
        heard = tracker.slots_to_validate()
        said = [heard[slot] for slot in self.slots if heard.get(slot) is not None]
        for text in said:
            await self.hand_over(str(text), dispatcher, tracker)
        emptied: dict[str, None] = dict.fromkeys(self.slots) if said else {}
        tracker.slots.update(emptied)
        return [SlotSet(slot, None) for slot in emptied]
