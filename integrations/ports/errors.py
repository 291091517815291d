"""The ways the outside world fails. Adapters turn every vendor exception into one of these."""


class PortError(Exception):
    """The world failed us. `retryable`: the same call may go through later."""

    retryable = False


class Unreachable(PortError):
    """No connection, or the other side said it cannot now: nothing happened there."""

    retryable = True


class UnknownOutcome(PortError):
    """The call may or may not have taken effect: ask before doing it again."""


class Rejected(PortError):
    """The other side understood and refused; the same call will be refused again.

    Attributes:
        code: the other side's own code for the refusal, safe to log.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
