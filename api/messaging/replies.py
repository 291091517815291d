"""Short replies read without the engine: yes, no, choices, menu words, languages, birth dates."""

import re
from datetime import date
from enum import StrEnum
from itertools import permutations
from typing import Final

from api.core.language import Language
from api.core.text import fold, words


class Word(StrEnum):
    """A word that our texts offer as a reply."""

    BOOK = "book"
    MORE = "more"
    NONE = "none"
    BACK = "back"
    SKIP = "skip"
    MENU = "menu"
    PAUSE = "pause"
    LATER = "later"
    RESUME = "resume"
    FORM = "form"
    SEND = "send"
    DONE = "done"
    WHY = "why"
    LINK = "link"


_MENU_WORDS: Final = {
    **dict.fromkeys(("book", "book it", "reservar", "reserva", "agendar"), Word.BOOK),
    **dict.fromkeys(("more", "more times", "other times", "mas", "mas horas", "otros"), Word.MORE),
    **dict.fromkeys(
        ("none", "none of them", "none of these", "ninguna", "ninguno", "ninguna de esas"),
        Word.NONE,
    ),
    **dict.fromkeys(("back", "go back", "atras", "volver", "regresar"), Word.BACK),
    **dict.fromkeys(("skip", "pass", "saltar", "omitir", "saltear"), Word.SKIP),
    **dict.fromkeys(("menu", "main menu", "options", "opciones", "menu principal"), Word.MENU),
    **dict.fromkeys(("pause", "pause it", "pausa", "pausar"), Word.PAUSE),
    **dict.fromkeys(("later", "not now", "luego", "mas tarde", "despues", "ahora no"), Word.LATER),
    **dict.fromkeys(("resume", "resume form", "reanudar", "retomar", "seguir"), Word.RESUME),
    **dict.fromkeys(
        (
            *("form", "my form", "start form", "start my form", "start the form", "open my form"),
            *("formulario", "mi formulario", "empezar formulario", "empezar mi formulario"),
        ),
        Word.FORM,
    ),
    **dict.fromkeys(("send", "send it", "submit", "enviar", "mandar", "envia"), Word.SEND),
    **dict.fromkeys(("done", "thats all", "no more", "listo", "eso es todo"), Word.DONE),
    **dict.fromkeys(("why", "but why", "why do you ask", "por que", "porque"), Word.WHY),
    **dict.fromkeys(("why are you asking me this", "por que me pregunta eso"), Word.WHY),
    **dict.fromkeys(("link", "new link", "enlace", "otro enlace", "nuevo enlace"), Word.LINK),
}
_POLITE: Final = frozenset({"please", "pls", "plz", "thanks", "thank", "you", "porfa", "gracias"})

_YES: Final = frozenset(
    {
        *("yes", "y", "ye", "yea", "yeah", "yep", "yup", "ya", "yess", "ok", "okay", "okey", "k"),
        *("kk", "sure", "correct", "right", "yes i do", "yes i am", "sounds good", "of course"),
        *("thats right", "i do", "i agree", "agree", "agreed", "confirm", "absolutely", "fine"),
        *("si", "s", "claro", "claro que si", "por supuesto", "correcto", "vale", "de acuerdo"),
        *("esta bien", "bueno", "dale", "asi es", "confirmo", "acepto", "sip", "oki"),
        *("perfect", "great", "definitely", "that works", "works for me", "yes that works"),
    }
)
_NO: Final = frozenset(
    {
        *("no", "n", "nope", "nah", "naw", "nop", "not really", "no thank you", "no thanks"),
        *("not now", "negative", "never", "no gracias", "para nada", "nel", "ahora no", "no way"),
        *("i dont", "no i dont", "no im not", "im not", "im fine", "no im fine", "nunca", "noo"),
        *("no im ok", "im ok", "not anymore", "ya no", "no estoy bien gracias", "no i am not"),
    }
)
_THUMBS_UP: Final = frozenset("👍👌✅✔🆗🙆")
_THUMBS_DOWN: Final = frozenset("👎❌🙅🚫")


def reads_yes(text: str) -> bool:
    """Tell whether the text is a yes and nothing else (👍 and "sí, claro" are)."""
    return _is_answer(text, _YES, _THUMBS_UP)


def reads_no(text: str) -> bool:
    """Tell whether the text is a no and nothing else."""
    return _is_answer(text, _NO, _THUMBS_DOWN)


def _is_answer(text: str, answers: frozenset[str], signs: frozenset[str]) -> bool:
    said = words(text)
    if not said:
        return any(sign in text for sign in signs)
    polite = "please", "thanks", "porfa", "gracias", "pls"
    kept = [word for word in said if word not in polite] or said
    whole = " ".join(said)
    return whole in answers or " ".join(kept) in answers or _all_in(kept, answers)


