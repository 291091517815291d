"""Wishes for a visit that are no answer to any question of a form, in English or Spanish. Pure."""

from typing import Final

from api.core.text import words

_VISIT: Final = frozenset({"visit", "appointment", "appt", "cita", "visita"})
_WISHES: Final = frozenset(
    {
        *("book", "schedule", "make", "get", "need", "want", "like", "wanna", "reserve"),
        *("reservar", "agendar", "hacer", "sacar", "pedir", "quiero", "necesito", "quisiera"),
    }
)
# What may stand beside them without telling anything of the person or the visit.
_BESIDE: Final = frozenset(
    {
        *("i", "id", "we", "can", "could", "would", "to", "a", "an", "the", "please", "pls", "hi"),
        *("hello", "actually", "just", "you", "me", "for", "up", "set", "have", "new", "another"),
        *("un", "una", "otra", "la", "por", "favor", "hola", "puedo", "me", "nueva", "gracias"),
    }
)


def wants_a_visit(text: str) -> bool:
    """Tell whether a text asks for a visit and tells nothing else: no reason, no day, no doctor.

    "I want to book a visit" is one; "I need a visit for my knee" may be an answer.
    """
    told = frozenset(words(text))
    if told.isdisjoint(_VISIT) or told.isdisjoint(_WISHES):
        return False
    return told <= _VISIT | _WISHES | _BESIDE
