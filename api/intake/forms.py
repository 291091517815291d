"""Reading a FHIR R4 Questionnaire: into a form that can be asked, or every reason why not."""

from collections.abc import Mapping

from api.intake.items import Condition, Form, Item, Option, Unsupported, Words
from api.intake.loading import Loader
from integrations.ports.fhir import Resource

__all__ = ["Condition", "Form", "Item", "Option", "Unsupported", "Words", "load_form"]


def load_form(questionnaire: Resource, value_sets: Mapping[str, Resource] | None = None) -> Form:
    """Return the form that a Questionnaire describes.

    Args:
        questionnaire: an R4 Questionnaire.
        value_sets: value sets that it may refer to, by their canonical address.

    Raises:
        Unsupported: it is not valid or cannot be asked in a conversation; with every reason.
    """
    return Loader(questionnaire, value_sets or {}).form()
