"""The hosted chat: the page that a clinic's site shows in a frame, and that stands by itself."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.core.language import Language
from api.messaging.clinic import Clinic
from api.web.pages import Pages
from api.widget.service import UnknownClinic

HERE: Final = Path(__file__).parent
STATIC: Final = "/w/static"


def router(clinic: Clinic) -> APIRouter:
    """The hosted chat page and the static files of all pages."""
    pages = Pages(HERE, prefix=STATIC)
    words = load_words(HERE / "words")
    routes = APIRouter(include_in_schema=False)
    routes.include_router(pages.static_router())

    @routes.get("/c/{clinic_id}")
    async def chat(clinic_id: str, lang: str = "") -> HTMLResponse:
        """The hosted chat of a clinic."""
        if clinic_id != clinic.facts.id:
            raise UnknownClinic
        language = Language(lang) if lang in set(Language) else clinic.facts.default_language
        return pages.show(
            "chat.html",
            framed_by=("'self'", *clinic.facts.allowed_origins),
            clinic=clinic.facts,
            language=language,
            words=words[language],
            all_words=words,
        )

    return routes


def load_words(folder: Path) -> dict[str, Mapping[str, str]]:
    """The words of the chat page by language; every language has the same ones.

    Raises:
        ValueError: a word is missing in one of them.
    """
    words = {
        each.value: json.loads((folder / f"{each.value}.json").read_text("utf-8"))
        for each in Language
    }
    if len({frozenset(each) for each in words.values()}) != 1:
        raise ValueError("the languages of the chat page differ in their words")
    return words
