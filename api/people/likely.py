"""Who it may be that writes from a number, for staff who must find out fast. Never a proof."""

from typing import Final

from api.gateway.access import Access, ActorKind
from api.gateway.errors import Forbidden
from api.gateway.interactions import Search
from api.gateway.scopes import parse_scopes
from api.gateway.service import Gateway, perform
from api.people.chart_facts import facts_of
from api.people.chart_kinds import Facts
from api.staff.kinds import Member, Permission
from api.staff.service import may

SCOPES: Final = "system/Patient.s"


async def likely_on(
    gateway: Gateway, member: Member, number: str, *, origin: str | None = None
) -> tuple[Facts, ...]:
    """Everybody on record with this E.164 number; each is recorded as seen by the member.

    Raises:
        Forbidden: the role may not read records.
        PortError: the record is away.
    """
    if not may(member.role, Permission.READ_RECORD):
        raise Forbidden
    access = Access(ActorKind.STAFF, member.id, parse_scopes(SCOPES), origin=origin)
    wanted = Search("Patient", (("phone", number), ("active:not", "false")))
    page = await perform(gateway, access, wanted)
    return tuple(facts_of(each.body) for each in page.entries)
