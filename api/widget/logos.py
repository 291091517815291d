"""The clinic's logo, served from our own origin."""

import hashlib

from fastapi import APIRouter, Response

from api.core.errors import CareError
from api.messaging.clinic import Clinic

# Opened by itself it is a page: one in which nothing runs and that fetches nothing.
POLICY = "default-src 'none'; sandbox"


class NoLogo(CareError):
    """This clinic has none."""

    code = "no_logo"
    status = 404
    sentence = "There is no such picture here."


def address_of(clinic: Clinic) -> str | None:
    """Where the logo is, if there is one; the address changes with its content."""
    if clinic.logo is None:
        return None
    return f"/w/clinic/{clinic.facts.id}/logo.svg?v={hashlib.sha256(clinic.logo).hexdigest()[:12]}"


def router(clinic: Clinic) -> APIRouter:
    """The route of the logo."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/w/clinic/{clinic_id}/logo.svg")
    async def logo(clinic_id: str) -> Response:
        if clinic_id != clinic.facts.id or clinic.logo is None:
            raise NoLogo
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": POLICY,
        }
        return Response(clinic.logo, media_type="image/svg+xml", headers=headers)

    return routes
