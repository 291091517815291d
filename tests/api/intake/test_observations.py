"""The Observation of a score: valid, derived from its answers, and one per response."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from api.intake.observations import as_observation, same_score
from api.intake.scoring import GAD_7, PHQ_9, Score
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import Resource

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
SCORE = Score(PHQ_9.total, Decimal(10), "Moderate", "moderate", {})
RESPONSE: Resource = {
    "resourceType": "QuestionnaireResponse",
    "id": "r1",
    "status": "completed",
    "subject": {"reference": "Patient/p1"},
    "source": {"reference": "RelatedPerson/mother"},
    "authored": "2027-03-03T09:58:00-05:00",
}


def test_score_is_a_survey_observation_derived_from_the_response() -> None:
    observation = as_observation(SCORE, RESPONSE, issued_at=NOW)
    validate(observation)
    assert observation["status"] == "final"
    assert observation["category"][0]["coding"][0]["code"] == "survey"
    assert observation["code"]["coding"][0]["code"] == "44261-6"
    assert observation["subject"] == RESPONSE["subject"]
    assert observation["performer"] == [RESPONSE["source"]]
    assert observation["derivedFrom"] == [{"reference": "QuestionnaireResponse/r1"}]
    assert observation["effectiveDateTime"] == RESPONSE["authored"]
    assert observation["issued"] == "2027-03-03T15:00:00+00:00"
    assert observation["valueInteger"] == 10
    assert observation["interpretation"][0]["text"] == "Moderate"


def test_amended_answers_amend_the_same_score() -> None:
    first = as_observation(SCORE, RESPONSE, issued_at=NOW)
    again = as_observation(SCORE, {**RESPONSE, "status": "amended"}, issued_at=NOW)
    validate(again)
    assert again["status"] == "amended"
    assert same_score(again) == same_score(first)
    others = [
        as_observation(SCORE, {**RESPONSE, "id": "r2"}, issued_at=NOW),
        as_observation(
            Score(GAD_7.total, Decimal(1), "Minimal", "minimal", {}), RESPONSE, issued_at=NOW
        ),
    ]
    assert same_score(first) not in [same_score(other) for other in others]


@pytest.mark.parametrize("status", ["in-progress", "stopped", "entered-in-error"])
def test_answers_that_are_not_complete_have_no_score(status: str) -> None:
    with pytest.raises(ValueError, match="complete"):
        as_observation(SCORE, {**RESPONSE, "status": status}, issued_at=NOW)
