"""`/livez`: this process answers. `/readyz`: everything a patient's message needs is there."""

from dataclasses import dataclass

import httpx
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from api.core.db import Database
from integrations.ports.dialogue import DialogueEngine

ACTIONS_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Health:
    """What is asked whether it is well."""

    database: Database
    engine: DialogueEngine
    actions_url: str


def router(health: Health) -> APIRouter:
    """The two health routes; neither is audited, neither shows anything of a patient."""
    routes = APIRouter(tags=["health"])

    @routes.get("/livez")
    async def livez() -> dict[str, str]:
        """This process answers."""
        return {"status": "ok"}

    @routes.get("/readyz")
    async def readyz() -> JSONResponse:
        """200 when all is there; 503 with the reasons while something is not."""
        reasons = await what_is_missing(health)
        status = "ready" if not reasons else "not_ready"
        return JSONResponse(
            {"status": status, "reasons": reasons}, status_code=200 if not reasons else 503
        )

    return routes


async def what_is_missing(health: Health) -> list[str]:
    """One sentence for each part that is not there yet."""
    checks = {
        "The database does not answer.": await _database_answers(health.database),
        "The dialogue engine is still loading or down.": await health.engine.is_ready(),
        "The actions do not answer.": await _actions_answer(health.actions_url),
    }
    return [sentence for sentence, holds in checks.items() if not holds]


async def _database_answers(database: Database) -> bool:
    try:
        async with database.side_engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except (OSError, SQLAlchemyError):
        return False
    return True


async def _actions_answer(url: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=ACTIONS_TIMEOUT_S) as client:
            answer = await client.get(f"{url.rsplit('/webhook', 1)[0]}/livez")
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
