"""Questionnaires of the record, read and understood; each version once."""

from datetime import datetime, timedelta

from api.gateway.access import service_access
from api.gateway.interactions import Search
from api.gateway.service import Gateway, perform
from api.intake.forms import Form, load_form
from integrations.ports.errors import PortError
from integrations.ports.fhir import NotFound, Resource

LASTS = timedelta(minutes=1)
_ACCESS = service_access("intake", "system/Questionnaire.rs")


class Library:
    """Forms by their canonical address, read from the record at most once a minute."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[datetime, Form]] = {}

    async def form(self, gateway: Gateway, canonical: str) -> Form:
        """The form at an address, `url` or `url|version`; while the record is away, as last read.

        Raises:
            NotFound: there is no such Questionnaire. PortError: the record is away.
            Unsupported: it cannot be asked in a conversation (api.intake.forms).
        """
        now = await gateway.clock.now()
        known = self._read.get(canonical)
        if known is not None and abs(now - known[0]) <= LASTS:
            return known[1]
        try:
            form = load_form(await _questionnaire(gateway, canonical))
        except NotFound:
            raise
        except PortError:
            if known is None:
                raise
            return known[1]
        self._read[canonical] = (now, form)
        return form


async def _questionnaire(gateway: Gateway, canonical: str) -> Resource:
    """The newest active one with the address."""
    url, _, version = canonical.partition("|")
    query = (("url", url), *((("version", version),) if version else ()))
    page = await perform(gateway, _ACCESS, Search("Questionnaire", query))
    found = [each.body for each in page.entries if each.body["status"] != "retired"]
    if not found:
        raise NotFound("Questionnaire")
    return max(found, key=lambda each: str(each.get("version", "")))
