"""The family of refusals. What the world does to us is in `integrations.ports.errors`."""

from collections.abc import Mapping
from types import MappingProxyType

NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class CareError(Exception):
    """A refusal with a reason: expected, safe to show, never logged as an error.

    Attributes:
        code: stable machine name of the refusal.
        status: HTTP status it is answered with.
        sentence: one sentence that may be shown to anybody; it names no person.
        headers: what else the answer says, such as when to ask again.
    """

    code = "refused"
    status = 400
    sentence = "This cannot be done."
    headers: Mapping[str, str] = NO_HEADERS

    def __init__(self) -> None:
        super().__init__(self.code)
