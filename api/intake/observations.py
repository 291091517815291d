"""A score as an Observation of FHIR R4, derived from the answers that it was made of."""

from datetime import datetime
from typing import Final

from api.intake.scoring import LOINC, Score
from integrations.ports.fhir import Pairs, Resource

SCORE_SYSTEM: Final = "https://careline.example/form-score"
BAND_SYSTEM: Final = "https://careline.example/fhir/CodeSystem/severity-band"
CATEGORY_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
ABSENT_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
STANDING: Final = frozenset({"final", "amended", "corrected"})
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


def score_of(response: str, code: str) -> Pairs:
    """What finds the score of an instrument by a response: its id, and the total's code."""
    return (("identifier", f"{SCORE_SYSTEM}|{response}-{code}"),)


def says_same(old: Resource, new: Resource) -> bool:
    """Whether the stored score stands, and has the points of the new one."""
    has_same = old.get("valueInteger") == new["valueInteger"]
    return old["status"] in STANDING and has_same


def without_total(observation: Resource, *, issued_at: datetime) -> Resource:
    """The next version of a score whose answers no longer make a total.

    It is cancelled, not entered in error: it was the total of what had been sent, and somebody
    may have acted on it.
    Source: FHIR R4, code system observation-status, and obs-6 of Observation (v4.0.1).
    """
    gone = {"valueInteger", "interpretation"}
    kept = {name: content for name, content in observation.items() if name not in gone}
    absent = {"coding": [{"system": ABSENT_SYSTEM, "code": "unknown"}]}
    return {
        **kept,
        "status": "cancelled",
        "issued": issued_at.isoformat(),
        "dataAbsentReason": absent,
    }


def _key(score: Score, response: Resource) -> str:
    return f"{response['id']}-{score.code.code}"


def _display(score: Score) -> Resource:
    return {"display": score.code.display} if score.code.display else {}


def _band(score: Score) -> Resource:
    """No code of HL7's says this; the value set is extensible, so one of our own may stand here."""
    coding = {"system": BAND_SYSTEM, "code": score.band_code, "display": score.band}
    return {"coding": [coding], "text": score.band}
