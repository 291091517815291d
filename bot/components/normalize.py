"""How people really type, brought to one spelling: text messages in English and Spanish."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

# A word here stands for itself in both languages, so what differs between them is left alone:
# "x" is "por" in Spanish and a kiss in English, "y" is "why" and "and".
SHORTHAND: Final = MappingProxyType(
    {
        # English
        "2day": "today",
        "2moro": "tomorrow",
        "2morrow": "tomorrow",
        "2nite": "tonight",
        "abt": "about",
        "addy": "address",
        "appmt": "appointment",
        "appnt": "appointment",
        "appoint": "appointment",
        "appt": "appointment",
        "appts": "appointments",
        "apt": "appointment",
        "apts": "appointments",
        "arent": "are not",
        "asap": "as soon as possible",
        "b4": "before",
        "bc": "because",
        "bday": "birthday",
        "bldg": "building",
        "bp": "blood pressure",
        "bs": "blood sugar",
        "btw": "by the way",
        "bye": "goodbye",
        "cant": "can not",
        "coz": "because",
        "cud": "could",
        "cuz": "because",
        "cya": "see you",
        "cxl": "cancel",
        "didnt": "did not",
        "doc": "doctor",
        "docs": "doctors",
        "doesnt": "does not",
        "dont": "do not",
        "dr": "doctor",
        "dunno": "do not know",
        "gimme": "give me",
        "gonna": "going to",
        "gotta": "have to",
        "gr8": "great",
        "hav": "have",
        "havent": "have not",
        "hlp": "help",
        "hr": "hour",
        "hrs": "hours",
        "hv": "have",
        "idk": "i do not know",
        "im": "i am",
        "ins": "insurance",
        "insur": "insurance",
        "isnt": "is not",
        "ive": "i have",
        "l8r": "later",
        "lemme": "let me",
        "med": "medicine",
        "medication": "medicine",
        "medications": "medicines",
        "meds": "medicines",
        "min": "minute",
        "mins": "minutes",
        "msg": "message",
        "n": "and",
        "nite": "night",
        "nvm": "never mind",
        "ofc": "office",
        "ppl": "people",
        "pharm": "pharmacy",
        "pls": "please",
        "plz": "please",
        "prob": "problem",
        "pt": "patient",
        "r": "are",
        "resched": "reschedule",
        "rite": "right",
        "rx": "prescription",
        "shud": "should",
        "sked": "schedule",
        "srry": "sorry",
        "tho": "though",
        "thru": "through",
        "thx": "thanks",
        "tmr": "tomorrow",
        "tmrw": "tomorrow",
        "tmw": "tomorrow",
        "tnx": "thanks",
        "tonite": "tonight",
        "ty": "thank you",
        "u": "you",
        "ur": "your",
        "w": "with",
        "wanna": "want to",
        "wat": "what",
        "wats": "what is",
        "whats": "what is",
        "wen": "when",
        "wheres": "where is",
        "wk": "week",
        "wks": "weeks",
        "wont": "will not",
        "wud": "would",
        "wut": "what",
        "ya": "you",
        "yall": "you",
        "yep": "yes",
        "yr": "year",
        "yrs": "years",
        "yup": "yes",
        # Spanish
        "aki": "aqui",
        "bn": "bien",
        "cm": "como",
        "cnd": "cuando",
        "cta": "cita",
        "ctas": "citas",
        "dnd": "donde",
        "dra": "doctora",
        "grax": "gracias",
        "hla": "hola",
        "holi": "hola",
        "k": "que",
        "kiero": "quiero",
        "mñn": "manana",
        "msj": "mensaje",
        "ncsito": "necesito",
        "nesecito": "necesito",
        "ntp": "no te preocupes",
        "pa": "para",
        "pq": "porque",
        "porfa": "por favor",
        "porfis": "por favor",
        "q": "que",
        "qiero": "quiero",
        "salu2": "saludos",
        "tb": "tambien",
        "tbn": "tambien",
        "tmb": "tambien",
        "toy": "estoy",
        "xa": "para",
        "xfa": "por favor",
        "xfavor": "por favor",
        "xk": "porque",
        "xq": "porque",
    }
)

# What a sign says. Others are dropped.
SIGNS: Final = MappingProxyType(
    {
        "👍": " yes ",
        "👌": " ok ",
        "✅": " yes ",
        "👎": " no ",
        "❌": " no ",
        "🙏": " thanks ",
        "👋": " hello ",
    }
)

_APOSTROPHES: Final = re.compile("['`\u00b4\u2018\u2019]")
_DIGIT: Final = re.compile(r"\d")
_NOT_KEPT: Final = re.compile(r"[^a-z0-9ñ?/:.%]+")
_POINT_AT_WORD: Final = re.compile(r"(?<!\d)[.:/]|[.:/](?!\d)")
_REPEATED_LETTER: Final = re.compile(r"([a-zñ])\1+")
_TILDE: Final = "\u0303"
_TILDE_ELSEWHERE: Final = re.compile(r"(?<!n)\u0303")
_SIGN: Final = re.compile("|".join(map(re.escape, SIGNS)))


def normalize(text: str) -> str:
    """Return the words of a text in one spelling.

    Lower case without accents, shorthand written out, every digit a 0, no letter twice in a row:
    "Cáncel my appt at 8am plzzz" and "cancel my appointment at 9am please" come out alike. Made
    for the classifier, in training and in use; nobody reads it.
    """
    written_out = " ".join(map(_written_out, _words(_fold_accents(text.lower()))))
    without_tilde = written_out.replace("ñ", "n")
    return _DIGIT.sub("0", _REPEATED_LETTER.sub(r"\1", without_tilde))


def _written_out(word: str) -> str:
    """Look the word up as typed, then without its repeated letters ("plzzz")."""
    return SHORTHAND.get(word) or SHORTHAND.get(_REPEATED_LETTER.sub(r"\1", word), word)


def _words(text: str) -> list[str]:
    """Cut into words; points, colons and slashes stay inside figures, question marks alone."""
    spoken = _SIGN.sub(lambda match: SIGNS[match.group()], _APOSTROPHES.sub("", text))
    kept = _NOT_KEPT.sub(" ", spoken).replace("?", " ? ")
    return _POINT_AT_WORD.sub(" ", kept).split()


def _fold_accents(text: str) -> str:
    """Drop the accents that people leave out, but keep ñ until the shorthand is read."""
    parts = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    bare = "".join(c for c in parts if c == _TILDE or not unicodedata.combining(c))
    return unicodedata.normalize("NFC", _TILDE_ELSEWHERE.sub("", bare))
