"""A score as an Observation of FHIR R4, derived from the answers that it was made of."""

from datetime import datetime
from typing import Final

from api.intake.scoring import LOINC, Score
from integrations.ports.fhir import Pairs, Resource

SCORE_SYSTEM: Final = "https://careline.example/form-score"
BAND_SYSTEM: Final = "https://careline.example/fhir/CodeSystem/severity-band"
CATEGORY_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
# Statuses of a response that has all its answers, and what its score's status is then.
STATUSES: Final = {"completed": "final", "amended": "amended"}


def as_observation(score: Score, response: Resource, *, issued_at: datetime) -> Resource:
    """The Observation of a total.

    It has one identifier per response and instrument: the score of an amended response is the
    next version of the same Observation (`same_score`).

    Args:
        score: the total.
        response: the stored QuestionnaireResponse, with its id.
        issued_at: when the total was made.

    Raises:
        ValueError: the response is not complete; what is partly answered has no score.
    """
    if response.get("status") not in STATUSES:
        raise ValueError("only a complete response has a score")
    observation: Resource = {
        "resourceType": "Observation",
        "identifier": [{"system": SCORE_SYSTEM, "value": _key(score, response)}],
        "status": STATUSES[response["status"]],
        "category": [{"coding": [{"system": CATEGORY_SYSTEM, "code": "survey"}]}],
        "code": {"coding": [{"system": LOINC, "code": score.code.code} | _display(score)]},
        "subject": response["subject"],
        "effectiveDateTime": response["authored"],
        "issued": issued_at.isoformat(),
        "valueInteger": int(score.value),
        "interpretation": [_band(score)],
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{response['id']}"}],
    }
    if "source" in response:
        observation["performer"] = [response["source"]]
    return observation


def same_score(observation: Resource) -> Pairs:
    """What finds the Observation of the same response and instrument, if there is one already."""
    identifier = observation["identifier"][0]
    return (("identifier", f"{identifier['system']}|{identifier['value']}"),)


def _key(score: Score, response: Resource) -> str:
    return f"{response['id']}-{score.code.code}"


def _display(score: Score) -> Resource:
    return {"display": score.code.display} if score.code.display else {}


def _band(score: Score) -> Resource:
    """No code of HL7's says this; the value set is extensible, so one of our own may stand here."""
    coding = {"system": BAND_SYSTEM, "code": score.band_code, "display": score.band}
    return {"coding": [coding], "text": score.band}
