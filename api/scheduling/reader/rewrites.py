"""Owns the first reading of the symbols: noise is hidden, every way to say a time made a clock."""

import re
from collections.abc import Callable
from functools import cache

from api.core.language import Language

type Replacement = str | Callable[[re.Match[str]], str]
type Rewrite = tuple[re.Pattern[str], Replacement]

_HOUR = r"(?:1[0-2]|[1-9])"
# What turns a number into a count, a date, an age or a measure and so keeps it from being an hour.
_COUNTED = r"(?! (?:- )?(?:un:|ms|old|mo:|fn|visit|pair|of(?: the)? (?:mo|un|this|next)|o:|n:))"
_BOUND = r"(?:at|after|before|by|until|from)"
_FILLER = r"(?: (?:w|at|of|an|pron|-|over|the|rd:0|this|last|yest|from|and)){0,3}"
_FIGURE = r"(?:n:\d+|hm:\d+:\d+|dc:\d+:\d+|pair:\d+-\d+|yr:\d+)"
_AMOUNT = r"(?:n:\d+|an|few|half|half an|at n:\d+)"

# In "move it from tuesday to thursday" the second takes the place of the first.
_MOVED = re.compile(
    r" (?:to|until|for)(?= (?:at )?(?:the )?(?:n:|ck:|o:|ow:|wd:|rd:|mo:|next|this|coming"
    r"|pair|sat |sun ))"
    r"|(?<=n:\d)(?= at n:)|(?<=n:\d\d)(?= at n:)"
)


def rewrite(symbols: str, language: Language) -> str:
    """Give the symbols with noise as "x", times as `ck` and spans of hours as `hrs`."""
    if " mv " in symbols:
        symbols = _MOVED.sub(" corr", symbols)
    for pattern, replacement in _table(language):
        symbols = pattern.sub(replacement, symbols)
    return symbols


def _rule(pattern: str, replacement: Replacement) -> Rewrite:
    spaced = f" {replacement}" if isinstance(replacement, str) else replacement
    return re.compile(f" {pattern}(?= )"), spaced


@cache
def _table(language: Language) -> tuple[Rewrite, ...]:
    own = _spanish() if language is Language.ES else _english()
    return (*_noise(), *own, *_clocks(), *_ranges(), *_neighbours())


def _noise() -> tuple[Rewrite, ...]:
    month_follows = r"(?! (?:of|in) (?:the )?(?:mo:|un:m|this|next|may))"
    return (
        _rule(r"dr (?:mo:\d+|may|mar|wd:\d|sun|sat)", "dr"),
        _rule(
            rf"(?:msw|suffer){_FILLER} {_FIGURE}(?: (?:over|ms) n:\d+)?(?! (?:mer|pt|in pt))", "x"
        ),
        _rule(rf"{_FIGURE} (?:- )?ms(?: n:\d+)?", "x"),
        _rule(r"cur (?:n:\d+|hm:\d+:\d+|dc:\d+:\d+)", "x"),
        _rule(r"n:\d+ (?:- )?(?:un:[dwmy] (?:- )?)?old", "x"),
        _rule(r"(?:o|ow):\d+ (?:fn|visit|ms|dr)", "x"),
        _rule(rf"{_AMOUNT} (?:an )?un:\w ago", "x"),
        _rule(rf"(?:since|for)(?: (?:the|last|at|past))* {_AMOUNT} un:\w(?! from)", "x"),
        _rule(
            rf"last (?:(?:n:\d+|few) )?(?:un:\w|wd:\d|sat|sun|pt:\w+|wke|mo:\d+){month_follows}",
            "x",
        ),
        _rule(r"(?:the )?(?:un:[wmy]|wd:\d|wke|mo:\d+) last", "x"),
        _rule(r"yest(?: (?:in )?(?:the )?pt:\w+)?(?: at n:\d+)?", "x"),
        _rule(r"every (?:n:\d+|other|w) un:\w", "x"),
        _rule(r"bye", "x"),
        _rule(r", neg ,", "corr"),
        _rule(r"next next un:w", "un:w after next"),
        _rule(r"orlater(?= (?:at )?(?:ck|n):)", "or after"),
        _rule(r"orbefore(?= (?:at )?(?:ck|n):)", "or before"),
        _rule(r"(mo:\d+) ((?:n|o):\d+) (or|and) ((?:n|o):\d+)(?! of)", r"\1 \2 \3 \1 \4"),
        _rule(
            r"((?:n|o):\d+) (or|and) ((?:the )?(?:n|o):\d+) of (mo:\d+)", r"\1 of \4 \2 \3 of \4"
        ),
        _rule(r"(this (un:[wm])(?: \S+){1,4}) next(?= (?:[.] )?$)", r"\1 next \2"),
        _rule(r"pair:24-7", "x"),
        _rule(r"pron (?:w )?mo:3(?! (?:the |n:|o:))", "w"),
        (re.compile(r"^ mo:[468](?= w )"), " w"),
        _rule(r"(?:pron|w) pron? ?w? ?x", "x"),
    )


