"""Ten coordinators at work beside the service, in a process that may be killed at any moment.

`python -m tests.faults.coordinators work PLAN DIARY`: the plan is a file with a seed, the ids of
chat sessions and how many replies each gives; the diary is what they did, written before and after
each reply. Begun again with the same files they go on where they stood, and send again, with its
id, what they do not know to be sent. `… tell PLAN OUT` writes what the conversations hold.
"""

import asyncio
import json
import random
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer

from api.bootstrap import Ports
from api.commands.ports import with_ports
from api.conversations import takeover, transcript
from api.conversations.errors import HeldByColleague, UnknownConversation
from api.conversations.takeover import Words
from api.core.ids import ConversationId
from api.staff.kinds import Member, Role, StaffId
from api.widget.sessions import conversation_of_session
from tests.support.spans import talked_over

COORDINATORS: Final = 10


@dataclass(frozen=True)
class Step:
    """One reply that a coordinator will give."""

    id: str
    session: str
    text: str
    gives_back: bool


def member(number: int) -> Member:
    """One of the coordinators."""
    name = f"Coordinator {number}"
    return Member(StaffId(f"staff-{number}"), "", name, Role.COORDINATOR)


def steps(plan: Path, number: int) -> Iterator[Step]:
    """All that a coordinator will do, the same at every start."""
    read = _planned(plan)
    dice = random.Random(f"{read['seed']}|{number}")
    everywhere = read["sessions"]
    mine = everywhere[number::COORDINATORS]
    for count in range(read["replies"]):
        where = dice.choice(mine if dice.random() < 0.8 else everywhere)
        id_ = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{read['seed']}|{number}|{count}"))
        yield Step(id_, where, f"reply {id_}", dice.random() < 0.4)


def diary(path: Path) -> dict[str, str]:
    """How far each reply is known to have got: begun, sent or refused, by its id."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    known: dict[str, str] = {}
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:  # the writer died in the middle of it
            continue
        known[entry["id"]] = entry["state"]
    return known


async def work(ports: Ports, plan: Path, path: Path) -> int:
    """Let them all work side by side until everything is done."""
    known = diary(path)
    with path.open("a", encoding="utf-8") as book:

        def write(step: Step, state: str) -> None:
            book.write("\n" + json.dumps({"id": step.id, "state": state}))
            book.flush()

        async def coordinator(number: int) -> None:
            for step in steps(plan, number):
                if known.get(step.id) not in {"sent", "refused"}:
                    write(step, "begun")
                    write(step, await _take(ports, step, member(number)))

        await asyncio.gather(*(coordinator(number) for number in range(COORDINATORS)))
    return 0


async def _take(ports: Ports, step: Step, by: Member) -> str:
    words = Words(id=step.id, text=step.text, seen=0, force=True)
    conversation = await _conversation(ports, step.session)
    try:
        await takeover.reply(ports.line, conversation, words, by=by)
    except HeldByColleague:
        return "refused"
    await asyncio.sleep(0.3)  # the patient writes meanwhile, and is not answered by the assistant
    if step.gives_back:
        await takeover.give_back(ports.line, conversation, by=by)
    return "sent"


async def tell(ports: Ports, plan: Path, out: Path) -> int:
    """Write down every conversation: what was said, and what the assistant ought not to have."""
    told = []
    for session_id in _planned(plan)["sessions"]:
        conversation = await _conversation(ports, session_id)
        async with ports.database.transaction() as session:
            said = await transcript.whole(session, ports.keyring, conversation)
            over = await talked_over(session, conversation)
        lines = [(each.position, each.speaker.value, each.rendered.text) for each in said]
        told.append({"session": session_id, "said": lines, "talked_over": over})
    _write(out, json.dumps(told))
    return 0


def _planned(plan: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(plan.read_text("utf-8"))
    return read


def _write(out: Path, text: str) -> None:
    out.write_text(text, "utf-8")


async def _conversation(ports: Ports, session_id: str) -> ConversationId:
    async with ports.database.transaction() as session:
        found = await conversation_of_session(session, session_id)
    if found is None:
        raise UnknownConversation
    return found


def main() -> int:
    """Run one of the two commands."""
    does = {"work": work, "tell": tell}[sys.argv[1]]
    try:
        with_ports(lambda ports: does(ports, Path(sys.argv[2]), Path(sys.argv[3])))
    except typer.Exit as end:
        return end.exit_code
    return 1


if __name__ == "__main__":
    sys.exit(main())
