"""Reading what a page shows to the member of staff who looks at it, and putting it on the page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from api.console import conversation_view, inbox_view, words
from api.console.chart_view import UNREAD, second_identifiers
from api.console.conversation_view import Facts, Standpoint
from api.console.feed import Feed
from api.console.inbox_view import Shown
from api.console.looks import TREAT, Looks
from api.console.numbers import ends_of_numbers
from api.console.ports import Console
from api.console.security import Door, address_of, is_htmx
from api.conversations import packet, queue, takeover, timeline, watchers
from api.conversations.queue import Page, View
from api.conversations.takeover import Watcher
from api.core.clock import real_now
from api.core.ids import ConversationId, PatientId
from api.gateway.errors import Forbidden
from api.gateway.interactions import Read
from api.gateway.service import perform
from api.intake.chart_card import forms_card
from api.messaging import threads
from api.messaging.kinds import Channel
from api.people.chart import CardKind, Chart, Charts, staff_access
from api.people.chart_facts import facts_of
from api.people.likely import likely_on
from api.staff import service as staff
from api.staff.kinds import Member, Permission
from api.staff.service import StaffSession, may
from api.web.pages import Pages
from integrations.ports.errors import PortError

# A record that is slower comes by a request of its own: nobody waits for it to read what was said.
CHART_WITHIN_S: Final = 1.5
RAIL: Final = (
    (Permission.READ_INBOX, "inbox", "/console/inbox", "inbox", "Inbox"),
    (Permission.READ_AUDIT, "audit", "/console/audit", "history", "Audit"),
)


@dataclass(frozen=True)
class Desk:
    """What the routes of the console share."""

    console: Console
    pages: Pages
    door: Door
    feed: Feed


@dataclass(frozen=True)
class Looking:
    """Somebody who looks at a page: their session, from where, at which view, and when."""

    session: StaffSession
    origin: str
    view: View
    now: datetime
    is_part: bool

    @property
    def member(self) -> Member:
        """Who."""
        return self.session.member


async def looking(desk: Desk, request: Request, session: StaffSession) -> Looking:
    """Who looks, as the request says."""
    wanted = request.query_params.get("view", "")
    view = View(wanted) if wanted in set(View) else View.ALL
    now = await desk.console.line.clock.now()
    return Looking(session, address_of(request), view, now, is_part=is_htmx(request))


def frame(desk: Desk, at: Looking, nav: str) -> dict[str, object]:
    """What every page of somebody who is signed in needs."""
    idle = at.session.idle_until - desk.console.staff.now()
    return {
        "member": at.member,
        "csrf": at.session.csrf,
        "idle_s": max(1, int(idle.total_seconds())),
        "nav": nav,
        "now": at.now,
        "rail": [
            {"key": key, "href": href, "icon": icon, "word": word}
            for permission, key, href, icon, word in RAIL
            if may(at.member.role, permission)
        ],
    }


async def inbox(
    desk: Desk, at: Looking, *, after: str | None = None, open_id: str = ""
) -> dict[str, object]:
    """The list, recorded as seen. The number to resume behind is read before the rows."""
    line = desk.console.line
    async with line.database.transaction() as session:
        last = await queue.last_change(session)
        page = await queue.page(
            session, line.keyring, at.view, member=at.member.id, after=after, limit=50
        )
        await Looks(at.member, at.origin).record(session, line.keyring, line.clock, page.rows)
        ends = await ends_of_numbers(session, line.keyring, page.rows)
    shown = Shown(at.member.id, at.now, desk.console.clinic.zone, ends)
    return {"after": last, "open_id": open_id, **_list(at, page, shown)}


def _list(at: Looking, page: Page, shown: Shown) -> dict[str, object]:
    unassigned = page.counts[View.UNASSIGNED]
    return {
        "view": at.view.value,
        "view_word": words.VIEWS[at.view],
        "views": inbox_view.tabs(page.counts),
        "rows": [inbox_view.row_view(each, shown) for each in page.rows],
        "more": page.more,
        "empty_words": inbox_view.EMPTY[at.view],
        "waiting": inbox_view.counted(unassigned) if unassigned else "",
    }


async def facts(
    desk: Desk, at: Looking, conversation: ConversationId, *, is_new_look: bool
) -> Facts:
    """A conversation without the record."""
    line, member = desk.console.line, at.member
    seen = await timeline.view(
        line, conversation, by=member, purpose=TREAT, is_new_look=is_new_look
    )
    known = await packet.packet(line, conversation, by=member, is_new_look=is_new_look)
    async with line.database.transaction() as session:
        colleagues = await staff.members(session)
        number = None
        if seen.channel is Channel.SMS:
            number = await threads.address_of(session, line.keyring, conversation)
    if is_new_look:
        await takeover.look(line, conversation, writing=False, by=member)
    others = await watching(desk, member, conversation)
    return Facts(seen, known, others, colleagues, number)


async def watching(desk: Desk, member: Member, conversation: ConversationId) -> tuple[Watcher, ...]:
    """The colleagues who have it before them now."""
    async with desk.console.line.database.transaction() as session:
        return await watchers.watchers(session, conversation, now=real_now(), but=member)


async def with_record(desk: Desk, at: Looking, found: Facts) -> Facts:
    """The same with the patient's record, as far as it comes in time."""
    patient, zone = found.view.patient, desk.console.clinic.zone
    if not may(at.member.role, Permission.READ_RECORD):
        return found
    if patient is None:
        return await _with_likely(desk, at, found)
    try:
        async with asyncio.timeout(CHART_WITHIN_S):
            read = await _charts(desk).of(at.member, patient, now=at.now, zone=zone)
            number = found.number or await _number_on_file(desk, at.member, found)
    except TimeoutError:
        return replace(found, is_chart_late=True)
    return replace(found, chart=read, number=number)