def _english() -> tuple[Rewrite, ...]:
    dated = r"(?=(?: the)? (?:n|o|ow):)"
    return (
        _rule(rf"may{dated}", "mo:5"),
        _rule(
            r"((?:n|o|ow):\d+|of|in|early|mid|end|until|before|after|by|next|from)"
            r"(?: the)? may(?! w)",
            r"\1 mo:5",
        ),
        _rule(r"may(?= (?:[.] )?$)", "mo:5"),
        _rule(rf"mar{dated}", "mo:3"),
        _rule(r"((?:n|o|ow):\d+)(?: of| -)? mar", r"\1 mo:3"),
        _rule(r"(?:may|mar)", "w"),
        _rule(r"(pron|the) (?:sat|sun)", r"\1 w"),
        _rule(r"sat(?= (?:satx|on(?! the (?:o|n))|in(?! (?:the )?(?:pt|mo))|the w))", "w"),
        _rule(r"sun(?= sunx)", "w"),
        _rule(r"sat", "wd:5"),
        _rule(r"sun", "wd:6"),
    )


def _spanish() -> tuple[Rewrite, ...]:
    named = r"(wd:\d|un:[dwmy]|wke|mo:\d+)"
    return (
        _rule(rf"n:(5|10|15|20|25) (?:un:i )?toat n:({_HOUR})", lambda m: _to(m[2], int(m[1]))),
        _rule(r"toat", "at"),
        _rule(r"mar(?= (?:n|ow):)", "mo:3"),
        _rule(r"(n:\d+)(?: of| -)? mar", r"\1 mo:3"),
        _rule(r"mar", "wd:1"),
        _rule(rf"(?:next )?{named} (?:follow|next|coming)(?! (?:un|wd|wke|mo))", r"next \1"),
        _rule(r"(wds:\d (?:and|or|,)) wd:(\d)", r"\1 wds:\2"),
        _rule(r"(n:\d+|few) un:(\w) follow", r"next \1 un:\2"),
        _rule(r"(n:\d+|few) next un:(\w)", r"next \1 un:\2"),
        _rule(r"the? ?un:d n:(\d+)", r"the n:\1"),
        _rule(r"un:d n:(\d+)", r"the n:\1"),
        _rule(rf"(?:at )?n:({_HOUR}) and (half|quarter)", _fraction),
        (re.compile(rf"(?<!between) (?:at )?n:({_HOUR}) and n:(\d+)(?= )"), _minutes_past),
        _rule(rf"(?:at )?n:({_HOUR}) minus quarter", lambda m: _to(m[1], 15)),
        _rule(rf"(?:at )?n:({_HOUR}) minus n:(\d+)", lambda m: _to(m[1], int(m[2]))),
        _rule(r"at n:(\d+) un:h", lambda m: _exact(m, "x")),
        _rule(rf"(rd:\d+|wd:\d) to n:({_HOUR}){_COUNTED}", r"\1 ck:\2:0:u"),
        _rule(rf"at n:({_HOUR}) n:0 n:(\d)(?! n)", r"at ck:\1:\2:u"),
    )


