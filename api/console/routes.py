"""The console's routes together."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter

from api.console import (
    action_routes,
    audit_routes,
    form_routes,
    page_routes,
    sign_in_routes,
    stream_routes,
    words,
)
from api.console.feed import Feed
from api.console.ports import Console
from api.console.security import Door
from api.console.showing import Desk
from api.web import vendored
from api.web.pages import Pages

HERE: Final = Path(__file__).parent
STATIC: Final = "/console/static"


def router(console: Console) -> APIRouter:
    """Everything under `/console`."""
    desk = desk_of(console)
    routes = APIRouter()
    routes.include_router(sign_in_routes.router(console, desk.pages))
    for each in (page_routes, action_routes, form_routes, stream_routes, audit_routes):
        routes.include_router(each.router(desk))
    routes.include_router(desk.pages.static_router())
    return routes


def desk_of(console: Console) -> Desk:
    """What the routes share."""
    pages = Pages(HERE, prefix=STATIC)
    pages.add(sprite=vendored.sprite(), initials=words.initials)
    line = console.line
    feed = Feed(line.database, line.keyring, line.clock, console.announcements)
    return Desk(console, pages, Door(console, pages), feed)
