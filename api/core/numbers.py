"""Phone numbers as E.164. Short codes and alphanumeric senders are no numbers of a patient."""

import phonenumbers

from api.core.errors import CareError


class NotANumber(CareError):
    """Not a number that a person could be reached at."""

    code = "not_a_number"
    status = 400
    sentence = "This is not a phone number."


def to_e164(text: str, *, region: str = "US") -> str:
    """The number in E.164 ("+12125550101").

    Raises:
        NotANumber: it is none.
    """
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NotANumber from None
    if not phonenumbers.is_possible_number(parsed):
        raise NotANumber
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
