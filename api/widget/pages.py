"""The hosted chat: the page that a clinic's site shows in a frame, and that stands by itself."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.core.language import Language
from api.messaging.clinic import Clinic
from api.messaging.opening import hours_in_words
from api.web.pages import Pages
from api.widget import loader, logos
from api.widget.sessions import UnknownClinic

HERE: Final = Path(__file__).parent
STATIC: Final = "/w/static"
# The colour of base.css, which needs no style sheet of its own.
OUR_BRAND: Final = "#0a625e"
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}


def router(clinic: Clinic, *, sites: tuple[str, ...] = ()) -> APIRouter:
    """The hosted chat page, the loader, and their static files.

    `sites`: origins beside the clinic's own that may show the page in a frame.
    """
    pages = Pages(HERE, prefix=STATIC)
    words = words_of(clinic)
    framed_by = (*clinic.facts.allowed_origins, *sites)
    routes = APIRouter(include_in_schema=False)
    routes.include_router(pages.static_router())
    routes.include_router(loader.router())
    _add_brand(routes, clinic)

    def shown(clinic_id: str, lang: str, *, host: str = "", by_link: bool = False) -> HTMLResponse:
        if clinic_id != clinic.facts.id:
            raise UnknownClinic
        language = Language(lang) if lang in set(Language) else clinic.facts.default_language
        return pages.show(
            "chat.html",
            framed_by=() if by_link else ("'self'", *framed_by),
            clinic=clinic.facts,
            logo=logos.address_of(clinic),
            brand=brand_address(clinic),
            host=host,
            by_link=by_link,
            language=language,
            words=words[language],
            all_words=words,
        )

    @routes.get("/c/{clinic_id}")
    async def chat(clinic_id: str, lang: str = "", host: str = "") -> HTMLResponse:
        """The chat of a clinic. `host`: the origin of the page that shows it in a frame."""
        return shown(clinic_id, lang, host=host if host in framed_by else "")

    @routes.get("/f/{clinic_id}")
    async def by_link(clinic_id: str, lang: str = "") -> HTMLResponse:
        """The page of a one-time link: the same chat, which asks for the birth date first.

        Which link it is stands in the part of the address that no server gets, so whoever only
        fetches the page, as a preview does, uses nothing up. No other page may frame it.
        """
        return shown(clinic_id, lang, by_link=True)

    return routes


def brand_address(clinic: Clinic) -> str | None:
    """Where the clinic's colour is, if it is not ours; the address changes with it."""
    if clinic.facts.brand == OUR_BRAND:
        return None
    tag = hashlib.sha256(brand_style(clinic.facts.brand).encode()).hexdigest()[:12]
    return f"/w/clinic/{clinic.facts.id}/brand.css?v={tag}"


def brand_style(colour: str) -> str:
    """The clinic's colour by day, and by night one light enough for our dark paper.

    Mixed with two thirds of white, even black reaches a contrast of 4.5 there.
    """
    return f":root{{--brand:light-dark({colour},color-mix(in oklab,{colour} 35%,white))}}"


def words_of(clinic: Clinic) -> dict[str, Mapping[str, str]]:
    """The words of the chat page by language, with what the clinic says of itself."""
    return {
        language: {name: _filled(said, clinic, Language(language)) for name, said in words.items()}
        for language, words in load_words(HERE / "words").items()
    }


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


def _add_brand(routes: APIRouter, clinic: Clinic) -> None:
    @routes.get("/w/clinic/{clinic_id}/brand.css")
    async def brand(clinic_id: str) -> Response:
        if clinic_id != clinic.facts.id:
            raise UnknownClinic
        return Response(brand_style(clinic.facts.brand), media_type="text/css", headers=FOREVER)


def _filled(said: str, clinic: Clinic, language: Language) -> str:
    """The rest of the names in braces is the page's to fill."""
    hours = hours_in_words(clinic, language)
    return said.replace("{clinic}", clinic.facts.name).replace("{hours}", hours)
