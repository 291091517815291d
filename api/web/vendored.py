"""Browser code and icons of others, committed and pinned: `deploy/vendor.py` fetches them.

Each script is served under an address that names its package's version, and our pages name its
digest, so that a browser runs nothing else.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Response
from markupsafe import Markup

FOLDER: Final = Path(__file__).parent / "static" / "vendor"
PREFIX: Final = "/w/vendor"
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_ICONS: Final = "lucide-static"
_DRAWING: Final = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@dataclass(frozen=True)
class Script:
    """One file of a package. `integrity`: its digest, as subresource integrity has it."""

    name: str
    address: str
    integrity: str
    content: bytes


def scripts() -> dict[str, Script]:
    """Every vendored script by its file name."""
    lock = json.loads((FOLDER / "lock.json").read_text("utf-8"))
    return {
        Path(file).name: _script(spec, file, digest)
        for spec, package in lock.items()
        for file, digest in package["files"].items()
        if file.endswith(".js")
    }


def router() -> APIRouter:
    """The route of the vendored scripts."""
    by_address = {each.address: each for each in scripts().values()}
    routes = APIRouter(include_in_schema=False)

    @routes.get(PREFIX + "/{package}/{name}")
    async def vendored(package: str, name: str) -> Response:
        found = by_address.get(f"{PREFIX}/{package}/{name}")
        if found is None:
            return Response(status_code=404)
        return Response(found.content, media_type="text/javascript", headers=FOREVER)

    return routes


def sprite() -> Markup:
    """All icons as symbols of one hidden drawing, for the beginning of a page."""
    symbols = "".join(
        f'<symbol id="i-{path.stem}" viewBox="0 0 24 24">{_drawing(path)}</symbol>'
        for path in sorted((FOLDER / _ICONS).glob("*.svg"))
    )
    # Drawings of a pinned package, checked against its lock: markup on purpose.
    return Markup(f'<svg hidden aria-hidden="true">{symbols}</svg>')  # noqa: S704


def icon(name: str) -> Markup:
    """An icon of the sprite; it says nothing to a screen reader."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="#i-{}"></use></svg>').format(
        name
    )


def _script(spec: str, file: str, digest: str) -> Script:
    address = f"{PREFIX}/{spec}/{Path(file).name}"
    return Script(Path(file).name, address, digest, (FOLDER / file).read_bytes())


def _drawing(path: Path) -> str:
    found = _DRAWING.search(path.read_text("utf-8"))
    if found is None:
        raise ValueError(path.name)
    return " ".join(found[1].split())
