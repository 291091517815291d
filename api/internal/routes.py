"""`/internal/v1`: the booking desk, for the dialogue engine's actions.

Two locks: the token of the actions process, and the token of the turn, which says for which
patient and in which conversation anything may be done. No patient in it: `identity_required`.
"""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from api.core.clock import real_now
from api.core.errors import CareError
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.gateway.errors import IdentityRequired
from api.gateway.tokens import Turn, read_turn_token, turn_access
from api.scheduling import service as scheduling
from api.scheduling.desk import Asker, Desk

MAX_TEXT_CHARS = 2_000


class NotTheActions(CareError):
    """The caller is not the actions process."""

    code = "not_the_actions"
    status = 401
    sentence = "This address is for the assistant's own actions."


@dataclass(frozen=True)
class Internal:
    """What these routes need. `token`: the actions process's; `token_key` signs turn tokens."""

    desk: Desk
    token: str
    token_key: str


class Spoken(BaseModel):
    """What the patient wrote in this turn, and in which language the conversation is."""

    model_config = ConfigDict(extra="forbid")

    language: Language
    text: str = Field(default="", max_length=MAX_TEXT_CHARS)


class StateAnswer(BaseModel):
    """Whether a question of the booking is open."""

    open: bool


class ReplyAnswer(BaseModel):
    """A response by name; its words are the catalogue's."""

    response: str
    arguments: dict[str, object]


def router(internal: Internal) -> APIRouter:
    """The routes; every one is for a turn with a known patient."""

    def turn(
        authorization: Annotated[str, Header()] = "",
        x_internal_token: Annotated[str, Header()] = "",
    ) -> Turn:
        if not hmac.compare_digest(x_internal_token.encode(), internal.token.encode()):
            raise NotTheActions
        token = authorization.removeprefix("Bearer ")
        return read_turn_token(token, key=internal.token_key, now=real_now())

    routes = APIRouter(prefix="/internal/v1", include_in_schema=False)
    current = Annotated[Turn, Depends(turn)]

    @routes.post("/booking/open")
    async def open_booking(claims: current, spoken: Spoken) -> StateAnswer:
        await scheduling.open_booking(internal.desk, _asker(claims, spoken), spoken.text)
        return StateAnswer(open=True)

    @routes.post("/booking/answer")
    async def answer(claims: current, spoken: Spoken) -> StateAnswer:
        asker = _asker(claims, spoken)
        return StateAnswer(open=await scheduling.answer(internal.desk, asker, spoken.text))

    @routes.post("/booking/state")
    async def state(claims: current, spoken: Spoken) -> StateAnswer:
        asker = _asker(claims, spoken)
        async with internal.desk.database.transaction() as session:
            return StateAnswer(open=await scheduling.is_open(session, asker.conversation))

    @routes.post("/booking/prompt")
    async def prompt(claims: current, spoken: Spoken) -> ReplyAnswer:
        reply = await scheduling.prompt(internal.desk, _asker(claims, spoken))
        return ReplyAnswer(response=reply.response, arguments=dict(reply.arguments))

    return routes


def _asker(claims: Turn, spoken: Spoken) -> Asker:
    if claims.patient is None:
        raise IdentityRequired
    access = turn_access(
        turn=claims.turn,
        conversation=claims.conversation,
        patient=claims.patient,
        origin=claims.channel,
    )
    conversation, patient = ConversationId(claims.conversation), PatientId(claims.patient)
    return Asker(access, conversation, patient, claims.turn, spoken.language)