def _clocks() -> tuple[Rewrite, ...]:
    past = r"(?:past|after)"
    to = r"(?:to|until|before)"
    hour = rf"(?:at )?(?:n:(?P<h>{_HOUR})(?! un)|ck:(?P<ch>\d+):0:(?P<half>\w))"
    return (
        _rule(r"in hh:(\d+)", r"in n:\1 un:h"),
        _rule(r"hh:(\d+)", lambda m: _exact(m, "x")),
        _rule(rf"n:({_HOUR}) n:0 n:(\d) mer:(\w)", r"ck:\1:\2:\3"),
        _rule(rf"n:({_HOUR}) n:0 ck:(\d):0:([ap])", r"ck:\1:\2:\3"),
        _rule(rf"half (?:past|after)? ?{hour}", lambda m: _shift(m, 30)),
        _rule(rf"quarter {past} {hour}", lambda m: _shift(m, 15)),
        _rule(rf"quarter {to} {hour}", lambda m: _shift(m, -15)),
        _rule(rf"n:(?P<n>\d+) (?:un:i )?past {hour}", lambda m: _shift(m, int(m["n"]))),
        _rule(rf"n:(?P<n>\d+) un:i (?:after|from) {hour}", lambda m: _shift(m, int(m["n"]))),
        _rule(rf"n:(?P<n>20|25|5) after {hour}", lambda m: _shift(m, int(m["n"]))),
        _rule(rf"n:(?P<n>\d+) un:i {to} {hour}", lambda m: _shift(m, -int(m["n"]))),
        _rule(rf"n:(?P<n>20|25|5|15) to {hour}", lambda m: _shift(m, -int(m["n"]))),
        _rule(rf"at n:(?P<n>10) to {hour}", lambda m: _shift(m, -int(m["n"]))),
        _rule(rf"n:({_HOUR}) n:([0-5]?\d) (?:oc )?mer:(\w)", r"ck:\1:\2:\3"),
        _rule(rf"n:({_HOUR}) (?:oc )?(?:ish )?mer:(\w)", r"ck:\1:0:\2"),
        _rule(r"ck:(\d+):(\d+):\w (?:oc )?mer:(\w)", r"ck:\1:\2:\3"),
        _rule(rf"n:({_HOUR}) (?:oc|ish)(?: ish)?", r"ck:\1:0:u"),
        _rule(r"hm:(\d+):(\d+) (?:ish|oc)", lambda m: _exact(m, "u")),
        _rule(rf"({_BOUND}) (?:hm|dc):(\d+):(\d\d)(?! ms)", _bound_clock),
        _rule(
            r"(?:hm):(\d+):(\d\d)(?= (?:in |on )?(?:the )?(?:pt|rd|wd|next|this))",
            lambda m: _exact(m, "u"),
        ),
        _rule(r"mer:p", "pt:a"),
        _rule(r"mer:a", "w"),
    )


def _ranges() -> tuple[Rewrite, ...]:
    begin = rf"(?:(?:n:(?P<n1>{_HOUR})|ck:(?P<c1>\d+:\d+:\w)))"
    end = rf"(?:(?:n:(?P<n2>{_HOUR}){_COUNTED}|ck:(?P<c2>\d+:\d+:\w)))"
    joint = r"(?:to|-|until|and)(?: at)?"
    undated = r"(?<!mo:\d)(?<!mo:\d\d)(?<!the)"
    return (
        _rule(rf"(?:between|from|at) (?:at )?{begin} {joint} {end}", _hours),
        _rule(
            rf"(?:between |from |at )?ck:(?P<c1>\d+:\d+:\w) (?:to|-|until)(?: at)? {end}", _hours
        ),
        (re.compile(rf"{undated} {begin} (?:-|to|until) {end}(?= )"), _hours),
    )