async def _with_likely(desk: Desk, at: Looking, found: Facts) -> Facts:
    """The same with who it may be, where it is a phone: in a crisis somebody must be called."""
    if found.number is None:
        return found
    try:
        async with asyncio.timeout(CHART_WITHIN_S):
            likely = await likely_on(
                desk.console.gateway, at.member, found.number, origin=at.origin
            )
    except (TimeoutError, PortError):
        return replace(found, is_likely_unknown=True)
    return replace(found, likely=likely)


async def whole_record(desk: Desk, at: Looking, found: Facts) -> Facts:
    """The same with the patient's record, however long it takes."""
    patient = found.view.patient
    if patient is None:
        return found
    zone = desk.console.clinic.zone
    read: Chart = await _charts(desk).of(at.member, patient, now=at.now, zone=zone)
    return replace(found, chart=read)


def _charts(desk: Desk) -> Charts:
    """With the forms, which the record itself cannot read."""
    return Charts(desk.console.gateway, {CardKind.FORMS: forms_card(desk.console.line.forms)})


def conversation(desk: Desk, at: Looking, found: Facts) -> dict[str, object]:
    """What the templates of a conversation need."""
    clinic = desk.console.clinic
    standpoint = Standpoint(at.member, at.now, clinic.zone, clinic.facts.emergency_number)
    return {**CALM, **conversation_view.context(found, standpoint)}


CALM: Final[Mapping[str, object]] = {
    "oob": False,
    "is_stream": False,
    "refusal": "",
    "collision": None,
    "draft": "",
    "mode": "reply",
}
"""What the templates need besides where nothing was refused."""


async def pieces(
    desk: Desk,
    at: Looking,
    id_: ConversationId,
    changes: Mapping[str, object] = MappingProxyType({}),
    *,
    is_new_look: bool = True,
) -> dict[str, object]:
    """What the changing parts of an open conversation need."""
    found = await facts(desk, at, id_, is_new_look=is_new_look)
    return {
        "csrf": at.session.csrf,
        "member": at.member,
        "view": at.view.value,
        **conversation(desk, at, found),
        **changes,
    }


def page(
    desk: Desk,
    at: Looking,
    template: str,
    values: Mapping[str, object],
    *,
    status: int = 200,
    nav: str = "inbox",
) -> HTMLResponse:
    """A page of somebody who is signed in."""
    return desk.pages.show_live(template, {**frame(desk, at, nav), **values}, status=status)


async def identity(desk: Desk, at: Looking, patient: PatientId) -> str:
    """What, beside the name, says whose record it is: whoever writes in it must see that."""
    try:
        access = staff_access(at.member, patient, at.origin or None)
        stored = await perform(desk.console.gateway, access, Read("Patient", patient))
    except PortError:
        return UNREAD
    return second_identifiers(facts_of(stored.body))


async def _number_on_file(desk: Desk, member: Member, found: Facts) -> str | None:
    """Where a patient of the web chat can be called, as their record says."""
    patient = found.view.patient
    if patient is None:
        return None
    try:
        asked = Read("Patient", patient)
        stored = await perform(desk.console.gateway, staff_access(member, patient), asked)
    except (Forbidden, PortError):
        return None
    phones = [each for each in stored.body.get("telecom", ()) if each.get("system") == "phone"]
    return str(phones[0]["value"]) if phones and phones[0].get("value") else None
