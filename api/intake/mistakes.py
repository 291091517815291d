"""Wishes to change what a form says that was filled in, in English or Spanish. Pure."""

from typing import Final

from api.core.text import words

# Words that our texts print. Alone they may mean a visit as well, where no form is at hand.
_ALONE: Final = frozenset({"change", "change it", "cambiar", "cambiarlo", "cambiarla", "corregir"})
_FORM: Final = frozenset(
    {
        *("form", "forms", "answer", "answers", "questionnaire", "survey", "paperwork"),
        *("formulario", "formularios", "respuesta", "respuestas", "cuestionario"),
    }
)
_WISHES: Final = frozenset(
    {
        *("change", "correct", "fix", "edit", "update", "redo", "amend", "mistake", "mistakes"),
        *("wrong", "error", "errors", "changes", "correction", "corrections", "incorrect"),
        *("cambiar", "corregir", "arreglar", "modificar", "editar", "equivoque", "error"),
        *("errores", "mal", "cambio", "cambios", "correccion", "rehacer", "equivocacion"),
    }
)
# What may stand beside them without telling what the answer should be.
_BESIDE: Final = frozenset(
    {
        *("i", "id", "im", "a", "an", "the", "my", "me", "some", "one", "of", "in", "on", "to"),
        *("made", "make", "put", "gave", "wrote", "answered", "there", "is", "was", "its", "with"),
        *("want", "need", "would", "like", "can", "could", "have", "had", "please", "pls", "hi"),
        *("hello", "sorry", "oops", "think", "something", "you", "help", "that", "this", "it"),
        *("sent", "filled", "out", "just", "earlier", "yesterday", "today", "health", "intake"),
        *("un", "una", "el", "la", "los", "las", "mi", "mis", "de", "del", "en", "que", "hay"),
        *(
            "me",
            "hice",
            "puse",
            "quiero",
            "quisiera",
            "necesito",
            "puedo",
            "tengo",
            "esta",
            "hacer",
        ),
        *(
            "por",
            "favor",
            "hola",
            "perdon",
            "algo",
            "mande",
            "envie",
            "llene",
            "cometi",
            "conteste",
        ),
    }
)


def says_change(text: str) -> bool:
    """Tell whether a text is the word CHANGE alone, as the thanks for a form prints it."""
    return " ".join(word for word in words(text) if word not in {"please", "porfa"}) in _ALONE


def wants_to_change(text: str) -> bool:
    """Tell whether a text asks to change an answer of a form, and names the form or the answers.

    It tells nothing else: "I made a mistake on my form" is one; "change my answer to penicillin"
    is not, since what it says must not be lost.
    """
    told = frozenset(words(text))
    if told.isdisjoint(_FORM) or told.isdisjoint(_WISHES):
        return False
    return told <= _FORM | _WISHES | _BESIDE
