"""An answered dose as others see it: one FHIR R4 MedicationStatement, and its Provenance. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.gateway.projection import Projection
from api.reminders.kinds import DoseAnswer, SkipReason

DOSE_SYSTEM = "https://careline.example/dose"
MESSAGE_SYSTEM = "https://careline.example/message"
SKIP_SYSTEM = "https://careline.example/fhir/CodeSystem/dose-skip-reason"
# Source: FHIR R4 4.0.1, value set provenance-agent-type; an assembler is a device.
PARTICIPANT_SYSTEM = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ASSISTANT = {"type": "Device", "display": "Careline assistant"}
# Source: FHIR R4 4.0.1, value set medication-statement-status.
_STATUS = {DoseAnswer.TAKEN: "completed", DoseAnswer.SKIPPED: "not-taken"}


@dataclass(frozen=True)
class Dose:
    """A dose and what was said of it.

    `source`: the prescription's reference; `informant`: that of whoever says so.
    """

    id: str
    source: str
    patient: str
    conversation: str
    due_at: datetime
    zone: ZoneInfo
    answer: DoseAnswer
    reason: SkipReason | None
    answered_at: datetime
    evidence: str
    informant: str
    facts: Mapping[str, str]


def as_statement(dose: Dose) -> Projection:
    """What is written of an answered dose; no answer writes none.

    It follows the messages of its conversation, so the one that says so is there already.
    """
    statement: dict[str, object] = {
        "resourceType": "MedicationStatement",
        "identifier": [{"system": DOSE_SYSTEM, "value": dose.id}],
        "basedOn": [{"reference": dose.source}],
        "status": _STATUS[dose.answer],
        **json.loads(dose.facts["medication"]),
        "subject": {"reference": f"Patient/{dose.patient}"},
        "effectiveDateTime": dose.due_at.astimezone(dose.zone).isoformat(),
        "dateAsserted": dose.answered_at.astimezone(dose.zone).isoformat(),
        "informationSource": {"reference": dose.informant},
        "derivedFrom": [_message(dose)],
    }
    if dose.reason is not None:
        coding = {"system": SKIP_SYSTEM, "code": dose.reason}
        statement["statusReason"] = [{"coding": [coding]}]
    return Projection(key=_key(dose), resource=statement)


def as_provenance(dose: Dose) -> Projection:
    """Who says so, through whom, and in which message; it follows the statement.

    A later message that says otherwise is a Provenance of its own.
    """
    said_at = dose.answered_at.astimezone(dose.zone).isoformat()
    agent = {
        "type": {"coding": [{"system": PARTICIPANT_SYSTEM, "code": "assembler"}]},
        "who": ASSISTANT,
        "onBehalfOf": as_statement(dose).resource["informationSource"],
    }
    provenance: dict[str, object] = {
        "resourceType": "Provenance",
        "target": [{"reference": f"MedicationStatement?identifier={DOSE_SYSTEM}|{dose.id}"}],
        "occurredDateTime": said_at,
        "recorded": said_at,
        "agent": [agent],
        "entity": [{"role": "source", "what": _message(dose)}],
    }
    return Projection(key=_key(dose), resource=provenance)


def _key(dose: Dose) -> str:
    return f"conversation/{dose.conversation}"


def _message(dose: Dose) -> dict[str, str]:
    return {"reference": f"Communication?identifier={MESSAGE_SYSTEM}|{dose.evidence}"}
