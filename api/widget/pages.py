"""Our pages: templates, their static files, and the strict policy that they are served under."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.core.language import Language
from api.messaging.clinic import Clinic
from api.widget.service import UnknownClinic

HERE: Final = Path(__file__).parent
STATIC: Final = "/w/static"
TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
# No inline code or style, nothing from elsewhere, no string that becomes markup.
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors "
)


@dataclass(frozen=True)
class Static:
    """One static file, read once. `tag`: of its content, for caches and for its address."""

    content: bytes
    type: str
    tag: str


class Pages:
    """The pages of one folder with `templates/` and `static/`, served under one prefix."""

    def __init__(self, folder: Path, *, prefix: str) -> None:
        self._prefix = prefix
        self._files = _read_static(folder / "static")
        loader = FileSystemLoader([folder / "templates", HERE / "templates"])
        self._jinja = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._jinja.globals["static"] = self.address

    def show(
        self, template: str, *, framed_by: tuple[str, ...] = (), **values: object
    ) -> HTMLResponse:
        """A page. `framed_by`: origins that may show it in a frame; by itself only, if none."""
        html = self._jinja.get_template(template).render(values)
        ancestors = " ".join(framed_by) or "'none'"
        return HTMLResponse(html, headers={"Content-Security-Policy": POLICY + ancestors})

    def address(self, name: str) -> str:
        """Where a static file is; the address changes with its content."""
        return f"{self._prefix}/{name}?v={self._files[name].tag[:12]}"

    def static_router(self) -> APIRouter:
        """The route of the static files."""
        routes = APIRouter(include_in_schema=False)

        @routes.get(f"{self._prefix}/{{name}}")
        async def static(name: str, request: Request) -> Response:
            return _file(self._files, name, request)

        return routes


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


def _read_static(folder: Path) -> dict[str, Static]:
    files = (path for path in sorted(folder.iterdir()) if path.suffix in TYPES)
    return {path.name: _static(path) for path in files}


def _static(path: Path) -> Static:
    content = path.read_bytes()
    return Static(content, TYPES[path.suffix], hashlib.sha256(content).hexdigest())


def _file(files: Mapping[str, Static], name: str, request: Request) -> Response:
    if name not in files:
        return Response(status_code=404)
    found = files[name]
    # Its address names its content, so whoever has it need never ask again.
    is_current = request.query_params.get("v") == found.tag[:12]
    caching = "public, max-age=31536000, immutable" if is_current else "no-cache"
    headers = {"Cache-Control": caching, "ETag": f'"{found.tag}"'}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.type, headers=headers)
