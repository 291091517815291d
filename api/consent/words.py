"""Words that opt in and out: the carrier's, and the same wish in a patient's own words."""

import re
from enum import StrEnum
from typing import Final

from api.core.text import words


class CarrierWord(StrEnum):
    """What a keyword that stands alone asks for."""

    STOP = "stop"
    START = "start"
    YES = "yes"
    HELP = "help"


# Twilio's default list, the FCC's examples and the words of other providers. Spanish: ALTO,
# PARAR, PARE, DETENER, BAJA and CANCELAR are what Spanish campaigns print or patients type.
_STOP: Final = frozenset(
    {
        *("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke"),
        *("optout", "opt out", "remove", "alto", "parar", "pare", "detener", "baja", "cancelar"),
    }
)
# ALTA is left out: alone it also means "high" and "discharged", and nobody may be opted in by
# accident. INICIAR and COMENZAR have no such second meaning. A carrier that blocks the number does
# not know them; its refusal (Twilio 21610) then marks the number as opted out again.
_START: Final = frozenset({"start", "unstop", "iniciar", "comenzar"})
_YES: Final = frozenset({"yes", "y", "si"})
_HELP: Final = frozenset({"help", "info", "ayuda", "informacion"})
# What Twilio acts on by itself, without our doing, when it stands alone in the message.
_CARRIER_DEFAULT: Final = frozenset(
    {
        *("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
        *("start", "unstop", "yes", "help", "info"),
    }
)
_CANCEL: Final = frozenset({"cancel", "cancelar"})


def read_carrier_word(text: str) -> CarrierWord | None:
    """Return the keyword when the text is that keyword alone, however it is decorated.

    What YES means (opt-in, or an answer) is for the caller to decide from the state of the number.

    Source: Twilio "Support for opt-out keywords" (read 2026-11); 47 CFR 64.1200(a)(10).
    """
    alone = " ".join(words(text))
    for word, family in (
        (CarrierWord.STOP, _STOP),
        (CarrierWord.START, _START),
        (CarrierWord.YES, _YES),
        (CarrierWord.HELP, _HELP),
    ):
        if alone in family:
            return word
    return None


def was_cancel(text: str) -> bool:
    """Tell whether the opt-out word was CANCEL, which may have meant the next visit.

    The carrier cuts the number off all the same; the clinic must look at the visit as well.
    """
    return " ".join(words(text)) in _CANCEL


def is_carrier_default(text: str) -> bool:
    """Tell whether the carrier knows the word as typed, and so acts and confirms by itself.

    It compares the bare word, in any case; decorated or disguised words are honoured by us alone.

    Source: Twilio "Support for opt-out keywords" (read 2026-11).
    """
    return text.strip().lower() in _CARRIER_DEFAULT


_POLITE_BEFORE: Final = r"(?:(?:please|pls|plz|ok|okay|hey|hi|just|no|por favor|porfa|ya) )*"
_POLITE_AFTER: Final = (
    r"(?: (?:please|pls|plz|now|it|this|that|thanks|thank you|already|all|everything|ok|immediately"
    r"|por favor|porfa|ya|stop|stopp))*"
)
_STOP_WORD: Final = r"s+t+o+p+|sotp|stpo|tsop|stp|stopit|stopp?ed|stopall|unsubscribe|optout"
_THINGS: Final = (
    r"(?:text(?:s|ing|ed)?|txt(?:s|ing)?|texto|textos|messages?|messaging|msgs?|sms|notifications?|spam"
    r"|reminders?|alerts?|mensajes?|mensajitos|recordatorios|notificaciones|avisos)"
)
_FILLER: Final = (
    r"(?:(?:sending|send|getting|receiving|me|us|the|these|those|any|all|of|your|more|this|with"
    r"|daily|so|many|stupid|automated|annoying|out) )*"
)
_END: Final = (
    r"(?: (?:please|pls|plz|now|anymore|any ?more|again|ever|thanks|thank you|at all|here|to me"
    r"|to this (?:number|phone)|on this (?:number|phone)|por favor|ya|nunca|mas))*$"
)

# What goes before and turns the wish round: "don't stop texting me", "he won't stop calling me".
_LOOK_BACK: Final = 60
_NOT_A_WISH: Final = re.compile(
    r"\b(?:dont|do not|never|not|wont|will not|doesnt|didnt|cant|did (?:you|u)|have (?:you|u)|why|"
    r"you|u|they|he|she|people|hes|shes|who|if you|before you|no dejen|no deje|no dejes)"
    r"(?: (?:guys|all|ever|just|even|please))*$"
)

_WISHES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # "stop texting me", "stop all these messages"
        rf"\b(?:stop|quit|cease|end|halt|cut out) {_FILLER}{_THINGS}\b(?! for (?!me\b))",
        r"\b(?:stop|quit) sending (?:me |us )?(?:stuff|things|anything|crap|this|these|it)\b",
        (
            r"\b(?:stop|quit) (?:contacting|bothering|harassing|spamming|messaging|writing|texting"
            r"|calling)\b"
        ),
        # "don't text me anymore", "do not contact me"
        (
            r"\b(?:dont|do not|never|no longer|not) (?:ever )?(?:want (?:you )?to )?"
            r"(?:text|txt|message|msg|contact|bother|write|sms)"
            r"(?: (?:to )?(?:me|my (?:phone|number)|us|this (?:number|phone)))?(?: with)?(?: any)?"
            rf"{_END}"
        ),
        (
            r"\b(?:dont|do not|never) (?:ever )?(?:send|call) (?:me|us) "
            rf"(?:any ?more|again|{_FILLER}{_THINGS}|any of these|these|anything|nothing|no more)"
        ),
        (
            r"\b(?:dont|do not|no longer|not) (?:want|wanna|wish|need|like|care) "
            rf"(?:to (?:get|receive|be sent|have) )?(?:{_FILLER}{_THINGS}|to be (?:texted|messaged"
            r"|contacted))\b(?! for)"
        ),
        rf"^(?:please )?no (?:more )?{_THINGS}{_END}",
        rf"\bno more (?:of )?(?:these |your |those |this )?{_THINGS}{_END}",
        (
            r"\bnot interested in (?:these|your|this|the|any|getting) ?.{0,12}"
            rf"{_THINGS}"
        ),
        # "take me off your list", "remove my number"
        (
            r"\b(?:take|get) (?:me|us|my (?:name|number|phone)(?: number)?) off (?:of )?"
            rf"(?:(?:your|the|this|that|all|these|ur) )*(?:lists?|{_THINGS}|system|thread"
            r"|contacts?|database|mailing|texting|calling)\b"
        ),
        rf"\btake (?:me|my (?:name|number)) off{_END}",
        (
            r"\b(?:remove|delete|drop|erase) "
            r"(?:me|us|my (?:cell |phone )?(?:number|phone|info|name|contact))"
            r"(?: from (?:(?:your|the|this|these|all|ur) )*(?:list|lists|texts?|messages?|system"
            r"|contacts?|database|mailing|texting|calling|thread|program|service)(?! for)\b.*"
            rf"|{_END})"
        ),
        r"\b(?:unsubscribe|opt (?:me )?out|opting out|unenroll me|lose my number)\b",
        r"\b(?:cancel|end|stop) (?:my |this |the )?(?:subscription|text service|texting)\b",
        r"^(?:please )?leave me alone(?: please| now)*$",
        # Spanish
        (
            r"(?<!\bno )\b(?:deja|dejen|deje|dejes|dejar|para|pare|paren|parar) "
            r"(?:ya )?de (?:estar )?"
            r"(?:escribir|mandar|enviar|molestar|textear|mensajear|contactar|llamar|escribiendo"
            r"|molestando|mandando|enviando)(?:me|nos|le|melos)?\b"
        ),
        r"\b(?:dejen|deja|deje)(?:me)? en paz\b",
        (
            r"\bno (?:me|nos|le) (?:vuelvan? a )?(?:mand\w+|envi\w+|escrib\w+|contact\w+|molest\w+"
            r"|text\w+|llam\w+)(?: (?:mas|ya|nunca|estos|sus|los|esos|por favor|nada|a este numero"
            rf"|otra vez|{_THINGS}))+$"
        ),
        r"\bno (?:me|nos) (?:molest\w+|contact\w+|escrib\w+|text\w+)$",
        (
            r"\b(?:ya )?no (?:quiero|deseo|quisiera) (?:recibir )?"
            rf"(?:mas |sus |estos |los |esos |tantos )*{_THINGS}"
        ),
        rf"\b(?:no mas|basta de|ya no mas) (?:los |estos |sus )?{_THINGS}",
        r"^(?:ya )?basta(?: ya| por favor)*$",
        (
            r"\b(?:quit|borr|sac|elimin|remuev|retir|saqu)\w*(?:me)? (?:mi |este )"
            r"(?:numero|telefono|nombre|celular)\b"
        ),
        (
            r"\b(?:quit|borr|sac|elimin|saqu)\w+me (?:de|del) (?:la |su |esta |esa |tu )?"
            r"(?:lista|grupo|sistema|mensajes)\b"
        ),
        r"\b(?:dar|dame|deme|denme|darme|darnos|doy|dar me) (?:me )?de baja\b",
        r"\bcancelar (?:mi |la |esta )?suscripcion\b",
    )
)
_ALONE: Final = re.compile(rf"^{_POLITE_BEFORE}(?:{_STOP_WORD}){_POLITE_AFTER}$")
_ALONE_SPANISH: Final = re.compile(
    rf"^{_POLITE_BEFORE}(?:alto|pare|paren|parar|detener|baja){_POLITE_AFTER}$"
)

