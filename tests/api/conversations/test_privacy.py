"""On which phone a sensitive question is put in words."""

import pytest

from api.conversations.privacy import withholds
from api.core.ids import PatientId
from api.messaging.kinds import Channel

GRACE = PatientId("grace")


@pytest.mark.parametrize(
    ("channel", "patient", "is_shared", "wanted"),
    [
        (Channel.SMS, GRACE, False, False),
        (Channel.SMS, GRACE, True, True),
        (Channel.SMS, None, False, True),
        (Channel.SMS, None, True, True),
        (Channel.WEB, GRACE, False, False),
        (Channel.WEB, GRACE, True, False),
        (Channel.WEB, None, False, False),
    ],
)
def test_only_a_phone_of_ones_own_and_a_known_patient_are_asked_in_words(
    channel: Channel, patient: PatientId | None, *, is_shared: bool, wanted: bool
) -> None:
    assert withholds(channel, patient, is_shared=is_shared) is wanted
