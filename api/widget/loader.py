"""The one line that a clinic puts on its site: every version of it, and the current one.

A version that was published is never changed: sites pin it by its digest. A change is a new file.
"""

import base64
import hashlib
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response

from api.web.pages import Static, answer_with, static_of

FOLDER: Final = Path(__file__).parent / "loaders"
# Sites that follow the current one have a new one within minutes.
MOVING: Final = {"Cache-Control": "public, max-age=300"}
PINNED: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
# Other origins load it, and compare its digest.
OPEN: Final = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def router() -> APIRouter:
    """`/w/<version>.js` for every version, and `/w/<major>.js` for the newest of a major one."""
    pinned = versions()
    moving = {name.split(".")[0]: name for name in pinned}
    routes = APIRouter(include_in_schema=False)

    @routes.get("/w/{version}.js")
    async def loader(version: str, request: Request) -> Response:
        name = moving.get(version, version)
        if name not in pinned:
            return Response(status_code=404)
        caching = MOVING if version in moving else PINNED
        return answer_with(pinned[name], request, {**caching, **OPEN})

    return routes


def versions() -> dict[str, Static]:
    """Every version as it is served, oldest first."""
    found = {path.stem: static_of(path) for path in FOLDER.glob("*.js")}
    return dict(sorted(found.items(), key=lambda each: _order(each[0])))


def integrity(served: Static) -> str:
    """The digest that a site pins a version by."""
    return "sha384-" + base64.b64encode(hashlib.sha384(served.content).digest()).decode()


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
