"""Answers as Bundles: searches, histories, proposals."""

from collections.abc import Sequence
from urllib.parse import urlencode

from api.fhir.outcomes import ignored_outcome
from integrations.ports.fhir import Found, Page, Pairs, Resource, Stored


def search_bundle(base: str, type_: str, pairs: Pairs, page: Page) -> Resource:
    """A searchset; `self` names the parameters that were really used."""
    used = tuple(pair for pair in pairs if pair[0].split(":")[0] not in page.ignored)
    entries = [_match(base, stored) for stored in page.entries]
    if page.ignored:
        warning = ignored_outcome(page.ignored)
        entries.append({"resource": warning, "search": {"mode": "outcome"}})
    links = [_link("self", f"{base}/{type_}", used)]
    if page.next_cursor is not None:
        rest = tuple(pair for pair in used if pair[0] != "_cursor")
        links.append(_link("next", f"{base}/{type_}", (*rest, ("_cursor", page.next_cursor))))
    return _searchset(page.total, links, entries)


def everything_bundle(base: str, patient: str, pairs: Pairs, page: Page) -> Resource:
    """A page of a patient's record; what it names outside of it is included, no match."""
    address = f"{base}/Patient/{patient}/$everything"
    links = [_link("self", address, pairs)]
    if page.next_cursor is not None:
        rest = tuple(pair for pair in pairs if pair[0] != "_cursor")
        links.append(_link("next", address, (*rest, ("_cursor", page.next_cursor))))
    entries = [_match(base, stored) for stored in page.entries]
    entries += [_match(base, stored, mode="include") for stored in page.beside]
    return _searchset(page.total, links, entries)


def found_bundle(base: str, pairs: Pairs, found: Found, *, offset: int) -> Resource:
    """Proposed Appointments, in the order of time."""
    address = f"{base}/Appointment/$find"
    entries = [
        {
            "fullUrl": f"{base}/Appointment/{one.body['id']}",
            "resource": one.body,
            "search": {"mode": "match"},
        }
        for one in found.proposals
    ]
    links = [_link("self", address, pairs)]
    shown = offset + len(found.proposals)
    if found.proposals and shown < found.total:
        rest = tuple(pair for pair in pairs if pair[0] != "_offset")
        links.append(_link("next", address, (*rest, ("_offset", str(shown)))))
    return _searchset(found.total, links, entries)


def single_bundle(base: str, stored: Stored, operation: str) -> Resource:
    """One Appointment, as IHE's $hold and $book answer."""
    links = [_link("self", f"{base}/Appointment/${operation}", ())]
    return _searchset(1, links, [_match(base, stored)])


def history_bundle(base: str, versions: Sequence[Stored]) -> Resource:
    """Every version, the newest first."""
    entries = [
        {
            "fullUrl": f"{base}/{one.reference}",
            "resource": one.body,
            "request": _request_of(one),
            "response": {
                "status": "201" if one.version == 1 else "200",
                "etag": f'W/"{one.version}"',
                "lastModified": one.body["meta"]["lastUpdated"],
            },
        }
        for one in versions
    ]
    return {"resourceType": "Bundle", "type": "history", "total": len(entries), "entry": entries}


def _request_of(stored: Stored) -> Resource:
    if stored.version == 1:
        return {"method": "POST", "url": stored.type}
    return {"method": "PUT", "url": stored.reference}


def _searchset(total: int | None, links: list[Resource], entries: list[Resource]) -> Resource:
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "link": links}
    if total is not None:
        bundle["total"] = total
    return bundle | ({"entry": entries} if entries else {})


def _match(base: str, stored: Stored, *, mode: str = "match") -> Resource:
    return {
        "fullUrl": f"{base}/{stored.reference}",
        "resource": stored.body,
        "search": {"mode": mode},
    }


def _link(relation: str, address: str, pairs: Pairs) -> Resource:
    query = urlencode(pairs, errors="surrogatepass")
    return {"relation": relation, "url": f"{address}?{query}" if query else address}
