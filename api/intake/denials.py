"""Answers that say that there is nothing to tell: no allergies, no medicines, no illness."""

import re
from typing import Final

from api.core.text import words

_NO: Final = frozenset(
    {
        *("no", "none", "nothing", "never", "not", "dont", "nope", "na", "havent", "without"),
        *("nada", "ninguna", "ninguno", "ningun", "nunca", "sin", "tampoco"),
    }
)
# What may stand beside a no without telling anything. No name of a substance or an illness.
_BESIDE: Final = frozenset(
    {
        *("i", "im", "am", "me", "my", "have", "had", "has", "take", "taking", "do", "any", "to"),
        *("of", "at", "all", "and", "or", "known", "allergic", "allergy", "allergies", "other"),
        *("medicine", "medicines", "medication", "medications", "meds", "drugs", "pills"),
        *("illness", "illnesses", "operation", "operations", "surgery", "surgeries", "disease"),
        *("diseases", "anything", "ever", "currently", "now", "please", "thanks", "thank", "you"),
        *("tengo", "soy", "tomo", "he", "tenido", "sufro", "a", "de", "y", "ni", "o", "yo", "la"),
        *("alergia", "alergias", "alergico", "alergica", "medicina", "medicinas", "medicamento"),
        *("medicamentos", "pastillas", "enfermedad", "enfermedades", "operacion", "operaciones"),
        *("cirugia", "cirugias", "conocida", "conocidas", "ahora", "por", "favor", "gracias"),
    }
)
_AS_FAR_AS_KNOWN: Final = re.compile(r"\b(?:that i know(?: of)?|as far as i know|que yo sepa)\b")


def says_none(text: str) -> bool:
    """Tell whether an answer only says that there is nothing, in English or Spanish.

    Anything beside that, such as the name of a medicine or "I do not know", makes it False.
    """
    told = _AS_FAR_AS_KNOWN.sub(" ", " ".join(words(text))).split()
    if told == ["n", "a"]:
        return True
    return not _NO.isdisjoint(told) and _NO.union(_BESIDE).issuperset(told)
