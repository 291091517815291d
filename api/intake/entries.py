"""What staff take from an answer into the record, as FHIR R4 resources; and who took it.

Nothing of it is confirmed: it is what the patient said, which a member of staff has read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from api.escalations.task import STAFF_SYSTEM
from api.intake.answered import Target
from api.staff.kinds import Member
from integrations.ports.fhir import Pairs, Resource

ENTRY_SYSTEM: Final = "https://careline.example/fhir/form-entry"
ANSWER: Final = "https://careline.example/fhir/StructureDefinition/form-answer"
HL7: Final = "http://terminology.hl7.org/CodeSystem"
PARTICIPANT: Final = f"{HL7}/provenance-participant-type"
# What was done, in Provenance.activity (HL7 v3 DataOperation; ISO 21089 lifecycle events).
ADDED: Final = {"system": f"{HL7}/v3-DataOperation", "code": "CREATE"}
LOOKED_AT: Final = {"system": f"{HL7}/iso-21089-lifecycle", "code": "verify"}


@dataclass(frozen=True)
class Source:
    """Where an entry comes from.

    Attributes:
        patient, response: ids.
        key: the question (`api.intake.answered.key_of`).
        words: the patient's own.
        said_at: when they were written, as the response has it.
    """

    patient: str
    response: str
    key: str
    words: str
    said_at: str | None


@dataclass(frozen=True)
class Wanted:
    """What a member of staff wants in the record.

    Attributes:
        text: as they have worded it.
        number: the how manieth entry it is of its answer, from 1; the same one again is no other.
        is_over: of an illness, that the patient does not have it any more.
    """

    text: str
    number: int
    is_over: bool = False


@dataclass(frozen=True)
class Track:
    """One act of staff on an answer. `text`, `reference`: what was added; empty where nothing."""

    key: str
    by: str
    at: datetime
    text: str = ""
    reference: str = ""


def as_entry(
    target: Target, wanted: Wanted, source: Source, *, by: Member, now: datetime
) -> Resource:
    """The resource that takes the answer into the record: active, not confirmed, of their words."""
    patient = {"reference": f"Patient/{source.patient}"}
    entry: Resource = {
        "identifier": [{"system": ENTRY_SYSTEM, "value": _entry_key(wanted, source)}],
        "note": [_words(source, patient)],
    }
    code, recorded = {"text": wanted.text}, now.isoformat()
    who = {"recorder": member_reference(by), "asserter": patient, "recordedDate": recorded}
    match target:
        case Target.ALLERGY:
            status = _status("allergyintolerance", "active", "unconfirmed")
            more = {"patient": patient, "code": code, **who, **status}
            return {"resourceType": "AllergyIntolerance", **entry, **more}
        case Target.CONDITION:
            status = _status("condition", "resolved" if wanted.is_over else "active", "unconfirmed")
            category = [_coded(f"{HL7}/condition-category", "problem-list-item")]
            more = {"subject": patient, "code": code, "category": category, **who, **status}
            return {"resourceType": "Condition", **entry, **more}
        case Target.MEDICINE:
            return {"resourceType": "MedicationStatement", **entry} | _medicine(
                entry, code, source, by=by, now=now
            )


def same_entry(entry: Resource) -> Pairs:
    """What finds the entry that was made of the same answer before."""
    identifier = entry["identifier"][0]
    return (("identifier", f"{identifier['system']}|{identifier['value']}"),)


def text_of(entry: Resource) -> str:
    """How an entry is worded."""
    concept = entry.get("code") or entry.get("medicationCodeableConcept") or {}
    return str(concept.get("text", ""))


def added_track(entry: Resource, source: Source, *, now: datetime) -> Resource:
    """The Provenance of a stored entry: who took it from which answer."""
    reference = f"{entry['resourceType']}/{entry['id']}"
    target = {"reference": reference, "display": text_of(entry)}
    return _track(target, ADDED, "enterer", _recorder(entry), source, now=now)


def looked_track(source: Source, *, by: Member, now: datetime) -> Resource:
    """The Provenance of an answer that was read and of which nothing was to be taken."""
    target = {"reference": f"QuestionnaireResponse/{source.response}"}
    return _track(target, LOOKED_AT, "verifier", member_reference(by), source, now=now)


def tracks_of(provenances: list[Resource]) -> list[Track]:
    """What staff did with the answers of a form, the oldest first."""
    found = [track for each in provenances for track in _read(each)]
    return sorted(found, key=lambda track: track.at)


def member_reference(member: Member) -> Resource:
    """A logical reference: staff are no resources of the record."""
    identifier = {"system": STAFF_SYSTEM, "value": str(member.id)}
    return {"type": "Practitioner", "identifier": identifier, "display": member.name}


def _entry_key(wanted: Wanted, source: Source) -> str:
    # A linkId may hold what a search would read as its own signs.
    return f"{source.response}/{quote(source.key, safe='#')}/{wanted.number}"


def _words(source: Source, patient: Resource) -> Resource:
    time = {"time": source.said_at} if source.said_at else {}
    return {"authorReference": patient, **time, "text": source.words}


def _medicine(
    entry: Resource, code: Resource, source: Source, *, by: Member, now: datetime
) -> Resource:
    """R4 has no recorder of a MedicationStatement: a note says who it was."""
    taken = {
        "authorReference": member_reference(by),
        "time": now.isoformat(),
        "text": "Taken from the patient's form.",
    }
    return {
        "status": "active",
        "medicationCodeableConcept": code,
        "subject": {"reference": f"Patient/{source.patient}"},
        "dateAsserted": now.isoformat(),
        "informationSource": {"reference": f"Patient/{source.patient}"},
        "derivedFrom": [{"reference": f"QuestionnaireResponse/{source.response}"}],
        "note": [*entry["note"], taken],
    }


def _status(kind: str, clinical: str, verification: str) -> Resource:
    return {
        "clinicalStatus": _coded(f"{HL7}/{kind}-clinical", clinical),
        "verificationStatus": _coded(
            f"{HL7}/{'condition-ver-status' if kind == 'condition' else f'{kind}-verification'}",
            verification,
        ),
    }


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _recorder(entry: Resource) -> Resource:
    who: Resource = entry.get("recorder") or entry["note"][-1]["authorReference"]
    return who


def _track(
    target: Resource, activity: Resource, role: str, who: Resource, source: Source, *, now: datetime
) -> Resource:
    response = {"reference": f"QuestionnaireResponse/{source.response}"}
    return {
        "resourceType": "Provenance",
        "target": [target],
        "recorded": now.isoformat(),
        "activity": {"coding": [activity]},
        "agent": [{"type": _coded(PARTICIPANT, role), "who": who}],
        "entity": [
            {
                "extension": [{"url": ANSWER, "valueString": source.key}],
                "role": "source",
                "what": response,
            }
        ],
    }


def _read(provenance: Resource) -> Iterator[Track]:
    coding = provenance.get("activity", {}).get("coding", [{}])[0]
    target, who = provenance["target"][0], provenance["agent"][0]["who"]
    is_entry = coding.get("code") == ADDED["code"]
    for extension in provenance.get("entity", [{}])[0].get("extension", ()):
        if extension.get("url") == ANSWER:
            yield Track(
                key=str(extension["valueString"]),
                by=str(who.get("display", "")),
                at=datetime.fromisoformat(provenance["recorded"]),
                text=str(target.get("display", "")) if is_entry else "",
                reference=str(target["reference"]) if is_entry else "",
            )
