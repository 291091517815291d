"""The family of refusals. What the world does to us is in `integrations.ports.errors`."""


class CareError(Exception):
    """A refusal with a reason: expected, safe to show, never logged as an error.

    Attributes:
        code: stable machine name of the refusal.
        status: HTTP status it is answered with.
        sentence: one sentence that may be shown to anybody; it names no person.
    """

    code = "refused"
    status = 400
    sentence = "This cannot be done."

    def __init__(self) -> None:
        super().__init__(self.code)
