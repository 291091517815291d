"""Our pages: templates, their static files, and the strict policy that they are served under."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE: Final = Path(__file__).parent
SHARED: Final = "/w/shared"
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
        loader = FileSystemLoader(folder / "templates")
        self._jinja = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
        self._jinja.globals["static"] = self.address
        self._jinja.globals["shared"] = shared_address

    def show(
        self, template: str, *, framed_by: tuple[str, ...] = (), **values: object
    ) -> HTMLResponse:
        """A page. `framed_by`: origins that may show it in a frame; by itself only, if none."""
        html = self._jinja.get_template(template).render(values)
        ancestors = " ".join(framed_by) or "'none'"
        return HTMLResponse(html, headers={"Content-Security-Policy": POLICY + ancestors})

    def address(self, name: str) -> str:
        """Where a static file is; the address changes with its content."""
        return _address(self._prefix, name, self._files)

    def static_router(self) -> APIRouter:
        """The route of the static files."""
        return _routes(self._prefix, self._files)


def shared_address(name: str) -> str:
    """Where a static file of all pages is: colours and type, the font, the mark."""
    return _address(SHARED, name, _SHARED_FILES)


def shared_router() -> APIRouter:
    """The route of the static files of all pages."""
    return _routes(SHARED, _SHARED_FILES)


def _address(prefix: str, name: str, files: Mapping[str, Static]) -> str:
    return f"{prefix}/{name}?v={files[name].tag[:12]}"


def _routes(prefix: str, files: Mapping[str, Static]) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get(f"{prefix}/{{name}}")
    async def static(name: str, request: Request) -> Response:
        return _file(files, name, request)

    return routes


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


_SHARED_FILES: Final = _read_static(HERE / "static")