# Reminders of one thing are not all that we send: "no more reminders about my pills".
_REMINDERS: Final = re.compile(r"\b(?:reminders?|alerts?|recordatorios|avisos)$")
_OF_ONE_THING: Final = re.compile(
    r"^ (?:about|for|of|to take|de|para|sobre) "
    r"(?:(?:my|the|these|this|taking|mi|mis|la|las|el|los|tomar|esa|esta|cada) )*"
    r"(?:pills?|med(?:s|icines?|ications?)?|tablets?|doses?|dosis|insulina?|metformina?|drugs?"
    r"|medic(?:inas?|amentos?|acion)|pastillas?|pildoras?|remedios?|visits?|appointments?|citas?)\b"
)


def is_free_text_opt_out(text: str) -> bool:
    """Tell whether the text asks, in any words, to be sent no more messages.

    Meant for texts that are no carrier word. A text that is nothing but a misspelt or spelled-out
    STOP counts; stopping a medicine, a pain or one visit does not.

    Source: 47 CFR 64.1200(a)(10), revocation "in any reasonable manner".
    """
    said = _joined_letters(words(text))
    if _ALONE.match(said) or _ALONE_SPANISH.match(said):
        return True
    return any(_is_wish(said, found) for pattern in _WISHES for found in pattern.finditer(said))