def _neighbours() -> tuple[Rewrite, ...]:
    hour = rf"n:({_HOUR})"
    alone = r"(?= (?:[.,] |$|req|rd:|wd:|pt:|in pt|the o|on|works|or |if |with|instead))"
    undated = r"(?<!mo:\d)(?<!mo:\d\d)(?<! the)(?<!wd:\d)"
    day = r"(?:rd:\d+|wd:\d|next wd|this wd|coming wd)"
    return (
        _rule(rf"({_BOUND}) n:(\d+) n:([1-5]\d|0[1-9])(?! ms| un)", _bound_clock),
        _rule(rf"({_BOUND}) n:(\d+){_COUNTED}", _bound_hour),
        _rule(
            rf"{hour} n:([1-5]\d)(?= (?:(?:on|in|the) )*(?:rd:|wd:|pt:|works|instead|[.] $|$))",
            r"ck:\1:\2:u",
        ),
        _rule(rf"corr ((?:, )?){hour}{_COUNTED}", r"corr \1ck:\2:0:u"),
        _rule(rf"req ((?:w )?){hour}{_COUNTED}{alone}", r"req \1ck:\2:0:u"),
        _rule(rf"for {hour}{_COUNTED}{alone}", r"ck:\1:0:u"),
        (
            re.compile(rf"{undated} {hour} (?=(?:in |on )?(?:the )?(?:pt:\w|rd:0 pt|{day}))"),
            r" ck:\1:0:u ",
        ),
        _rule(rf"(pt:\w+) {hour}{_COUNTED}", r"\1 ck:\2:0:u"),
        _rule(r"(pt:\w+) (?:hm):(\d+):(\d\d)", _bound_clock),
        _rule(rf"(rd:\d+) {hour}{_COUNTED}", r"\1 ck:\2:0:u"),
        _rule(rf"(ck:\d+:\d+:\w (?:or|and)) (?:at )?{hour}{_COUNTED}", r"\1 ck:\2:0:u"),
        _rule(rf"(rd:\d+|wd:\d) {hour} or(?: at)? {hour}{_COUNTED}", r"\1 ck:\2:0:u or ck:\3:0:u"),
        _rule(rf"{hour} or(?: at)?(?= ck:)", r"ck:\1:0:u or"),
        _rule(rf"(?:at )?{hour} (orlater|orbefore)", r"ck:\1:0:u \2"),
        _rule(r"(?:at )?(ck:\d+:\d+:\w) orlater", r"from \1"),
        _rule(r"(?:at )?(ck:\d+:\d+:\w) orbefore", r"by \1"),
        _rule(r"ck:(\d+:\d+):u ck:12:0:x", r"ck:\1:p"),
        (re.compile(rf"^ (?:(?:w|neg|works|[,.]) )*{hour} (?=(?:[.] )*$|works )"), r" ck:\1:0:b "),
        (re.compile(r"^ dc:(\d+):(\d\d) (?:[.] )*$"), lambda m: f"{_exact(m, 'u')} "),
    )


def _fraction(match: re.Match[str]) -> str:
    return f" ck:{match[1]}:{30 if match[2] == 'half' else 15}:u"


def _minutes_past(match: re.Match[str]) -> str:
    minute = int(match[2])
    return f" ck:{match[1]}:{minute}:u" if minute < 60 else match[0]


def _to(hour: str, minutes: int) -> str:
    return f" ck:{(int(hour) + 10) % 12 + 1}:{60 - minutes}:u" if 0 < minutes < 60 else f" n:{hour}"


def _exact(match: re.Match[str], half: str) -> str:
    hour = int(match[1])
    minute = int(match[2]) if match.re.groups > 1 else 0
    return _clock(hour, minute, half) or match[0]


def _shift(match: re.Match[str], minutes: int) -> str:
    """Give the clock that lies some minutes past or before the hour of the match."""
    hour, half = int(match["h"] or match["ch"]), match["half"] or "u"
    if abs(minutes) > 59:
        return match[0]
    total = hour * 60 + minutes
    if hour == 12 and half == "x" and minutes < 0:  # a quarter to noon
        return f" ck:11:{60 + minutes}:x"
    if total < 60:  # a quarter to one
        total += 12 * 60
    return f" ck:{total // 60}:{total % 60}:{half}"


def _bound_clock(match: re.Match[str]) -> str:
    clock = _clock(int(match[2]), int(match[3]), "u")
    return f" {match[1]}{clock}" if clock else match[0]


def _bound_hour(match: re.Match[str]) -> str:
    clock = _clock(int(match[2]), 0, "u")
    return f" {match[1]}{clock}" if clock else match[0]


def _clock(hour: int, minute: int, half: str) -> str:
    if hour > 24 or minute > 59:
        return ""
    return f" ck:{hour % 24}:{minute}:{'x' if hour > 12 or hour == 0 else half}"


def _side(match: re.Match[str], number: str, clock: str) -> str:
    return match[clock] or f"{match[number]}:0:u"


def _hours(match: re.Match[str]) -> str:
    groups = match.re.groupindex
    start = _side(match, "n1", "c1") if "n1" in groups else match["c1"]
    return f" hrs:{start}:{_side(match, 'n2', 'c2')}"
