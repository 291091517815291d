"""Patient/$everything over HTTP.

Source: FHIR R4 4.0.1, operation Patient/$everything,
https://hl7.org/fhir/R4/operation-patient-everything.html.
"""

from fastapi import Request, Response

from api.fhir.bundles import everything_bundle
from api.fhir.face import Face, access_of, reply
from api.fhir.inputs import pairs_inputs, read_inputs
from api.fhir.rest import id_of
from api.fhir.wire import check_accept, query_pairs, read_resource, without_format
from api.gateway.everything import readable
from api.gateway.interactions import Everything
from api.gateway.service import perform
from integrations.ports.fhir import Pairs, Unsupported

INPUTS = frozenset({"start", "end", "_since", "_type", "_count", "_cursor"})


async def everything(face: Face, request: Request) -> Response:
    """A patient's record by the URL."""
    access_of(face, request)
    pairs = query_pairs(request)
    check_accept(request, pairs)
    return await _everything(face, request, pairs_inputs(without_format(pairs), INPUTS).as_pairs())


async def everything_by_post(face: Face, request: Request) -> Response:
    """A patient's record by a Parameters resource."""
    access_of(face, request)
    inputs = read_inputs(await read_resource(request), INPUTS)
    return await _everything(face, request, inputs.as_pairs())


async def _everything(face: Face, request: Request, pairs: Pairs) -> Response:
    access, patient = access_of(face, request), id_of(request)
    served = sorted(face.gateway.backend.capabilities())
    asked = _types(pairs, served)
    types = asked or readable(access, patient, served)
    rest = tuple(pair for pair in pairs if pair[0] != "_type")
    whole = await perform(face.gateway, access, Everything(patient, types, rest))
    return reply(everything_bundle(face.base, patient, pairs, whole.page))


def _types(pairs: Pairs, served: list[str]) -> tuple[str, ...]:
    """The types that `_type` names, each once, in any number of lists.

    Raises:
        Unsupported: one that is not served.
    """
    named = [type_ for name, value in pairs if name == "_type" for type_ in value.split(",")]
    for type_ in named:
        if type_ not in served:
            raise Unsupported("_type")
    return tuple(dict.fromkeys(named))
