"""Whether somebody says, unasked, that texts may or may not name their medicines. Pure.

Read whole and strictly: what says anything else as well is not taken for it.
"""

import re
from typing import Final

from api.core.text import words

_MEDICINE: Final = r"(?:pills?|meds?|medicines?|medications?|drugs?|tablets?|prescriptions?)"
_MEDICINA: Final = r"(?:pastillas?|medicinas?|medicamentos?|medicaciones|medicacion|remedios?)"
_NAME: Final = (
    rf"(?:(?:name|naming|mention|mentioning) (?:(?:the )?names? of )?(?:my |the )?{_MEDICINE}"
    r"|(?:say|saying|show|showing|use|using|write|writing|put|putting) (?:the )?names? of "
    rf"(?:my |the )?{_MEDICINE})"
)
_NOMBRE: Final = (
    r"(?:(?:nombr(?:e|es|en|ar)|mencion(?:e|es|en|ar)) (?:(?:el|los) nombres? de )?"
    rf"(?:mis?|las?|los?|el) {_MEDICINA}"
    r"|(?:dig(?:a|as|an)|decir|pong(?:a|as|an)|poner|escrib(?:a|as|an|ir)|mostrar|muestren?|usar"
    rf"|usen?) (?:el|los) nombres? de (?:mis?|las?|los?|el) {_MEDICINA})"
)
_WHERE: Final = (
    r" (?:in|on) (?:the |my |your |these )?(?:texts?|messages?|reminders?|text messages?)"
)
_DONDE: Final = r" en (?:los |mis |sus |tus |estos )?(?:mensajes?|textos?|recordatorios?|avisos?)"
_POLITE: Final = r"(?:please |pls |por favor |porfa )?"
_END: Final = r"(?: anymore| any more| please| now| thanks| por favor| ya| gracias)*$"
_MAY: Final = (
    r"(?:you (?:may|can)|(?:its |it is )?(?:ok|okay|fine) to|i want you to|feel free to"
    r"|go ahead and)"
)
_PUEDE: Final = r"(?:(?:ya )?(?:puedes?|pueden)|quiero que|esta bien)"
_NO: Final = (
    re.compile(
        rf"^{_POLITE}(?:(?:i )?(?:do not|dont) want (?:you |the texts |texts )?to|do not|dont|never"
        rf"|you (?:may|can|must|should) ?not|stop|no) {_NAME}(?:{_WHERE})?{_END}"
    ),
    re.compile(
        rf"^{_POLITE}(?:no (?:quiero que |puede |pueden |debe )?|ya no |nunca )"
        rf"{_NOMBRE}(?:{_DONDE})?{_END}"
    ),
)
# "Name my medicines" alone asks which they are.
_YES: Final = (
    re.compile(rf"^{_POLITE}(?:yes )?{_MAY} (?:please )?{_NAME}(?:{_WHERE})?{_END}"),
    re.compile(rf"^{_POLITE}(?:yes )?{_NAME}{_WHERE}{_END}"),
    re.compile(rf"^{_POLITE}(?:si )?{_PUEDE} {_NOMBRE}(?:{_DONDE})?{_END}"),
    re.compile(rf"^{_POLITE}(?:si )?{_NOMBRE}{_DONDE}{_END}"),
)


def wishes_names(text: str) -> bool | None:
    """What a text says of naming medicines in texts: True, that they may be; None: nothing."""
    said = " ".join(words(text))
    if any(pattern.match(said) for pattern in _NO):
        return False
    return True if any(pattern.match(said) for pattern in _YES) else None