def _all_in(said: list[str], answers: frozenset[str]) -> bool:
    """Tell whether a few words each are the answer ("yes ok", "sí claro")."""
    return 0 < len(said) <= 3 and all(word in answers for word in said)


def reads_word(text: str) -> Word | None:
    """Return the menu word when the text is that word, in English or Spanish, accents or not."""
    said = words(text)
    alone = " ".join(word for word in said if word not in _POLITE) or " ".join(said)
    return _MENU_WORDS.get(alone) or _MENU_WORDS.get(" ".join(said))


_NUMBERS: Final = {
    word: number
    for number, names in enumerate(
        (
            ("one", "first", "1st", "uno", "una", "primero", "primera", "primer", "1ra", "1ro"),
            ("two", "second", "2nd", "dos", "segundo", "segunda", "2da", "2do"),
            ("three", "third", "3rd", "tres", "tercero", "tercera", "tercer", "3ra", "3ro"),
            ("four", "fourth", "4th", "cuatro", "cuarto", "cuarta", "4ta", "4to"),
            ("five", "fifth", "5th", "cinco", "quinto", "quinta", "5ta", "5to"),
            ("six", "sixth", "6th", "seis", "sexto", "sexta"),
            ("seven", "seventh", "7th", "siete", "septimo", "septima"),
            ("eight", "eighth", "8th", "ocho", "octavo", "octava"),
            ("nine", "ninth", "9th", "nueve", "noveno", "novena"),
        ),
        start=1,
    )
    for word in names
}
_LAST: Final = frozenset({"last", "ultimo", "ultima"})
# Words that may stand around a number when a line of a list is chosen.
_AROUND: Final = frozenset(
    {
        *("the", "option", "number", "no", "num", "choice", "one", "please", "pls", "i", "want"),
        *("take", "ill", "id", "like", "will", "would", "choose", "pick", "go", "with", "lets"),
        *("do", "is", "good", "works", "that", "thanks", "ok", "yes", "for", "me", "slot", "time"),
        *("la", "el", "opcion", "numero", "por", "favor", "quiero", "prefiero", "elijo", "si"),
        *("gracias", "esta", "bien", "hora", "me", "gusta", "mejor", "cita", "line", "can", "get"),
        *("great", "perfect", "fine", "let", "us", "my", "a", "it", "book", "need", "tomo", "y"),
    }
)


def reads_choice(text: str, count: int) -> int | None:
    """Return which line of a numbered list the text chooses, from 1 to `count`.

    None when it chooses none, or when two different lines are named.
    """
    found: set[int] = set()
    said = words(text)
    for place, word in enumerate(said):
        number = _choice_of(word, count)
        if number is not None and not _is_pronoun(word, said, place):
            found.add(number)
        elif word not in _AROUND:
            return None
    if len(found) != 1:
        return None
    choice = found.pop()
    return choice if 1 <= choice <= count else None


def _choice_of(word: str, count: int) -> int | None:
    if word in _LAST:
        return count
    if word.isascii() and word.isdigit():
        return int(word[:4])
    return _NUMBERS.get(word)


def _is_pronoun(word: str, said: list[str], place: int) -> bool:
    """Tell whether this "one" only stands for the line ("the second one", "I want that one")."""
    return (
        word in {"one", "una", "uno"}
        and len(said) > 1
        and place == len(said) - 1
        and (said[place - 1] not in {"option", "number", "choice", "opcion", "numero", "la", "el"})
    )


