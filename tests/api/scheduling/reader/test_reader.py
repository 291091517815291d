"""What the reader promises for any text."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings, strategies as st

from api.core.language import Language
from api.scheduling.reader import Reading, read_when, to_wire, vocabulary_en, vocabulary_es

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 3, 10, 9, 0, tzinfo=NEW_YORK)
LANGUAGES = st.sampled_from(list(Language))
PHRASES = st.sampled_from(
    [
        phrase
        for vocabulary in (vocabulary_en.PHRASES, vocabulary_es.PHRASES)
        for phrases in vocabulary.values()
        for phrase in phrases.split("|")
    ]
)
FIGURES = st.from_regex(r"\d{1,4}([:/.h-]\d{1,4}){0,2}(st|th|pm|am|ish)?", fullmatch=True)
SENTENCES = st.lists(st.one_of(PHRASES, FIGURES, st.sampled_from([",", ".", "-"])), max_size=10)
FUTURE = [
    "tomorrow",
    "next week",
    "friday",
    "march 3",
    "the 5th",
    "3/4",
    "in 2 weeks",
    "this month",
    "next month",
    "weekend",
    "monday week",
    "mañana",
    "el lunes",
    "la semana que viene",
]


def read(text: str, *, now: datetime = TUESDAY, language: Language = Language.EN) -> Reading:
    return read_when(text, now=now, zone=NEW_YORK, language=language)


@settings(database=None, max_examples=150, deadline=None)
@given(st.one_of(st.text(), SENTENCES.map(" ".join)), LANGUAGES)
@example("in 99999999 weeks", Language.EN)
@example("99/99/9999 at 99:99", Language.EN)
@example("february 31", Language.EN)
@example("2/29", Language.EN)
@example("٣ pm", Language.EN)
@example("5²/3 at ½", Language.ES)
@example("in 0 days at 00:00", Language.EN)
def test_any_text_is_read_without_an_error(text: str, language: Language) -> None:
    wire = to_wire(read(text, language=language))
    assert set(wire) == {"date", "time", "from", "to", "ambiguous", "reading"}


@settings(database=None, max_examples=150, deadline=None)
@given(SENTENCES.map(" ".join), LANGUAGES, st.integers(0, 9000))
def test_no_reading_lies_in_the_past(text: str, language: Language, hours: int) -> None:
    now = TUESDAY + timedelta(hours=hours)
    reading = read(text, now=now, language=language)
    assert reading.date is None or reading.date >= now.date()
    assert reading.earliest is None or reading.earliest >= now.replace(second=0)


@settings(database=None, max_examples=150, deadline=None)
@given(st.sampled_from(FUTURE), st.sampled_from(["", " at 10", " after 2"]), st.integers(0, 9000))
def test_what_is_named_for_the_future_is_found_there(text: str, time: str, hours: int) -> None:
    now = TUESDAY + timedelta(hours=hours)
    reading = read(text + time, now=now)
    day = reading.date or (reading.earliest.date() if reading.earliest else None)
    assert day is not None
    assert now.date() <= day <= now.date() + timedelta(days=366)


@settings(database=None, max_examples=150, deadline=None)
@given(SENTENCES, LANGUAGES)
def test_case_and_spacing_change_nothing(words: list[str], language: Language) -> None:
    plain = read(" ".join(words), language=language)
    assert read("  ".join(words).upper() + " ", language=language) == plain
    assert read("\t" + " \t ".join(words).title(), language=language) == plain


@settings(database=None, max_examples=25, deadline=None)
@given(st.lists(st.one_of(PHRASES, FIGURES), min_size=1, max_size=6), LANGUAGES)
def test_ten_kilobytes_of_repeated_words_are_read(words: list[str], language: Language) -> None:
    unit = " ".join(words) + " "
    read((unit * (10_000 // len(unit) + 1))[:10_000], language=language)


@pytest.mark.parametrize("vocabulary", [vocabulary_en.PHRASES, vocabulary_es.PHRASES])
def test_no_phrase_stands_for_two_symbols(vocabulary: dict[str, str]) -> None:
    phrases = [phrase for row in vocabulary.values() for phrase in row.split("|")]
    assert sorted(phrases) == sorted(set(phrases))


@pytest.mark.parametrize("vocabulary", [vocabulary_en.PHRASES, vocabulary_es.PHRASES])
def test_phrases_are_written_as_the_lexer_gives_them(vocabulary: dict[str, str]) -> None:
    phrases = "|".join(vocabulary.values())
    assert phrases == phrases.lower()
    assert phrases.isascii()


def test_naive_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        read("tomorrow", now=datetime(2026, 3, 10, 9))  # noqa: DTZ001


def test_today_is_the_day_of_the_patient_and_not_of_the_server() -> None:
    late = datetime(2026, 3, 11, 2, 0, tzinfo=UTC)
    assert str(read("tomorrow", now=late).date) == "2026-03-11"


def test_spanish_words_are_understood_from_a_patient_set_to_english() -> None:
    assert str(read("quiero una cita el jueves").date) == "2026-03-12"


def test_english_words_are_understood_from_a_patient_set_to_spanish() -> None:
    assert str(read("can I come on thursday", language=Language.ES).date) == "2026-03-12"


def test_slashes_follow_the_language_and_are_asked_about() -> None:
    english, spanish = read("4/5"), read("4/5", language=Language.ES)
    assert (str(english.date), str(spanish.date)) == ("2026-04-05", "2026-05-04")
    assert english.ambiguous
    assert spanish.ambiguous


def test_ambiguous_date_offers_what_it_can_mean() -> None:
    assert [str(day) for day in read("next thursday").options] == ["2026-03-19", "2026-03-12"]


def test_weekday_that_does_not_fit_its_date_is_asked_and_not_guessed() -> None:
    reading = read("thursday the 13th")
    assert reading.date is None
    assert reading.ambiguous
    assert [str(day) for day in reading.options] == ["2026-03-12", "2026-03-13"]


def test_wire_shape_of_an_exact_request() -> None:
    assert to_wire(read("thursday at 3")) == {
        "date": "2026-03-12",
        "time": "15:00",
        "from": None,
        "to": None,
        "ambiguous": False,
        "reading": "Thursday, March 12, 2026 at 3:00 PM",
    }


def test_wire_shape_of_a_range_has_no_time() -> None:
    assert to_wire(read("mañana por la tarde", language=Language.ES)) == {
        "date": "2026-03-11",
        "time": None,
        "from": "2026-03-11T12:00:00-04:00",
        "to": "2026-03-11T18:00:00-04:00",
        "ambiguous": False,
        "reading": "miércoles 11 de marzo de 2026 entre las 12:00 y las 18:00",
    }
