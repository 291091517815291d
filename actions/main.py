"""The action server: rasa-sdk's executor in FastAPI, on loopback or a private network.

The wire protocol is Rasa's: POST a call, get events and responses; a refused execution is 400.
"""

import hmac
import json
import os
import zlib

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException


def create_app() -> FastAPI:
    """The application; it knows the actions of this package and the engine's token."""
    executor = ActionExecutor()
    executor.register_package("actions")
    token = os.environ.get("ACTIONS_TOKEN", "")  # noqa: TID251 -- actions have no settings of `api`
    app = FastAPI(title="Careline actions", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/webhook")
    async def webhook(request: Request) -> Response:
        if not is_the_engine(request.headers.get("authorization", ""), token):
            return Response(status_code=401)
        return await run(executor, await body_of(request))

    return app


def is_the_engine(presented: str, token: str) -> bool:
    """Whether the caller presents the engine's token; none configured lets nobody in."""
    expected = f"Bearer {token}".encode()
    return bool(token) and hmac.compare_digest(presented.encode(), expected)


async def body_of(request: Request) -> bytes:
    """The call, inflated where the engine compressed it."""
    raw = await request.body()
    return zlib.decompress(raw) if request.headers.get("content-encoding") == "deflate" else raw


async def run(executor: ActionExecutor, raw: bytes) -> Response:
    """Run one action."""
    try:
        result = await executor.run(json.loads(raw))
    except ActionExecutionRejection as refusal:
        return JSONResponse(
            {"error": refusal.message, "action_name": refusal.action_name}, status_code=400
        )
    except ActionNotFoundException as missing:
        return JSONResponse(
            {"error": missing.message, "action_name": missing.action_name}, status_code=404
        )
    return JSONResponse(result.model_dump() if result else None)
