"""Short replies to a reminder, read without the engine, in English and Spanish.

The letters that it offers, and the few words that people write instead; the rest is the engine's.
"""

import re
from typing import Final

from api.core.text import words
from api.messaging.replies import reads_choice, reads_no, reads_yes
from api.reminders.kinds import DoseAnswer, SkipReason, VisitAnswer

_POLITE: Final = frozenset({"please", "pls", "thanks", "thank", "you", "porfa", "gracias", "ok"})

# "Ok" to "time for your medicine" promises something; only a yes says that it is done.
_OUTRIGHT: Final = frozenset({"yes", "y", "yea", "yeah", "yep", "yup", "yess", "si", "sip"})

_OF_WHAT: Final = (
    r"(?: of)?(?: (?:them|these|those))?"
    r"(?: (?:my |the )?(?:pills?|meds?|medicines?|medications?|doses|tablets)\b)?"
    r"(?: de (?:ellas|ellos|las dos|los dos))?"
    r"(?: (?:mis |las |los )?(?:pastillas|medicinas|medicamentos|dosis)\b)?"
)
# Each of the doses that are open, and none of them.
_EACH: Final = re.compile(
    rf"\b(?:for |para )?(?:both|all|everything|(?:las|los) dos|amb[ao]s|tod[ao]s|todo)\b{_OF_WHAT}"
)
_TWO: Final = frozenset({"both", "either", "neither", "dos", "ambas", "ambos"})
_NONE: Final = re.compile(rf"\b(?:for )?(?:either|any|neither|none|ningun[ao])\b{_OF_WHAT}")

_DOSE: Final = {
    **dict.fromkeys(
        (
            *("t", "taken", "took", "took it", "i took it", "just took it", "took them", "done"),
            *("i took", "i took them", "ive taken", "i have taken", "ive taken them", "yes i took"),
            *("yes took", "already took", "just took", "yes i took them", "me tome", "las tome"),
            *("me las tome", "ya las tome", "ya me las tome", "si las tome", "ya me tome"),
            *("yes i took it", "yes took it", "already took it", "i did", "took mine", "tkn"),
            *("tomada", "tomado", "tome", "la tome", "lo tome", "ya la tome", "ya lo tome"),
            *("ya tome", "ya me la tome", "ya me lo tome", "si la tome", "si lo tome", "ya esta"),
        ),
        DoseAnswer.TAKEN,
    ),
    **dict.fromkeys(
        (
            *("s", "skip", "skipped", "skip it", "skipped it", "i skipped it", "didnt take it"),
            *("i didnt take it", "did not take it", "not taking it", "missed it", "i missed it"),
            *("didnt take", "i didnt take", "did not take", "i did not take", "missed", "i missed"),
            *("i skipped", "skipping", "no tome", "no me tome", "no las tome", "no me las tome"),
            *("salte", "me salte", "las salte", "me las salte"),
            *("no la tome", "no lo tome", "no me la tome", "la salte", "me la salte", "saltada"),
        ),
        DoseAnswer.SKIPPED,
    ),
    **dict.fromkeys(
        (
            *(
                "l",
                "later",
                "not yet",
                "in a bit",
                "remind me later",
                "ill take it later",
                "snooze",
            ),
            *(
                "snooze",
                "i will take it later",
                "in an hour",
                "soon",
                "give me a minute",
                "not now",
            ),
            *("luego", "mas tarde", "todavia no", "aun no", "despues", "ahorita no", "en un rato"),
        ),
        DoseAnswer.LATER,
    ),
}
_WHY: Final = {
    **dict.fromkeys(
        ("forgot", "i forgot", "forgot it", "olvide", "se me olvido", "lo olvide", "la olvide"),
        SkipReason.FORGOT,
    ),
    **dict.fromkeys(
        (
            *("ran out", "i ran out", "im out", "none left", "out of pills", "no more pills"),
            *("se me acabo", "se acabo", "se me acabaron", "ya no tengo", "no tengo mas"),
        ),
        SkipReason.RAN_OUT,
    ),
    **dict.fromkeys(
        (
            *("side effect", "side effects", "it makes me sick", "makes me sick", "felt sick"),
            *("efecto secundario", "efectos secundarios", "me hace mal", "me cae mal"),
        ),
        SkipReason.SIDE_EFFECT,
    ),
    **dict.fromkeys(
        ("other", "other reason", "otro", "otra razon", "otro motivo"), SkipReason.OTHER
    ),
}
_VISIT: Final = {
    **dict.fromkeys(
        (
            *("c", "confirm", "confirmed", "i confirm", "ill be there", "i will be there"),
            *("yep ill be there", "yes ill be there", "see you then", "im coming", "i can come"),
            *("confirmo", "confirmar", "confirmada", "ahi estare", "alli estare", "si voy"),
            *("si ahi estare", "si alli estare", "nos vemos", "voy", "claro que voy"),
        ),
        VisitAnswer.CONFIRM,
    ),
    **dict.fromkeys(
        (
            *(
                "r",
                "reschedule",
                "change",
                "change it",
                "another time",
                "different time",
                "move it",
            ),
            *(
                "move it",
                "another day",
                "need to reschedule",
                "i need to reschedule",
                "can we reschedule",
            ),
            *("reprogramar", "cambiar", "cambiarla", "otro dia", "otra hora", "otra fecha"),
            *("necesito cambiarla", "quiero cambiarla", "necesito otra hora", "mover la cita"),
        ),
        VisitAnswer.CHANGE,
    ),
    **dict.fromkeys(
        (
            *("n", "cant come", "cant make it", "i cant make it", "i cant come", "cannot come"),
            *("cant go", "i wont make it", "wont make it", "not coming", "im not coming"),
            *("no puedo", "no puedo ir", "no voy", "no podre", "no podre ir", "no voy a poder ir"),
        ),
        VisitAnswer.CANNOT_COME,
    ),
}


