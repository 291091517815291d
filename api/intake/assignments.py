"""Which form is due for whom: a Task asks for it, and says when it is done.

Source: HL7 SDC, "Task Questionnaire" profile (sdc-task), read 2026-11-25: with the code
complete-questionnaire there is no focus, and the form is an input.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from integrations.ports.fhir import Pairs, Resource

SDC: Final = "http://hl7.org/fhir/uv/sdc/CodeSystem/temp"
CODE: Final = "complete-questionnaire"
FORM, RESPONSE = "questionnaire", "questionnaire-response"
OPEN: Final = ("requested", "received", "accepted", "ready", "in-progress")
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def as_task(
    form: str, patient: str, *, requester: str, now: datetime, visit: Resource | None = None
) -> Resource:
    """The Task that asks a patient to fill in a form.

    Args:
        form: canonical address of the Questionnaire, with its version.
        patient: whose form it is, and who fills it in: an id.
        requester: who wants it: "Practitioner/<id>".
        now: when it is asked.
        visit: the stored Appointment that it is for; it is due before that begins.
    """
    task: Resource = {
        "resourceType": "Task",
        # Nobody has to accept it first, as somebody must an escalation ("requested").
        "status": "ready",
        "intent": "order",
        "priority": "routine",
        "code": _coded(CODE),
        "for": {"reference": f"Patient/{patient}"},
        "owner": {"reference": f"Patient/{patient}"},
        "requester": {"reference": requester},
        "authoredOn": now.isoformat(),
        "lastModified": now.isoformat(),
        "input": [{"type": _coded(FORM), "valueCanonical": form}],
    }
    if visit is not None:
        task["reasonReference"] = {"reference": f"Appointment/{visit['id']}"}
        task["restriction"] = {"period": {"end": visit["start"]}}
    return task


def due_for(patient: str) -> Pairs:
    """Search parameters of the Tasks that ask this patient for a form that is not done yet."""
    code, statuses = f"{SDC}|{CODE}", ",".join(OPEN)
    return (("patient", patient), ("code", code), ("status", statuses))


def by_urgency(tasks: Iterable[Resource]) -> list[Resource]:
    """The one that is due first comes first; those without a due time follow, the oldest first."""
    return sorted(tasks, key=lambda task: (due_at(task) or _NEVER, _instant(task["authoredOn"])))


def is_form(task: Resource) -> bool:
    """Whether it asks for a form, and not for anything else."""
    return _has_code(task.get("code", {}), CODE)


def due_at(task: Resource) -> datetime | None:
    """When the form should be done; None where no time was set."""
    end = task.get("restriction", {}).get("period", {}).get("end")
    return None if end is None else _instant(end)


def form_of(task: Resource) -> str | None:
    """Canonical address of the form that is asked for; None where the Task names none."""
    for one in task.get("input", ()):
        if _has_code(one.get("type", {}), FORM) and "valueCanonical" in one:
            return str(one["valueCanonical"])
    return None


def taken_up(task: Resource, *, now: datetime) -> Resource:
    """The same Task once the first question was answered."""
    return {**task, "status": "in-progress", "lastModified": now.isoformat()}


def fulfilled(task: Resource, response: str, *, now: datetime) -> Resource:
    """The same Task once the answers were sent. `response`: the QuestionnaireResponse's id."""
    others = [one for one in task.get("output", ()) if not _has_code(one["type"], RESPONSE)]
    answers = {"reference": f"QuestionnaireResponse/{response}"}
    output = [*others, {"type": _coded(RESPONSE), "valueReference": answers}]
    changed = {"status": "completed", "lastModified": now.isoformat(), "output": output}
    return {**task, **changed}


def _coded(code: str) -> Resource:
    return {"coding": [{"system": SDC, "code": code}]}


def _has_code(concept: Resource, code: str) -> bool:
    codings = concept.get("coding", ())
    return any(one.get("system") == SDC and one.get("code") == code for one in codings)


def _instant(text: str) -> datetime:
    """A FHIR dateTime; a day, a month or a year counts from its beginning, in UTC."""
    whole = text if len(text) > len("2027-03") else f"{text}-01-01"[: len("2027-03-01")]
    at = datetime.fromisoformat(whole)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
