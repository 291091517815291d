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
from tests.bench.rows import Against, Row, percentile, row
from tests.support.patients import Phone, Visitor, World, signed_webhook, sms_fields

# Phones of demo patients who have opted in, so that a question goes the whole way.
PHONES: Final = tuple(f"+12125550{number}" for number in range(102, 108))
FAQ_ROUNDS: Final = 3
# Each phone asks every practical question in a round: fewer than the ten after which the loop guard
# calls a person. It forgets after ten minutes of the clinic's clock.
GUARD_FORGETS: Final = "PT11M"
GRACE: Final = ("+12125550103", "11/21/1990")
OFFERS: Final = 40
CHATS: Final = 4
DECADES: Final = 6
# Who the visitor is, said once, so that every later wish for a visit is the same work.
BEFORE: Final = (WISH, "1001", "3/9/1979", NONE)


WITHOUT_ENGINE: Final = (
    ("i cant breathe and my chest hurts", "emergency"),
    ("crushing chest pain", "emergency"),
    ("please stop texting me", "opt_out_confirmed"),
)
WITHIN_MS: Final = 2000.0

type Chats = Sequence[Sequence[float]]
Times = list[float]


@dataclass(frozen=True)
class Clinic:
    """A running Careline, watched, with a plain engine beside it."""

    world: World
    watch: Watch
    http: httpx.AsyncClient
    plain: Engine


async def faq_row(clinic: Clinic) -> Row:
    """A practical question by SMS."""
    ours, plain = Times(), Times()
    for _ in range(FAQ_ROUNDS):
        for phone in PHONES:
            ours += [await _sms_turn(clinic, phone, text, "faq_") for text in PRACTICAL]
            plain += _plain_chat(clinic.plain, PRACTICAL)
        clinic.world.clock(advance=GUARD_FORGETS)
    what = f"a question by SMS, from the signed webhook to the stored reply; {len(ours)} times"
    return row("faq_turn.p50", what, median(ours), "ms", Against(PLAIN, median(plain), goal=0.7))


async def offer_row(clinic: Clinic) -> Row:
    """Three more free times by SMS, for a patient who is known."""
    number, born = GRACE
    phone = Phone(clinic.world, number)
    phone.texts(WISH)
    phone.texts(born)
    ours, plain = Times(), Times()
    for _ in range(OFFERS):
        ours.append(await _sms_turn(clinic, number, "MORE", "booking_offers"))
        # The answer to the same word inside its own open booking form.
        plain.append(_plain_chat(clinic.plain, (WISH, "MORE"))[-1])
    what = f"MORE by SMS, from the signed webhook to three stored offers; {len(ours)} times"
    return row("offer_turn.p50", what, median(ours), "ms", Against(PLAIN, median(plain), goal=1.0))


async def growth_rows(clinic: Clinic) -> list[Row]:
    """Whether a long conversation gets slower."""
    ours, plain = [], []
    for _ in range(CHATS):
        ours.append(await _long_chat(clinic))
        plain.append(_plain_chat(clinic.plain, (*BEFORE, *TEN_TURNS * DECADES))[len(BEFORE) :])
    early, late = _decade(ours, 0), _decade(ours, DECADES - 1)
    plain_grew = _decade(plain, DECADES - 1) / _decade(plain, 0)
    return [
        row(
            "turns.51_60",
            f"turns 51-60 of a web chat over mixed topics, stored reply; {CHATS} chats",
            late,
            "ms",
            Against("its turns 1-10", early, goal=1.2),
        ),
        row(
            "turns.51_60.growth",
            "turns 51-60 by turns 1-10 of the same chat",
            late / early,
            "x",
            Against(PLAIN, plain_grew, goal=1.0),
        ),
    ]


async def safety_row(clinic: Clinic) -> Row:
    """STOP's like, an emergency and a call for a person, while the engine is down.

    Each phone is a person's afterwards, so this comes last, before the demo data begin anew.
    """
    clinic.world.faults(rasa="down")
    took = Times()
    for phone in PHONES[1:]:
        for text, answer in WITHOUT_ENGINE:
            took.append(await _sms_turn(clinic, phone, text, answer))
    clinic.world.faults(rasa="ok")
    clinic.world.reset()
    what = f"emergencies and opt-outs with the engine down, stored reply, p99; {len(took)} times"
    limit = Against("limit", WITHIN_MS, goal=1.0)
    return row("safety.without_engine", what, percentile(took, 99), "ms", limit)


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


def _plain_chat(engine: Engine, texts: Sequence[str]) -> Times:
    """The milliseconds of each turn of a new sender."""
    sender, took = uuid.uuid4().hex, Times()
    for text in texts:
        began = time.perf_counter()
        engine.turn(sender, text)
        took.append((time.perf_counter() - began) * MS)
    return took


async def _long_chat(clinic: Clinic) -> list[float]:
    """Sixty turns of one visitor, who is known before the first of them."""
    visitor = Visitor.opens(clinic.world)
    for text in BEFORE:
        visitor.says(text)
    conversation = await clinic.watch.conversation_of(visitor.session)
    texts = TEN_TURNS * DECADES
    return [await _web_turn(clinic, visitor.token, conversation, text) for text in texts]


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


def _decade(chats: Chats, number: int) -> float:
    """The median of the same ten turns of every chat."""
    return median(took for chat in chats for took in chat[number * 10 : number * 10 + 10])