def _is_wish(said: str, found: re.Match[str]) -> bool:
    before = said[max(0, found.start() - _LOOK_BACK) : found.start()].rstrip()
    if _REMINDERS.search(found[0]) and _OF_ONE_THING.match(said[found.end() :]):
        return False
    return _NOT_A_WISH.search(before) is None


def _joined_letters(said: list[str]) -> str:
    """Join words that are spelled letter by letter ("s t o p")."""
    if len(said) >= 4 and all(len(word) == 1 for word in said):
        return "".join(said)
    return " ".join(said)


_WRONG_NUMBER: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"^wrong(?: (?:number|person|phone|one|contact))?(?: (?:sorry|please|stop|thanks))*$",
        r"\bwrong (?:number|person|num)\b(?! (?:of|for|on)\b)",
        (
            r"\b(?:this (?:is|isnt) not|this isnt|thats not|not|isnt) "
            r"(?:the right|my|her|his|their) "
            r"(?:number|phone)(?: anymore)?\b(?! of)"
        ),
        r"\b(?:no one|nobody|noone) (?:here )?(?:by|with) (?:that|this) name\b",
        r"\b(?:dont|do not) know (?:who )?(?:this|that|any)(?: person| patient| is)\b",
        r"\b(?:i am|im) not (?:the|that|this|your) (?:person|patient)\b",
        r"\b(?:numero|persona|telefono) (?:equivocad|incorrect|erroneo|erronea)\w*\b",
        r"^equivocad[oa]$",
        r"\bse equivoc\w+ de (?:numero|persona)\b",
        r"\b(?:este|ese) no es (?:el|su|mi) (?:numero|telefono)\b",
        r"\bno soy (?:esa|la|el|ese) (?:persona|paciente)\b",
        r"\b(?:aqui )?no (?:conozco a|hay|vive) (?:esa|nadie|ninguna) (?:persona|con ese nombre)\b",
    )
)
# The patient's own slip, or somebody else's, is not a number that we hold wrongly.
_ANOTHERS_SLIP: Final = re.compile(
    r"\b(?:i|we|did i|pharmacy|lab|hospital|they|insurance) (?:\w+ ){0,2}?"
    r"(?:gave|give|called|call|dialed|dial|wrote|put|entered|texted|text|have|has|had|sent)\b"
    r"|\b(?:di|puse|llame|marque|escribi) (?:\w+ ){0,2}?(?:el|un|al) numero\b"
)


def is_wrong_number(text: str) -> bool:
    """Tell whether the reader says that this phone is not the patient's."""
    said = " ".join(words(text))
    if _ANOTHERS_SLIP.search(said):
        return False
    return any(pattern.search(said) for pattern in _WRONG_NUMBER)