_STAFF: Final = (
    r"(?:(?:real |live |actual |human )?(?:person|human|nurse|agent|operator|representative|rep"
    r"|coordinator|receptionist|people|staff|someone|somebody|doctor|provider|human being|anyone"
    r"|front desk|care team|clinic staff|persona|enfermer[ao]|agente|operador[a]?|humano"
    r"|recepcionista|representante|coordinador[a]?|alguien|doctor[a]?|medico)(?: real)?)"
)
_PERSON_ALONE: Final = re.compile(
    r"^(?:(?:please|pls|hi|hello|hola|ok|no|the|a|an|get|una?|la|el|real|live|human|quiero|want|need"
    r"|necesito|me|i|to|por favor) )*"
    r"(?:person|human|nurse|agent|operator|representative|rep|coordinator|receptionist|staff"
    r"|persona|enfermer[ao]|agente|operador[a]?|humano|recepcionista|representante|human being"
    r"|coordinador[a]?|front desk|real person|someone real|somebody real|alguien real|ser humano)"
    r"(?: (?:please|pls|now|por favor|porfa|ya|asap|real|thanks|gracias|right now|ahora))*$"
)
_TALK: Final = r"(?:talk|speak|chat|text|connect|transfer|put|get|switch|pass|forward|direct|hand)"
_ASKS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        (
            rf"\b{_TALK}(?:ing)? (?:me |us |this )?(?:over |through )?(?:to|with|2) "
            rf"(?:a |an |the |my |one of the |some )*{_STAFF}\b"
            r"(?! (?:about it )?(?:yesterday|last|before))"
        ),
        (
            r"\b(?:i|we) (?:just )?(?:want|need|wanna|would like|demand|prefer) (?:a |an |to have )"
            r"(?:real |live |actual )?(?:person|human|nurse|agent|operator|representative|rep"
            r"|coordinator|human being)(?: (?:to|please|now|not|who|on|instead|call)\b.*)?$"
        ),
        (
            r"\b(?:have|can|could|ask|get|let|want|need) (?:a |an |the |my )?(?:real |live )?"
            r"(?:someone|somebody|person|nurse|human|doctor) (?:to |please )?"
            r"(?:call|phone|contact|help|text|reach)\b"
        ),
        (
            r"\b(?:is|are) (?:there|this|you) (?:even )?a (?:real|live|actual|human) ?"
            r"(?:person|human|being)?\b"
        ),
        (
            r"\b(?:not|hate|no more|stop with the) (?:talking to )?(?:a |this |the )?"
            r"(?:bot|robot|machine)s?\b"
        ),
        r"\b(?:real|live|actual) (?:person|human|agent|nurse)\b(?: please| now)*$",
        (
            r"\b(?:dont|do not) want (?:to (?:talk|speak|chat) (?:to|with) )?(?:a |this |the )?"
            r"(?:bot|robot|machine|computer)\b"
        ),
        r"\bsomeone real\b",
        # Spanish
        (
            rf"\b(?:hablar|chatear|comunicar|comunicarme|platicar|conectar|conectarme|pasar|pasarme"
            r"|comuniqueme|comunicame|comuniquenme|paseme|pasame|pasenme|conecteme|hablo|contactar)"
            rf"(?: yo)? (?:con|a) (?:(?:una?|la|el|mi|algun[a]?|otra) )*{_STAFF}\b"
        ),
        (
            r"\b(?:quiero|necesito|deseo|quisiera|prefiero|busco) (?:a )?(?:una?|la|el|alguna?) "
            r"(?:persona|enfermer[ao]|agente|operador[a]?|humano|representante|ser humano)"
            r"(?: (?:real|por favor|ya|ahora))*(?: (?:no un|que me|para) .*)?$"
        ),
        (
            r"\b(?:me llame|llameme|me puede llamar|pueden? llamarme) "
            r"(?:una |un |la )?(?:persona|enfermer[ao]|alguien|doctor[a]?)\b"
        ),
        r"\balguien real\b",
    )
)
_LOOK_BACK: Final = 60
_NOT_ASKING: Final = re.compile(
    r"\b(?:dont|do not|didnt|not|no quiero|no need|already|ya|do i (?:need|have)|should i|does he"
    r"|does she|if i|will i|did i)(?: \w+){0,3}$"
)


def wants_person(text: str) -> bool:
    """Tell whether the text asks for a person instead of the assistant, in English or Spanish."""
    said = " ".join(words(text))
    if _PERSON_ALONE.match(said):
        return True
    return any(
        _NOT_ASKING.search(said[max(0, found.start() - _LOOK_BACK) : found.start()].rstrip())
        is None
        for pattern in _ASKS
        for found in pattern.finditer(said)
    )


_NAMES: Final = {
    **dict.fromkeys(("english", "ingles", "inglish", "anglais"), Language.EN),
    **dict.fromkeys(("spanish", "espanol", "castellano", "espanhol", "spanol"), Language.ES),
}
_LANGUAGE_AROUND: Final = frozenset(
    {
        *("in", "en", "please", "pls", "por", "favor", "porfa", "i", "speak", "hablo", "only"),
        *("solo", "habla", "hablan", "do", "you", "switch", "change", "to", "a", "cambiar", "want"),
        *("quiero", "prefiero", "prefer", "can", "we", "this", "me", "talk", "text", "the", "my"),
        *("language", "idioma", "lenguaje", "puede", "puedo", "pueden", "escribir", "hablar", "el"),
        *("need", "necesito", "messages", "mensajes", "i", "would", "like", "hola", "hi", "hello"),
        *("could", "use", "make", "it", "and", "y", "no", "version", "send", "write", "reply"),
        *("dont", "understand", "entiendo", "have", "instead", "cambie", "cambia", "responder"),
        *("se", "mi", "es", "is", "lo", "recibir", "get", "mejor", "gracias", "thanks", "know"),
        *("hacerlo", "continuar", "continue", "seguir", "escriba", "escribame", "mandar"),
    }
)
_NOT_SPOKEN: Final = re.compile(
    r"\b(?:dont|do not|no|cant|not) (?:\w+ ){0,2}?"
    r"(?:speak|understand|hablo|entiendo|read|know|se|leo)"
)


