"""Whole turns as patients have them: from their message to the reply that is written for them.

The peer is plain Rasa's whole turn for the same words. It stores nothing, checks no signature, no
consent and no emergency, and keeps no record.
"""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import httpx

from tests.bench.careline_world import Watch, rest
from tests.bench.engine_rows import MS, PLAIN
from tests.bench.engines import Engine
from tests.bench.questions import NONE, PRACTICAL, TEN_TURNS, WISH
from tests.bench.rows import Against, Row, row
from tests.support.patients import Phone, Visitor, World, signed_webhook, sms_fields

# Phones of demo patients who have opted in, so that a question goes the whole way.
PHONES: Final = tuple(f"+12125550{number}" for number in range(102, 108))
FAQ_ROUNDS: Final = 3
# Each phone asks every practical question in a round: fewer than the ten after which the loop guard
# calls a person. It forgets after ten minutes of the clinic's clock.
GUARD_FORGETS: Final = "PT11M"
GRACE: Final = ("+12125550103", "11/21/1990")
OFFERS: Final = 40
CONVERSATIONS: Final = 4
DECADES: Final = 6
SAM: Final = ("1001", "3/9/1979")


@dataclass(frozen=True)
class Clinic:
    """A running Careline, watched, with a plain engine beside it."""

    world: World
    watch: Watch
    http: httpx.AsyncClient
    plain: Engine


async def faq_row(clinic: Clinic) -> Row:
    """A practical question by SMS."""
    ours: list[float] = []
    for _ in range(FAQ_ROUNDS):
        for phone in PHONES:
            ours += [await _sms_turn(clinic, phone, text, "faq_") for text in PRACTICAL]
        clinic.world.clock(advance=GUARD_FORGETS)
    plain = _plain_turns(clinic.plain, PRACTICAL, times=FAQ_ROUNDS * len(PHONES))
    what = f"a question by SMS, from the signed webhook to the stored reply; {len(ours)} times"
    return row("faq_turn.p50", what, median(ours), "ms", Against(PLAIN, median(plain), goal=0.7))


async def offer_row(clinic: Clinic) -> Row:
    """Three more free times by SMS, for a patient who is known."""
    number, born = GRACE
    phone = Phone(clinic.world, number)
    phone.texts(WISH)
    phone.texts(born)
    ours = [await _sms_turn(clinic, number, "MORE", "booking_offers") for _ in range(OFFERS)]
    plain = [_plain_offer(clinic.plain) for _ in range(OFFERS)]
    what = f"MORE by SMS, from the signed webhook to three stored offers; {len(ours)} times"
    return row("offer_turn.p50", what, median(ours), "ms", Against(PLAIN, median(plain), goal=1.0))


async def growth_rows(clinic: Clinic) -> list[Row]:
    """Whether a long conversation gets slower."""
    ours = [await _long_chat(clinic) for _ in range(CONVERSATIONS)]
    plain = [_long_plain_chat(clinic.plain) for _ in range(CONVERSATIONS)]
    early, late = _decade(ours, 0), _decade(ours, DECADES - 1)
    what = f"turns 51-60 of a web chat over mixed topics, stored reply; {CONVERSATIONS} chats"
    ours_grew, plain_grew = late / early, _decade(plain, DECADES - 1) / _decade(plain, 0)
    return [
        row("turns.51_60", what, late, "ms", Against("its turns 1-10", early, goal=1.2)),
        row(
            "turns.51_60.growth",
            "turns 51-60 by turns 1-10 of the same chat",
            ours_grew,
            "x",
            Against(PLAIN, plain_grew, goal=1.0),
        ),
    ]


async def _sms_turn(clinic: Clinic, phone: str, text: str, answer: str) -> float:
    """The milliseconds from the webhook's first byte to the committed reply."""
    fields = sms_fields(phone, text)
    body, headers = signed_webhook(clinic.world, fields)
    began = time.perf_counter()
    posted = await clinic.http.post("/webhooks/twilio/sms", content=body, headers=headers)
    said = await clinic.watch.reply_to("sms", fields["MessageSid"])
    took = (time.perf_counter() - began) * MS
    posted.raise_for_status()
    if not all(name.startswith(answer) for name in said):
        unexpected = f"answered by {', '.join(said)}"
        raise RuntimeError(unexpected)
    rest(clinic.world)
    return took


def _plain_turns(engine: Engine, texts: Sequence[str], *, times: int) -> list[float]:
    return [took for _ in range(times) for took in (_plain_chat(engine, uuid.uuid4().hex, texts))]


def _plain_chat(engine: Engine, sender: str, texts: Sequence[str]) -> list[float]:
    return [_plain_turn(engine, sender, text) for text in texts]


def _plain_turn(engine: Engine, sender: str, text: str) -> float:
    began = time.perf_counter()
    engine.turn(sender, text)
    return (time.perf_counter() - began) * MS


def _plain_offer(engine: Engine) -> float:
    """The answer to the same word inside its own open booking form."""
    *_, took = _plain_chat(engine, uuid.uuid4().hex, (WISH, "MORE"))
    return took


async def _long_chat(clinic: Clinic) -> list[float]:
    """Sixty turns of one visitor, who is known before the first of them."""
    visitor = Visitor.opens(clinic.world)
    for text in (WISH, *SAM, NONE):
        visitor.says(text)
    conversation = await clinic.watch.conversation_of(visitor.session)
    texts = TEN_TURNS * DECADES
    return [await _web_turn(clinic, visitor.token, conversation, text) for text in texts]


def _long_plain_chat(engine: Engine) -> list[float]:
    sender = uuid.uuid4().hex
    _plain_chat(engine, sender, (WISH, *SAM, NONE))
    return _plain_chat(engine, sender, TEN_TURNS * DECADES)


async def _web_turn(clinic: Clinic, token: str, conversation: str, text: str) -> float:
    message = {"id": str(uuid.uuid4()), "text": text}
    headers = {"Authorization": f"Bearer {token}"}
    began = time.perf_counter()
    posted = await clinic.http.post("/chat/messages", json=message, headers=headers)
    said = await clinic.watch.reply_to("web", f"{conversation}/{message['id']}")
    took = (time.perf_counter() - began) * MS
    posted.raise_for_status()
    if "loop_paused" in said:
        raise RuntimeError("the loop guard stopped the conversation")
    rest(clinic.world)
    return took


def _decade(chats: Sequence[Sequence[float]], number: int) -> float:
    """The median of the same ten turns of every chat."""
    return median(took for chat in chats for took in chat[number * 10 : number * 10 + 10])
