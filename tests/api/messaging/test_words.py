"""The catalogue: complete in each language, and short enough for a phone."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from api.bootstrap import CATALOGUE, NLU_DATA
from api.consent.words import is_free_text_opt_out, read_carrier_word
from api.core.language import Language
from api.intake.reading import Miss
from api.messaging.clinic import Clinic, load_clinics
from api.messaging.kinds import Channel
from api.messaging.segments import segments
from api.messaging.words import Catalogue
from integrations.ports.dialogue import EngineReply
from tests.support.reading import reading_grade

BUDGET = {Language.EN: 1, Language.ES: 2}
HARDEST_GRADE = 6.0
NOTICES = (None, "again", "taken", "displaced", "none_then", "ambiguous", "lapsed", "more")
ZONES = (None, "America/New_York", "America/Los_Angeles")
# The longest weekday, date, hour and names that the demo clinic can produce.
OFFER = {
    "start": "2026-12-30T17:30:00+00:00",
    "with_short": "Dr Shah",
    "with_name": "Dr Priya Shah",
}
VISIT = {**OFFER, "held_until": "2026-12-30T17:40:00+00:00"}
# A question of a form with everything that may stand around it; long ones: test_form_words.py.
FORM = {
    "question": "How bad is it?",
    "intro": [],
    "input": "choices",
    "number": 3,
    "of": 10,
    "form": {"can_skip": True, "help": "Some medicines can harm a baby."},
    "can_skip": True,
    "link": "https://chat.example.org/f/lakeside?lang=es#0aB1cD2eF3gH4iJ5kL6mN7",
    "help": "Some medicines do not go well together. Your doctor checks that first.",
    "required": False,
    "minimum": "0",
    "maximum": "10",
    "longest": 500,
    "min_occurs": 2,
    "units": ["kg", "lb"],
    "lines": [{"number": number, "label": "Pain", "answer": "Not at all"} for number in (1, 2)],
    "amended": True,
    "amending": True,
    "sent": True,
    "left": 9,
    "minutes": 4,
    "before_visit": True,
}
# What is offered to choose from differs by topic.
OPTIONS: dict[str, list[object]] = {
    "form": ["Not at all", "Several days", "Nearly every day"],
    "dose": [
        {"at": "2026-12-30T12:30:00", "names": ["metformin 500 mg oral tablet"], "count": 1},
        {"at": "2026-12-30T13:30:00", "names": [], "count": 2},
    ]
    * 2,
    "which": [{"name": "Leo", "start": OFFER["start"], "zone": "America/New_York", "dose": ""}] * 3,
    "medicine": [
        {
            "medicine": "metformin 500 mg oral tablet",
            "times": ["2026-12-30T08:30:00", "2026-12-30T20:30:00"],
        },
        {"medicine": "", "times": ["2026-12-30T08:30:00", "2026-12-30T20:30:00"]},
        {
            "medicine": "",
            "times": [f"2026-12-30T{hour}:30:00" for hour in ("07", "12", "18", "22")],
        },
    ],
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(CATALOGUE)


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return load_clinics(NLU_DATA / "faq")["lakeside"]


def replies() -> list[EngineReply]:
    names = Catalogue(CATALOGUE).names(Language.EN)
    made = []
    for name, notice, patient_zone in product(sorted(names), NOTICES, ZONES):
        if not name.startswith("booking_") and (notice, patient_zone) != (None, None):
            continue
        arguments = {
            "offers": [OFFER, OFFER, OFFER],
            "notice": notice,
            "zone": "America/New_York",
            "patient_zone": patient_zone,
            "name": "Dana Reed, RN",
            "at": "2026-12-30T12:30:00",
            "names": ["metformin 500 mg oral tablet", "lisinopril"],
            "count": 2,
            "medicine": "metformin 500 mg oral tablet",
            "times": ["2026-12-30T08:30:00", "2026-12-30T20:30:00"],
            "all": False,
            "medicines": [
                {
                    "medicine": "metformin 500 mg oral tablet",
                    "times": ["2026-12-30T08:30:00", "2026-12-30T20:30:00"],
                }
            ]
            * 3,
            "choices": 5,
            "daily": True,
            "only": False,
            "topics": ["V", "M", "Q"],
            **FORM,
            "what": "taken",
            "stops": True,
            "ends": "04",
            "code": "048213",
            "who": "Maximiliano",
            "options": OPTIONS.get(name.partition("_")[0], []),
            **VISIT,
        }
        made.append(EngineReply(name, arguments))
    return made


def test_every_response_exists_in_every_language(catalogue: Catalogue) -> None:
    assert catalogue.names(Language.EN) == catalogue.names(Language.ES)


@pytest.mark.parametrize("language", list(Language))
def test_every_text_fits_its_sms_budget(
    catalogue: Catalogue, clinic: Clinic, language: Language
) -> None:
    too_long = []
    for reply in replies():
        text = catalogue.render([reply], language, channel=Channel.SMS, clinic=clinic).text
        if segments(text) > BUDGET[language]:
            too_long.append((reply.response, reply.arguments["notice"], len(text), text))
    assert not too_long, too_long


@pytest.mark.parametrize("language", list(Language))
def test_every_text_renders_on_the_web_with_buttons_that_send_something(
    catalogue: Catalogue, clinic: Clinic, language: Language
) -> None:
    for reply in replies():
        rendered = catalogue.render([reply], language, channel=Channel.WEB, clinic=clinic)
        assert rendered.text
        assert all(choice.label and choice.send for choice in rendered.choices)


def test_every_english_text_of_the_chat_reads_at_sixth_grade_or_below(
    catalogue: Catalogue, clinic: Clinic
) -> None:
    """Names are no words of ours, so they are short here."""
    short = replace(clinic, facts=clinic.facts.model_copy(update={"name": "Lake"}))
    hard = {}
    for reply in replies():
        named = EngineReply(
            reply.response,
            {**reply.arguments, "name": "Dana", "names": [], "medicines": [], "options": []},
        )
        rendered = catalogue.render([named], Language.EN, channel=Channel.WEB, clinic=short)
        if reading_grade(rendered.text) > HARDEST_GRADE:
            hard[reply.response] = rendered.text
    assert hard == {}


def test_carrier_words_are_no_menu_words(catalogue: Catalogue, clinic: Clinic) -> None:
    forbidden = {"CANCEL", "END", "QUIT", "STOP", "START", "YES", "HELP", "INFO"}
    for reply, language in product(replies(), Language):
        rendered = catalogue.render([reply], language, channel=Channel.WEB, clinic=clinic)
        assert not forbidden & {choice.send.upper() for choice in rendered.choices}


def test_domain_responses_of_the_engine_are_all_in_the_catalogue(catalogue: Catalogue) -> None:
    domain = Path(CATALOGUE).parents[2] / "bot" / "domain"
    lines = [line for path in domain.glob("*.yml") for line in path.read_text("utf-8").split("\n")]
    named = {line.split("response:", 1)[1].strip() for line in lines if "response:" in line}
    assert named
    assert named <= catalogue.names(Language.EN)


@pytest.mark.parametrize(
    ("language", "before"), [(Language.EN, "To end it, text: "), (Language.ES, "Para terminar: ")]
)
def test_words_that_end_one_reminder_do_not_end_all_texts(
    catalogue: Catalogue, clinic: Clinic, language: Language, before: str
) -> None:
    reply = next(each for each in replies() if each.response == "medicine_set")
    text = catalogue.render([reply], language, channel=Channel.SMS, clinic=clinic).text
    offered = text.partition(before)[2]
    assert offered
    assert read_carrier_word(offered) is None
    assert not is_free_text_opt_out(offered)


def test_responses_named_in_the_code_are_all_in_the_catalogue(catalogue: Catalogue) -> None:
    named = set(_named_in_the_code(Path(CATALOGUE).parents[1]))
    assert {"form_send_or_change", "language_changed"} <= named
    assert named <= catalogue.names(Language.EN)


def _named_in_the_code(folder: Path) -> Iterator[str]:
    """Each literal first argument of what makes a reply."""
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Name(id="EngineReply" | "say" | "to_person"),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    yield name
                case _:
                    pass


@pytest.mark.parametrize("miss", list(Miss))
def test_every_miss_of_a_form_is_told(catalogue: Catalogue, miss: Miss) -> None:
    assert f"form_miss_{miss}" in catalogue.names(Language.EN)
