"""Owns the repair of misspelt day and month names: one slip, two in a long word, never a guess."""

import re
from collections.abc import Mapping

from api.core.language import Language

_SHORTEST = 5
_LONG = 8  # from this length two slips still leave one name only
_TARGETS = {
    Language.EN: (
        "monday tuesday wednesday thursday friday saturday sunday january february march april"
        " august september october november december tomorrow morning afternoon evening tonight"
        " weekend mondays tuesdays wednesdays thursdays fridays mornings afternoons"
    ),
    Language.ES: (
        "lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril junio julio"
        " agosto septiembre octubre noviembre diciembre manana semana proximo proxima mediodia"
        " pasado"
    ),
}
# Words that are one slip away from a name and mean something else.
_OTHER_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        money match marsh mourning moving morgan friend fridge sundry marco marcos marta marte
        martin martha entero junto junta julia julian mayor sabana sabido lunar luces vienes
        jueces domino abrir agoto sanday mornay pasada paso pasados pescado semanal manzana
        sabados hermano enera martirio passed posado sunny monthly fryday augusta augusto
        aprils evenings tuesdayish juego marron manera marzos jueza vienen viene weekends
        pasando lunas maranas manual humana
        """,
    )
)


def nearest(word: str, known: Mapping[str, str], language: Language) -> str | None:
    """Give the one name that the word can be a slip of; None when there is none or two."""
    if len(word) < _SHORTEST or word in _OTHER_WORDS:
        return None
    limit = 2 if len(word) >= _LONG else 1
    best: list[str] = []
    for target in _TARGETS[language].split():
        if not _could_be(word, target, limit):
            continue
        slips = _slips(word, target)
        if slips < limit or (slips == limit and best == []):
            best, limit = [target], slips
        elif slips == limit:
            best.append(target)
    return known.get(best[0]) if len(best) == 1 else None


def _could_be(word: str, target: str, limit: int) -> bool:
    starts_alike = word[0] == target[0] or sorted(word[:2]) == sorted(target[:2])
    return starts_alike and abs(len(word) - len(target)) <= limit


def _slips(word: str, target: str) -> int:
    """Count letters added, lost, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(target) + 1))
    for i, letter in enumerate(word, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(target, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == target[j - 2] and word[i - 2] == wanted:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
