"""What this server says of itself, generated from the tables that it works by."""

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.audit import service as audit
from api.fhir.face import Face, reply
from api.fhir.wire import MEDIA, check_accept, query_pairs
from integrations.ports.fhir import Resource

IHE = "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-"
OWN_OPERATIONS = "https://careline.example/fhir/OperationDefinition/appointment-"
OPERATIONS = {
    "Appointment": {
        "find": f"{IHE}find",
        "hold": f"{IHE}hold",
        "book": f"{IHE}book",
        "cancel": f"{OWN_OPERATIONS}cancel",
        "reschedule": f"{OWN_OPERATIONS}reschedule",
    },
    "Patient": {"everything": "http://hl7.org/fhir/OperationDefinition/Patient-everything"},
}
SECURITY_SERVICES = "http://terminology.hl7.org/CodeSystem/restful-security-service"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
STATED_ON = "2026-11-25"
FULL = ("read", "vread", "history-instance", "update", "create", "search-type")
READ_ONLY = ("read", "search-type")


async def metadata(face: Face, request: Request) -> Response:
    """The CapabilityStatement; open to everybody."""
    check_accept(request, query_pairs(request))
    return reply(capability_statement(face))


async def smart_configuration(face: Face, request: Request) -> Response:
    """How a client gets a token. Source: SMART App Launch 2.2.0, conformance."""
    del request
    methods = ["private_key_jwt"]
    if face.is_sandbox:
        methods += ["client_secret_basic", "client_secret_post"]
    return JSONResponse(
        {
            "token_endpoint": face.token_url,
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
            "grant_types_supported": ["client_credentials"],
            "scopes_supported": ["system/*.rs", "system/*.cruds"],
            "capabilities": ["client-confidential-asymmetric", "permission-v2"],
        }
    )


def capability_statement(face: Face) -> Resource:
    """Types, interactions, search parameters and operations that are really served."""
    types = face.gateway.backend.capabilities()
    resources = [_stored_type(name, params) for name, params in sorted(types.items())]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": STATED_ON,
        "kind": "instance",
        "software": {"name": "Careline"},
        "implementation": {"description": "Careline FHIR gateway", "url": face.base},
        "fhirVersion": "4.0.1",
        "format": [MEDIA, "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "A subset of R4. What is not listed is refused with an OperationOutcome: "
                    "unknown search parameters too, unless Prefer says handling=lenient. Dates "
                    "without a zone are UTC. $everything has the compartment and what it names "
                    "in nobody's record. No includes, chains, batches, deletes or XML; "
                    "quantities and composites are not searched by."
                ),
                "security": _security(face),
                "resource": [*resources, _audit_type()],
            }
        ],
    }


def _stored_type(name: str, params: dict[str, str]) -> Resource:
    own = {"_id": "token", "_lastUpdated": "date"} | params
    resource = {
        "type": name,
        "interaction": [{"code": code} for code in FULL],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "local"],
        "searchParam": _params(own),
    }
    if name in OPERATIONS:
        resource["operation"] = [
            {"name": operation, "definition": definition}
            for operation, definition in OPERATIONS[name].items()
        ]
    return resource


def _audit_type() -> Resource:
    return {
        "type": "AuditEvent",
        "interaction": [{"code": code} for code in READ_ONLY],
        "versioning": "no-version",
        "searchParam": _params(audit.search_params()),
    }


def _params(params: dict[str, str]) -> list[Resource]:
    return [{"name": name, "type": kind} for name, kind in sorted(params.items())]


def _security(face: Face) -> Resource:
    return {
        "cors": False,
        "service": [{"coding": [{"system": SECURITY_SERVICES, "code": "SMART-on-FHIR"}]}],
        "extension": [
            {"url": OAUTH_URIS, "extension": [{"url": "token", "valueUri": face.token_url}]}
        ],
    }
