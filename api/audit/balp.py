"""Audit rows as FHIR R4 AuditEvents in the form of IHE BALP.

Source: IHE ITI Basic Audit Log Patterns, profiles Read, Query, Create, Update and their Patient
variants, https://profiles.ihe.net/ITI/BALP/ (state of 2025-11-03).
"""

import base64
from datetime import UTC
from typing import NamedTuple

from api.audit.models import AuditRow
from integrations.ports.fhir import Resource

PROFILES = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type"
INTERACTIONS = "http://hl7.org/fhir/restful-interaction"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PURPOSES = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ENTITY_TYPES = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ENTITY_ROLES = "http://terminology.hl7.org/CodeSystem/object-role"
REQUEST_ID = "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType"
AGENTS = "https://careline.example/fhir/agent"
TAGS = "https://careline.example/fhir/CodeSystem/audit-tag"
TURNS = "https://careline.example/fhir/turn"

SOURCE_ROLE, DESTINATION_ROLE = "110153", "110152"


class Pattern(NamedTuple):
    """What a profile fixes: its name, the roles of client and server, of the user."""

    profile: str
    client: str
    server: str
    user: str


# Read has client and server the other way round than all the others: data flows to the reader.
PATTERNS = {
    "read": Pattern("Read", DESTINATION_ROLE, SOURCE_ROLE, "IRCP"),
    "vread": Pattern("Read", DESTINATION_ROLE, SOURCE_ROLE, "IRCP"),
    "search-type": Pattern("Query", SOURCE_ROLE, DESTINATION_ROLE, "IRCP"),
    "create": Pattern("Create", SOURCE_ROLE, DESTINATION_ROLE, "AUT"),
    "update": Pattern("Update", SOURCE_ROLE, DESTINATION_ROLE, "AUT"),
}
OTHER = Pattern("", SOURCE_ROLE, DESTINATION_ROLE, "IRCP")


def as_fhir(row: AuditRow, query: str | None = None) -> Resource:
    """The AuditEvent of a row; `query` is its search, unsealed."""
    pattern = PATTERNS.get(row.subtype, OTHER)
    event: Resource = {
        "resourceType": "AuditEvent",
        "id": row.id,
        "meta": {"versionId": "1", "lastUpdated": _instant(row)} | _profile(row, pattern),
        "type": {"system": TYPES, "code": "rest", "display": "Restful Operation"},
        "subtype": [_subtype(row), {"system": TAGS, "code": row.tag}],
        "action": row.action,
        "recorded": _instant(row),
        "outcome": row.outcome,
        "agent": _agents(row, pattern),
        "source": {"site": "careline", "observer": {"display": row.writer}},
    }
    if row.purpose:
        event["purposeOfEvent"] = [{"coding": [{"system": PURPOSES, "code": row.purpose}]}]
    entities = _entities(row, query)
    return event | ({"entity": entities} if entities else {})


def _instant(row: AuditRow) -> str:
    return row.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _profile(row: AuditRow, pattern: Pattern) -> Resource:
    """The profiles are for success only; what was refused claims none."""
    if not pattern.profile or row.outcome != "0":
        return {}
    return {"profile": [f"{PROFILES}{'Patient' if row.patient_id else ''}{pattern.profile}"]}


def _subtype(row: AuditRow) -> Resource:
    if row.subtype in PATTERNS:
        return {"system": INTERACTIONS, "code": row.subtype}
    return {"system": INTERACTIONS, "code": "operation"}


def _agents(row: AuditRow, pattern: Pattern) -> list[Resource]:
    """Client and server; as user a patient or a member of staff, never the assistant itself."""
    who = {"identifier": {"system": AGENTS, "value": f"{row.agent_kind}/{row.agent_id}"}}
    client = {
        "type": _coded(DICOM, pattern.client),
        "who": who,
        "requestor": False,
        "network": {"address": row.origin or "internal", "type": "5"},
    }
    server = {
        "type": _coded(DICOM, pattern.server),
        "who": {"display": "Careline FHIR gateway"},
        "requestor": False,
        "network": {"address": "careline", "type": "5"},
    }
    user = {"type": _coded(PARTICIPATION, pattern.user), "requestor": True}
    if row.on_behalf_of:
        return [client, server, user | {"who": {"reference": f"Patient/{row.on_behalf_of}"}}]
    return [client, server, user | {"who": who}] if row.agent_kind == "staff" else [client, server]


def _entities(row: AuditRow, query: str | None) -> list[Resource]:
    entities: list[Resource] = []
    if row.resource_type and row.resource_id:
        entities.append(_entity("2", "4") | {"what": {"reference": _versioned(row)}})
    if row.patient_id:
        patient = {"what": {"reference": f"Patient/{row.patient_id}"}}
        entities.append(_entity("1", "1") | patient)
    if query is not None:
        encoded = base64.b64encode(query.encode("utf-8", "surrogatepass")).decode()
        entities.append(_entity("2", "24") | {"query": encoded})
    if row.request_id:
        kind = {"type": {"system": REQUEST_ID, "code": "XrequestId"}}
        entities.append(kind | {"what": {"identifier": {"value": row.request_id}}})
    if row.turn_id:
        turn = {"identifier": {"system": TURNS, "value": row.turn_id}}
        entities.append(_entity("4", "20") | {"what": turn})
    return entities


def _versioned(row: AuditRow) -> str:
    reference = f"{row.resource_type}/{row.resource_id}"
    return f"{reference}/_history/{row.resource_version}" if row.resource_version else reference


def _entity(type_: str, role: str) -> Resource:
    return {
        "type": {"system": ENTITY_TYPES, "code": type_},
        "role": {"system": ENTITY_ROLES, "code": role},
    }


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
