"""What the wire itself refuses, before the gateway is asked."""

from api.core.errors import CareError


class WireError(CareError):
    """A request that cannot be read or answered as it is. `issue`: FHIR's issue type."""

    issue = "invalid"


class Malformed(WireError):
    """The body or a header is not what FHIR JSON allows."""

    code = "malformed"
    status = 400
    issue = "structure"
    sentence = "The request cannot be read."


class MissingParameter(WireError):
    """An operation lacks an input it needs, or has one that is not understood."""

    code = "missing_parameter"
    status = 400
    issue = "required"
    sentence = "A parameter of this operation is missing or cannot be read."


class WrongId(WireError):
    """The body's type or id is not the URL's."""

    code = "wrong_id"
    status = 400
    issue = "value"
    sentence = "The type and id of the body must be those of the URL."


class UnknownType(WireError):
    """Not a resource type of this server, or no such address."""

    code = "unknown_type"
    status = 404
    issue = "not-supported"
    sentence = "There is nothing at this address."


class MethodNotAllowed(WireError):
    """The address exists, this interaction with it does not."""

    code = "method_not_allowed"
    status = 405
    issue = "not-supported"
    sentence = "This interaction is not supported here."


class NotAcceptable(WireError):
    """The client wants something other than FHIR JSON."""

    code = "not_acceptable"
    status = 406
    issue = "not-supported"
    sentence = "Answers are application/fhir+json, version 4.0."


class UnsupportedMedia(WireError):
    """The body is something other than FHIR JSON."""

    code = "unsupported_media"
    status = 415
    issue = "not-supported"
    sentence = "Bodies must be application/fhir+json, version 4.0."


class BodyTooLarge(WireError):
    """The body is larger than 1 MiB."""

    code = "body_too_large"
    status = 413
    issue = "too-long"
    sentence = "The request is too large."
