"""The totals of forms as the record has them: read back from their Observations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from api.intake.observations import CATEGORY_SYSTEM, SCORE_SYSTEM, STANDING
from integrations.ports.fhir import Pairs, Resource

SCORES: Final[Pairs] = (("category", f"{CATEGORY_SYSTEM}|survey"),)
"""What finds all scores of a patient."""


@dataclass(frozen=True)
class Total:
    """The points of a form, and how severe that is in words."""

    points: int
    band: str


def totals_of(observations: Iterable[Resource]) -> dict[str, Total]:
    """The total of each response, by the response's reference; only those made here."""
    return {
        str(response["reference"]): Total(observation["valueInteger"], _band(observation))
        for observation in observations
        if _is_ours(observation)
        for response in observation.get("derivedFrom", ())
    }


def _is_ours(observation: Resource) -> bool:
    systems = {each.get("system") for each in observation.get("identifier", ())}
    return SCORE_SYSTEM in systems and observation["status"] in STANDING


def _band(observation: Resource) -> str:
    return next((str(each.get("text", "")) for each in observation.get("interpretation", ())), "")
