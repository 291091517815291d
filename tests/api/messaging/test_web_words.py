"""What the web chat says otherwise than a text: who speaks, when a person answers, no lists."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.bootstrap import CATALOGUE, NLU_DATA
from api.core.language import Language
from api.messaging.clinic import Clinic, Spoken, load_clinics
from api.messaging.kinds import Channel
from api.messaging.words import Catalogue, Rendered, Tone
from integrations.ports.dialogue import EngineReply

# A Wednesday at 10:00, and a Friday at 18:00, in New York.
OPEN, CLOSED = datetime(2027, 3, 3, 15, tzinfo=UTC), datetime(2027, 3, 5, 23, tzinfo=UTC)
OFFER = {"start": "2026-12-30T17:30:00+00:00", "with_short": "Dr Shah"}
OFFERS = {
    "offers": [OFFER, OFFER],
    "notice": None,
    "zone": "America/New_York",
    "patient_zone": None,
}
HAND_OVERS = (
    *("handoff", "handed_over", "clinical_question", "not_served", "faq_expired", "loop_paused"),
    *("identity_to_person", "booking_no_times"),
)


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return load_clinics(NLU_DATA / "faq")["lakeside"]


def said(
    clinic: Clinic,
    *names: str,
    language: Language = Language.EN,
    channel: Channel = Channel.WEB,
    at: datetime | None = None,
) -> Rendered:
    replies = [EngineReply(name, OFFERS if name == "booking_offers" else {}) for name in names]
    catalogue = Catalogue(CATALOGUE)
    return catalogue.render(replies, language, channel=channel, clinic=clinic, at=at)


def with_facts(clinic: Clinic, **facts: object) -> Clinic:
    return replace(clinic, facts=clinic.facts.model_copy(update=facts))


def test_first_message_says_who_speaks_and_who_reads_when(clinic: Clinic) -> None:
    english = said(clinic, "welcome").text
    for words in ("automated", "not a nurse", "emergency: call 911", "8 am to noon"):
        assert words in english
    spanish = said(clinic, "welcome", language=Language.ES).text
    for words in ("automático", "no una enfermera", "emergencia: llame al 911", "de lunes a"):
        assert words in spanish


def test_clinic_has_a_sentence_of_its_own_in_the_first_message(clinic: Clinic) -> None:
    greeting = Spoken(en="We are closed on June 19.", es="Cerramos el 19 de junio.")
    own = with_facts(clinic, greeting=greeting)
    assert greeting.en in said(own, "welcome").text
    assert greeting.es in said(own, "welcome", language=Language.ES).text
    assert greeting.en not in said(own, "welcome", channel=Channel.SMS).text


@pytest.mark.parametrize("name", HAND_OVERS)
def test_every_hand_over_tells_when_a_person_answers(clinic: Clinic, name: str) -> None:
    assert "The care team is here now." in said(clinic, name, at=OPEN).text
    closed = said(clinic, name, at=CLOSED).text
    assert "The clinic is closed now. It opens on Monday at 8 am." in closed
    spanish = said(clinic, name, at=CLOSED, language=Language.ES).text
    assert "La clínica está cerrada. Abre el lunes a las 8 am." in spanish


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize(
    "name", ["crisis", "emergency", "urgent", "red_flag_question", "handoff", "help", "welcome"]
)
def test_emergency_number_is_the_clinics(clinic: Clinic, name: str, language: Language) -> None:
    abroad = with_facts(clinic, emergency_number="112")
    text = said(abroad, name, language=language).text
    assert "112" in text
    assert "911" not in text


@pytest.mark.parametrize("language", list(Language))
def test_only_emergencies_stand_out(clinic: Clinic, language: Language) -> None:
    loud = [
        name
        for name in ("crisis", "emergency", "urgent", "red_flag_question", "handoff", "greet")
        if said(clinic, name, language=language).tone is Tone.EMERGENCY
    ]
    assert loud == ["crisis", "emergency"]
    assert said(clinic, "emergency", "greet", language=language).tone is Tone.EMERGENCY


@pytest.mark.parametrize("language", list(Language))
def test_offers_are_listed_on_the_buttons_and_not_in_the_text_too(
    clinic: Clinic, language: Language
) -> None:
    web = said(clinic, "booking_offers", language=language)
    assert [choice.send for choice in web.choices][:2] == ["1", "2"]
    assert all("12:30pm" in choice.label for choice in web.choices[:2])
    assert "12:30pm" not in web.text
    text = said(clinic, "booking_offers", language=language, channel=Channel.SMS).text
    assert text.count("12:30pm") == 2


@pytest.mark.parametrize("language", list(Language))
def test_stuck_patient_gets_a_button_to_a_person_beside_the_questions_own(
    clinic: Clinic, language: Language
) -> None:
    labels = [choice.send for choice in said(clinic, "booking_offers", language=language).choices]
    stuck = said(clinic, "person_hint", "booking_offers", language=language)
    assert [choice.send for choice in stuck.choices][: len(labels)] == labels
    assert len(stuck.choices) == len(labels) + 1
    dated = said(clinic, "person_hint", "identity_ask_birth_date", language=language)
    assert (dated.input, dated.choices) == ("date", ())
