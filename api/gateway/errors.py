"""The gateway's refusals. What the store refuses is in `integrations.ports.fhir`."""

from api.core.errors import CareError


class IdentityRequired(CareError):
    """The caller acts for nobody yet, and this needs a patient."""

    code = "identity_required"
    status = 403
    sentence = "This needs to know who the patient is."


class CodeRequired(CareError):
    """It reads the record, and who asks in the web chat has not shown that the phone is theirs."""

    code = "code_required"
    status = 403
    sentence = "This needs the one-time code that is texted to the number on file."


class Forbidden(CareError):
    """The caller may not do this, whoever's data it is."""

    code = "forbidden"
    status = 403
    sentence = "This access is not permitted."


class Unauthenticated(CareError):
    """No token, or one that does not hold."""

    code = "login"
    status = 401
    sentence = "A valid access token is needed."


class AuditUnavailable(CareError):
    """The audit row could not be written, so nothing is answered."""

    code = "audit_unavailable"
    status = 503
    sentence = "This access cannot be recorded now, so it is not granted."


class InvalidScope(CareError):
    """Not a SMART v2 scope, or one that this client may not have."""

    code = "invalid_scope"
    status = 400
    sentence = "The scope is not valid."
