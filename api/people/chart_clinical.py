"""The cards of what is known of a patient: allergies, problems, medicines, readings."""

from typing import Final

from api.people import readings as reading_rows
from api.people.chart_kinds import Item
from api.people.chart_reader import Found, Loaded, Reader
from api.people.dosage import directions
from api.people.record_words import (
    NAMELESS,
    concept_text,
    date_text,
    has_code,
    is_restricted,
    joined,
    listed,
    sentence_case,
)
from integrations.ports.fhir import Resource

# Source: SNOMED CT (IPS free set): 716186003 |No known allergy|.
NO_KNOWN_ALLERGY: Final = "716186003"
# What has these was never so, or was ruled out.
NOT_SO: Final = ("refuted", "entered-in-error")
OVER: Final = ("inactive", "resolved", "remission")
DOUBTFUL: Final = ("unconfirmed", "provisional", "differential")
# Readings that nobody took back.
STANDING: Final = "registered,preliminary,final,amended,corrected,unknown"
NO_DIRECTIONS: Final = "No directions on record"


async def allergies(reader: Reader) -> Loaded:
    """Every allergy that stands, the gravest first; "none known" only if the record says so."""
    found = await reader.all_of("AllergyIntolerance")
    standing = [each for each in found.resources if not _is_not_so(each)]
    denials = [each for each in standing if has_code(each.get("code"), NO_KNOWN_ALLERGY)]
    real = [each for each in standing if each not in denials]
    items = [_allergy(each) for each in sorted(real, key=_gravest_first)]
    current = any(not _is_over(each, *OVER) for each in denials)
    if items and current:
        items.append(Item("The record also says: no known allergies"))
    return Loaded(tuple(items), is_known_empty=current and not found.more, more=found.more)


async def problems(reader: Reader) -> Loaded:
    """Conditions that are not over, in the order of their names."""
    found = await reader.all_of("Condition")
    standing = [
        each for each in found.resources if not _is_not_so(each) and not _is_over(each, *OVER)
    ]
    items = sorted(map(_problem, standing), key=lambda item: item.text)
    return Loaded(tuple(items), more=found.more)


async def medicines(reader: Reader) -> Loaded:
    """What is ordered and not ended, then what the patient takes by their own account."""
    ordered = await reader.all_of("MedicationRequest", ("status", "active,on-hold"))
    taken = await reader.all_of("MedicationStatement", ("status", "active,on-hold"))
    orders = [each for each in ordered.resources if each.get("intent") != "proposal"]
    items = [await _medicine(reader, each, "dosageInstruction") for each in orders]
    items += [await _medicine(reader, each, "dosage") for each in taken.resources]
    return Loaded(tuple(items), more=ordered.more or taken.more)


async def readings(reader: Reader) -> Loaded:
    """The latest of each kind of reading, compared with the one before it."""
    found: Found = await reader.all_of("Observation", ("status", STANDING), ("_sort", "-date"))
    items = reading_rows.latest(found.resources, reader.zone)
    return Loaded(items[: reading_rows.MOST], more=found.more or len(items) > reading_rows.MOST)


def _is_not_so(resource: Resource) -> bool:
    return has_code(resource.get("verificationStatus"), *NOT_SO)


def _allergy(allergy: Resource) -> Item:
    reactions = [_reaction(each) for each in allergy.get("reaction", ())]
    parts = (
        "; ".join(text for text in reactions if text),
        "High criticality" if allergy.get("criticality") == "high" else "",
        _doubt(allergy),
        next((sentence_case(code) for code in OVER if _is_over(allergy, code)), ""),
    )
    return Item(_name(allergy), joined(parts), is_severe=_is_grave(allergy))


def _gravest_first(allergy: Resource) -> tuple[bool, bool, str]:
    return not _is_grave(allergy), _is_over(allergy, *OVER), _name(allergy)


def _is_grave(allergy: Resource) -> bool:
    severities = {each.get("severity") for each in allergy.get("reaction", ())}
    is_grave = allergy.get("criticality") == "high" or "severe" in severities
    return is_grave and not _is_over(allergy, *OVER)


def _is_over(resource: Resource, *codes: str) -> bool:
    return has_code(resource.get("clinicalStatus"), *codes)


def _reaction(reaction: Resource) -> str:
    manifest = [concept_text(each) for each in reaction.get("manifestation", ())]
    text = listed([each for each in manifest if each]) or str(reaction.get("description", ""))
    severity = reaction.get("severity")
    return f"{text} ({severity})" if severity and text else text


def _problem(condition: Resource) -> Item:
    onset = str(condition.get("onsetDateTime", ""))
    since = f"Since {date_text(onset)}" if onset else str(condition.get("onsetString", ""))
    detail = joined((since, concept_text(condition.get("severity")), _doubt(condition)))
    return Item(_name(condition), detail, is_sensitive=is_restricted(condition))


def _doubt(resource: Resource) -> str:
    status = resource.get("verificationStatus")
    return next((sentence_case(code) for code in DOUBTFUL if has_code(status, code)), "")


def _name(resource: Resource) -> str:
    return concept_text(resource.get("code")) or NAMELESS


async def _medicine(reader: Reader, medicine: Resource, dosages: str) -> Item:
    parts = (
        directions(medicine.get(dosages, ())) or NO_DIRECTIONS,
        "On hold" if medicine["status"] == "on-hold" else "",
        "By the patient's account" if dosages == "dosage" else "",
    )
    text = concept_text(await _medication(reader, medicine))
    return Item(text or NAMELESS, joined(parts), is_sensitive=is_restricted(medicine))


async def _medication(reader: Reader, medicine: Resource) -> Resource | None:
    """The concept, wherever it is: in the order, contained in it, or a resource of its own."""
    if "medicationCodeableConcept" in medicine:
        return dict(medicine["medicationCodeableConcept"])
    reference = str(medicine["medicationReference"].get("reference", ""))
    if reference.startswith("#"):
        contained = medicine.get("contained", ())
        found = next((each for each in contained if each.get("id") == reference[1:]), None)
    else:
        found = await reader.named(reference) if reference else None
    display = {"text": medicine["medicationReference"].get("display", "")}
    return found.get("code", display) if found else display
