"""Refusals to people who act on a conversation."""

from api.core.errors import CareError


class UnknownConversation(CareError):
    """There is no such conversation."""

    code = "unknown_conversation"
    status = 404
    sentence = "There is no such conversation."


class HeldByColleague(CareError):
    """A colleague has it. `name`: who."""

    code = "held_by_colleague"
    status = 409
    sentence = "A colleague has this conversation."

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class PatientWroteMeanwhile(CareError):
    """The patient wrote something that the writer has not seen. `position`: where it stands."""

    code = "patient_wrote_meanwhile"
    status = 409
    sentence = "The patient wrote while you were typing. Send anyway?"

    def __init__(self, position: int) -> None:
        super().__init__()
        self.position = position


class LinkOver(CareError):
    """The link opens nothing, or nothing any more; why is not told."""

    code = "link_over"
    status = 410
    sentence = "This link does not work any more. Please reply LINK to our text for a new one."


class NotTheirs(CareError):
    """The birth date that was given is not the patient's."""

    code = "not_theirs"
    status = 403
    sentence = "That does not match. Please try again."


class OptedOut(CareError):
    """The number may not be texted."""

    code = "opted_out"
    status = 409
    sentence = "The patient opted out of texts. Call them; they can text START to get texts again."


class ReasonNeeded(CareError):
    """A safety matter is not put off without a word."""

    code = "reason_needed"
    status = 422
    sentence = "Say why: this is a safety matter."


class NotNow(CareError):
    """That makes no sense in the state that the conversation is in."""

    code = "not_now"
    status = 409
    sentence = "That can't be done now. Somebody may have been faster; look again."


class MayNotReassign(CareError):
    """It takes more rights to move a colleague's conversation."""

    code = "may_not_reassign"
    status = 403
    sentence = "A colleague has this conversation. A supervisor can move it."