def reads_dose(text: str) -> DoseAnswer | None:
    """What a short text says of a dose: T, "took it", "ya la tomé"; None for all else."""
    named = names_dose(text)
    if named is not None:
        return named
    return DoseAnswer.TAKEN if affirms(text) else None


def affirms(text: str) -> bool:
    """Whether it is an outright yes and nothing else; what it is a yes to, it does not say."""
    return reads_yes(text) and _OUTRIGHT.issuperset(words(text)[:1])


def names_dose(text: str) -> DoseAnswer | None:
    """What a short text says by itself, whatever was asked: a mere yes says nothing."""
    alone = _alone(text)
    said = _DOSE.get(alone) or _DOSE.get(_without(_EACH, alone))
    none = _NONE.search(alone)
    if said is not None or none is None:
        return said
    rest = _DOSE.get(_without(_NONE, alone))
    is_denied = "neither" in alone or "none" in alone
    skips = rest is DoseAnswer.SKIPPED or (is_denied and rest is DoseAnswer.TAKEN)
    return DoseAnswer.SKIPPED if skips else None


def says_all(text: str) -> bool:
    """Whether it speaks of every dose that is open: "took both", "ya me las tomé todas"."""
    said = " ".join(words(text))
    return bool(_EACH.search(said) or _NONE.search(said))


def says_two(text: str) -> bool:
    """Whether it speaks of two: "both", "neither", "las dos"; of three that is not clear."""
    return not _TWO.isdisjoint(words(text))


def says_only_all(text: str) -> bool:
    """Whether it says that and no more, as an answer to "which?"."""
    alone = _alone(text)
    return bool(_EACH.search(alone)) and not _without(_EACH, alone)


def _without(pattern: re.Pattern[str], said: str) -> str:
    return " ".join(pattern.sub(" ", said).split())


def reads_skip_reason(text: str) -> SkipReason | None:
    """Which reason a reply chooses, by its number or in its words."""
    chosen = reads_choice(text, len(SkipReason))
    return list(SkipReason)[chosen - 1] if chosen else _WHY.get(_alone(text))


def names_skip_reason(text: str) -> SkipReason | None:
    """Why a dose is not taken, said at once and in words: "ran out", "se me olvidó"."""
    why = _WHY.get(_alone(text))
    return None if why is SkipReason.OTHER else why


def reads_visit(text: str) -> VisitAnswer | None:
    """What a short text says of a visit: C, "ill be there", "no puedo ir"; None for all else."""
    named = names_visit(text)
    if named is not None:
        return named
    if reads_yes(text):
        # S is a dose's letter, never a short "sí".
        return None if words(text) == ["s"] else VisitAnswer.CONFIRM
    return VisitAnswer.CANNOT_COME if reads_no(text) else None


def names_visit(text: str) -> VisitAnswer | None:
    """The same where nothing was asked just now: a mere yes or no is no answer then."""
    return _VISIT.get(_alone(text))


def names_letter(text: str) -> bool:
    """Whether it is one of the letters that say it all: taken, skipped, confirmed."""
    return " ".join(words(text)) in {"t", "s", "c"}


def _alone(text: str) -> str:
    said = words(text)
    return " ".join(word for word in said if word not in _POLITE) or " ".join(said)