def reads_language(text: str) -> Language | None:
    """Return the language that the text asks for; None when it only mentions one.

    "I don't speak English" asks for Spanish.
    """
    said = words(text)
    named = {_NAMES[word] for word in said if word in _NAMES}
    if len(named) != 1 or any(w not in _NAMES and w not in _LANGUAGE_AROUND for w in said):
        return None
    language = named.pop()
    if _NOT_SPOKEN.search(" ".join(said)):
        return Language.ES if language is Language.EN else Language.EN
    return language


# Names of months, without accents, in both languages.
MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            ("january", "jan", "enero", "ene"),
            ("february", "feb", "febrero", "febuary"),
            ("march", "mar", "marzo"),
            ("april", "apr", "abril", "abr"),
            ("may", "mayo"),
            ("june", "jun", "junio"),
            ("july", "jul", "julio"),
            ("august", "aug", "agosto", "ago"),
            ("september", "sep", "sept", "septiembre", "setiembre"),
            ("october", "oct", "octubre"),
            ("november", "nov", "noviembre"),
            ("december", "dec", "diciembre", "dic"),
        ),
        start=1,
    )
    for name in names
}
_DATE_PART: Final = re.compile(r"\d+|[a-z]+")
_ORDINAL_ENDS: Final = frozenset({"st", "nd", "rd", "th", "of", "de", "del", "the", "el", "ro"})
# Nobody is known to have lived longer than 122 years.
_OLDEST_YEARS: Final = 122


def reads_birth_dates(text: str, language: Language, *, today: date) -> tuple[date, ...]:
    """Return every birth date that the text may mean, the likeliest in `language` first.

    "3/9/1979" is 9 March first in English and 3 September first in Spanish. Never a day after
    `today` nor more than 122 years before it. Empty when the text holds no date, or two.
    """
    parts = [part for part in _DATE_PART.findall(fold(text)) if part not in _ORDINAL_ENDS]
    months = [MONTHS[part] for part in parts if part in MONTHS]
    numbers = _split_run([part for part in parts if part.isdigit()])
    if len(months) == 1 and len(numbers) == 2:
        readings = _with_month_name(months[0], numbers)
    elif not months and len(numbers) == 3:
        readings = _by_order(numbers, language)
    else:
        return ()
    born = (
        _born(whole, month, day, today=today)
        for year, month, day in readings
        for whole in _centuries(year, today)
    )
    return tuple(dict.fromkeys(day for day in born if day is not None))


def _centuries(year: str, today: date) -> tuple[int, ...]:
    """Return the year, or for two digits the years they may be short for, the latest first."""
    if len(year) == 4:
        return (int(year),)
    century = today.year // 100 * 100
    return century + int(year), century - 100 + int(year)


def _split_run(numbers: list[str]) -> list[str]:
    """Part a date that is written as one number: 03091979, 19790309, 030979."""
    if len(numbers) != 1 or len(numbers[0]) not in {6, 8}:
        return numbers
    run = numbers[0]
    if len(run) == 8 and run[:2] in {"19", "20"}:
        return [run[:4], run[4:6], run[6:]]
    return [run[:2], run[2:4], run[4:]]


def _with_month_name(month: int, numbers: list[str]) -> list[tuple[str, int, int]]:
    return [
        (year, month, int(day))
        for day, year in permutations(numbers)
        if len(day) <= 2 and len(year) in {2, 4}
    ][: 1 if len(numbers[1]) != 2 or len(numbers[0]) != 2 else 2]


def _by_order(numbers: list[str], language: Language) -> list[tuple[str, int, int]]:
    first, second, third = numbers
    if len(first) == 4:
        return [(first, int(second[:3]), int(third[:3]))]
    if len(third) not in {2, 4} or max(len(first), len(second)) > 2:
        return []
    month_first = (third, int(first), int(second))
    day_first = (third, int(second), int(first))
    return [day_first, month_first] if language is Language.ES else [month_first, day_first]


def _born(year: int, month: int, day: int, *, today: date) -> date | None:
    """Return the day when it exists and a living person may have been born on it."""
    try:
        born = date(year, month, day)
    except ValueError:
        return None
    return born if born <= today and today.year - born.year <= _OLDEST_YEARS else None
