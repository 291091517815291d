"""`/internal/v1`: the booking desk, for the dialogue engine's actions.

Two locks: the token of the actions process, and the token of the turn, which says for which
patient and in which conversation anything may be done. No patient in it: `identity_required`.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, ConfigDict, Field

from api.conversations import privacy
from api.core.clock import real_now
from api.core.errors import CareError
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.gateway.access import opens_record
from api.gateway.errors import CodeRequired, IdentityRequired
from api.gateway.tokens import Turn, read_turn_token, turn_access
from api.intake import service as intake
from api.intake.desk import Desk as FormDesk, Filler
from api.reminders import doses, requests
from api.reminders.desk import Asking, Desk as ReminderDesk, Saying
from api.reminders.kinds import DoseAnswer, Request
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
    reminders: ReminderDesk
    forms: FormDesk
    token: str
    token_key: str


class Spoken(BaseModel):
    """What the patient wrote in this turn, and in which language the conversation is."""

    model_config = ConfigDict(extra="forbid")

    language: Language
    text: str = Field(default="", max_length=MAX_TEXT_CHARS)


class DoseSaid(BaseModel):
    """What was said of the dose that is open in this conversation."""

    model_config = ConfigDict(extra="forbid")

    language: Language
    what: DoseAnswer


class Asked(Spoken):
    """What is asked of the reminders of medicines."""

    what: Request


class StateAnswer(BaseModel):
    """Whether a question of the booking is open."""

    open: bool


class ReplyAnswer(BaseModel):
    """A response by name; its words are the catalogue's."""

    response: str
    arguments: dict[str, object]


class FormAnswer(BaseModel):
    """Whether a question of a form is open, and whether it takes whatever is said."""

    open: bool
    takes_words: bool


class RepliesAnswer(BaseModel):
    """Responses by name, in their order."""

    replies: list[ReplyAnswer]


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
    _bookings(routes, internal, turn)
    _reminders(routes, internal, turn)
    _forms(routes, internal, turn)
    return routes


def _bookings(routes: APIRouter, internal: Internal, turn: Callable[..., Turn]) -> None:
    """The desk where visits are booked and moved."""
    current = Annotated[Turn, Depends(turn)]

    async def moving(claims: current) -> Turn:
        """A visit that is moved at our own question goes on without new proof of who it is."""
        if claims.patient is not None:
            return claims
        conversation = ConversationId(claims.conversation)
        async with internal.desk.database.transaction() as session:
            mover = await scheduling.mover_of(session, conversation, turn=claims.turn)
        return replace(claims, patient=mover)

    ongoing = Annotated[Turn, Depends(moving)]

    @routes.post("/booking/open")
    async def open_booking(claims: current, spoken: Spoken) -> StateAnswer:
        await scheduling.open_booking(internal.desk, _asker(claims, spoken), spoken.text)
        return StateAnswer(open=True)

    @routes.post("/booking/answer")
    async def answer(claims: ongoing, spoken: Spoken) -> StateAnswer:
        asker = _asker(claims, spoken)
        return StateAnswer(open=await scheduling.answer(internal.desk, asker, spoken.text))

    @routes.post("/booking/state")
    async def state(claims: ongoing, spoken: Spoken) -> StateAnswer:
        asker = _asker(claims, spoken)
        async with internal.desk.database.transaction() as session:
            return StateAnswer(open=await scheduling.is_open(session, asker.conversation))

    @routes.post("/booking/prompt")
    async def prompt(claims: ongoing, spoken: Spoken) -> ReplyAnswer:
        reply = await scheduling.prompt(internal.desk, _asker(claims, spoken))
        return ReplyAnswer(response=reply.response, arguments=dict(reply.arguments))


def _reminders(routes: APIRouter, internal: Internal, turn: Callable[..., Turn]) -> None:
    """What is said of doses, and asked of reminders."""
    current = Annotated[Turn, Depends(turn)]

    @routes.post("/reminders/dose")
    async def dose(claims: current, said: DoseSaid) -> ReplyAnswer:
        # The question was ours, so its answer needs no new proof of who it is.
        conversation = ConversationId(claims.conversation)
        saying = Saying(claims.turn, claims.turn.partition(".")[0])
        reply = await doses.answer_latest(internal.reminders, conversation, said.what, saying)
        return ReplyAnswer(response=reply.response, arguments=dict(reply.arguments))

    @routes.post("/reminders/ask")
    async def ask(claims: current, asked: Asked) -> ReplyAnswer:
        asker = _asker(claims, asked)
        if not opens_record(claims.channel, claims.level):
            raise CodeRequired
        asking = Asking(asker.patient, asker.conversation, asker.turn)
        reply = await requests.ask(internal.reminders, asking, asked.what, asked.text)
        return ReplyAnswer(response=reply.response, arguments=dict(reply.arguments))


def _forms(routes: APIRouter, internal: Internal, turn: Callable[..., Turn]) -> None:
    """A form that is due. Whose answer it is, the question that was asked says by itself."""
    current = Annotated[Turn, Depends(turn)]

    async def filler(claims: Turn, spoken: Spoken) -> Filler:
        desk, conversation = internal.forms, ConversationId(claims.conversation)
        now = await desk.clock.now()
        async with desk.database.transaction() as session:
            withholds = await privacy.is_withheld(session, conversation, now)
        return _filler(claims, spoken, withholds=withholds)

    @routes.post("/form/open")
    async def open_form(claims: current, spoken: Spoken) -> FormAnswer:
        if claims.patient is not None and not opens_record(claims.channel, claims.level):
            raise CodeRequired
        await intake.open_form(internal.forms, await filler(claims, spoken))
        return await _state(claims)

    @routes.post("/form/answer")
    async def answer(claims: current, spoken: Spoken) -> FormAnswer:
        await intake.take(internal.forms, await filler(claims, spoken), spoken.text)
        return await _state(claims)

    @routes.post("/form/state")
    async def state(claims: current, spoken: Spoken) -> FormAnswer:
        del spoken
        return await _state(claims)

    @routes.post("/form/prompt")
    async def prompt(claims: current, spoken: Spoken) -> RepliesAnswer:
        replies = await intake.prompt(internal.forms, await filler(claims, spoken))
        return RepliesAnswer(
            replies=[
                ReplyAnswer(response=each.response, arguments=dict(each.arguments))
                for each in replies
            ]
        )

    async def _state(claims: Turn) -> FormAnswer:
        async with internal.forms.database.transaction() as session:
            found = await intake.open_form_in(session, ConversationId(claims.conversation))
        return FormAnswer(open=found is not None, takes_words=bool(found and found.takes_words))


def _filler(claims: Turn, spoken: Spoken, *, withholds: bool) -> Filler:
    return Filler(
        conversation=ConversationId(claims.conversation),
        patient=PatientId(claims.patient) if claims.patient else None,
        turn=claims.turn,
        language=spoken.language,
        channel=claims.channel,
        withholds=withholds,
    )


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
