"""Our pages: templates, their static files, and the strict policy that they are served under."""

import gzip
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.web import vendored
from api.web.lean import lean_script, lean_style

HERE: Final = Path(__file__).parent
SHARED: Final = "/w/shared"
LEAN: Final = {".js": lean_script, ".css": lean_style}
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
# For pages that htmx changes in place: only elements that carry the page's nonce may make it act
# (its hx-csp gate), and only its own policy turns strings into markup.
LIVE_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script';"
    " trusted-types htmx"
)


@dataclass(frozen=True)
class Static:
    """One static file, read once. `tag`: of its content, for caches and for its address.

    `packed`: the same for browsers that take gzip.
    """

    content: bytes
    packed: bytes
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
        self._jinja.globals["scripts"] = vendored.scripts()
        self._jinja.globals["icon"] = vendored.icon

    def show(
        self,
        template: str,
        *,
        framed_by: tuple[str, ...] = (),
        policy: str | None = None,
        **values: object,
    ) -> HTMLResponse:
        """A page. `framed_by`: origins that may show it in a frame; by itself only, if none.

        `policy`: another one than ours.
        """
        ancestors = " ".join(framed_by) or "'none'"
        html = self.render(template, **values)
        return HTMLResponse(html, headers={"Content-Security-Policy": policy or POLICY + ancestors})

    def show_live(
        self,
        template: str,
        values: Mapping[str, object],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """A page, or a part of one, that htmx may change; never kept by any cache."""
        nonce = secrets.token_urlsafe(18)
        policy = LIVE_POLICY.format(nonce=nonce)
        return HTMLResponse(
            self.render(template, **values, nonce=nonce),
            status,
            {"Content-Security-Policy": policy, "Cache-Control": "no-store", **(headers or {})},
        )

    def render(self, template: str, **values: object) -> str:
        """The markup of a template."""
        return self._jinja.get_template(template).render(values)

    def add(self, **names: object) -> None:
        """Let every template of this folder use something by a name."""
        self._jinja.globals.update(names)

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
    routes = _routes(SHARED, _SHARED_FILES)
    routes.include_router(vendored.router())
    return routes


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
    return {path.name: static_of(path) for path in files}


def static_of(path: Path) -> Static:
    """A file as it is served."""
    content = path.read_bytes()
    if path.suffix in LEAN:
        content = LEAN[path.suffix](content.decode()).encode()
    packed = gzip.compress(content, 9, mtime=0)
    return Static(content, packed, TYPES[path.suffix], hashlib.sha256(content).hexdigest())


def answer_with(found: Static, request: Request, headers: Mapping[str, str]) -> Response:
    """A file, or word that the browser's own copy is still the one."""
    headers = {**headers, "ETag": f'W/"{found.tag}"', "Vary": "Accept-Encoding"}
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return Response(found.content, media_type=found.type, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(found.packed, media_type=found.type, headers=headers)


def _file(files: Mapping[str, Static], name: str, request: Request) -> Response:
    if name not in files:
        return Response(status_code=404)
    found = files[name]
    # Its address names its content, so whoever has it need never ask again.
    is_current = request.query_params.get("v") == found.tag[:12]
    caching = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return answer_with(found, request, {"Cache-Control": caching})


_SHARED_FILES: Final = _read_static(HERE / "static")
