"""Answers are read as they were meant, or not at all."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings, strategies as st

from api.core.language import Language
from api.core.text import words
from api.intake.fitting import check_fits
from api.intake.forms import Item, Option, Words
from api.intake.kinds import ItemType
from api.intake.reading import Accepted, Miss, read_answer
from api.intake.values import (
    Coding,
    Date,
    DateTime,
    Quantity,
    Time,
    Uri,
    Value,
    read_value,
    value_json,
)

EN, ES = Language.EN, Language.ES
TODAY = date(2026, 11, 25)
NEW_YORK = ZoneInfo("America/New_York")
LABELS = (
    ("Not at all", "Ningún día"),
    ("Several days", "Varios días"),
    ("More than half the days", "Más de la mitad de los días"),
    ("Nearly every day", "Casi todos los días"),
)
OFTEN = tuple(
    Option(Coding("urn:often", str(place), english), Words(english, {"es": spanish}))
    for place, (english, spanish) in enumerate(LABELS)
)
KG, LB = Coding("http://unitsofmeasure.org", "kg", "kg"), Coding("urn:u", "[lb_av]", "lb")


def _item(kind: ItemType, **details: object) -> Item:
    return Item("1", kind, Words("How much?"), **details)  # type: ignore[arg-type] # any detail


ONE = _item(ItemType.CHOICE, options=OFTEN)
SEVERAL = _item(ItemType.CHOICE, options=OFTEN, repeats=True)
OPEN = _item(ItemType.OPEN_CHOICE, options=OFTEN, max_length=40)


def _read(item: Item, text: str, language: Language = EN) -> Value | tuple[Value, ...] | Miss:
    """What was read: the one value, several, or why none."""
    read = read_answer(item, text, language, today=TODAY, zone=NEW_YORK)
    if isinstance(read, Miss):
        return read
    return read.values[0] if len(read.values) == 1 else read.values


def _places(item: Item, text: str) -> list[int] | Miss:
    """The numbers of the options that were read."""
    read = read_answer(item, text, EN, today=TODAY)
    if isinstance(read, Miss):
        return read
    return [[option.value for option in OFTEN].index(value) + 1 for value in read.values]


# ---- options


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *((text, 2) for text in ("2", " 2. ", "2)", "(2)", "#2", "option 2", "2️⃣", "opción 2")),
        *((text, 2) for text in ("two", "dos", "2 please", "dos por favor", "Several days")),
        *((text, 4) for text in ("NEARLY EVERY DAY", "nearly every day please", "four", "4!")),
        *((text, 4) for text in ("casi todos los dias", "Casi todos los días, gracias")),
        ("not at all!!", 1),
        ("\uff12", 2),
    ],
)
def test_option_is_named_by_its_number_or_by_all_its_words(text: str, number: int) -> None:
    assert _places(ONE, text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        *("kinda", "more than half i guess", "not really no", "half", "every day", "days", "no"),
        *("5", "0", "13", "-2", "1.3", "2 or 3", "1-3", "not several days", "yes", "👍", "¿?"),
        *("several days nearly every day", "i think several days", "2 times", "the second half"),
        *("I want to die", "not at all sure", "maybe 2", "less than several days", "2nd time"),
    ],
)
def test_anything_else_is_no_option(text: str) -> None:
    assert _places(ONE, text) is Miss.NOT_AN_OPTION


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        *((text, [1, 3]) for text in ("1 3", "1,3", "1, 3", "3 and 1", "1 y 3", "1 & 3", "1\n3")),
        ("not at all, several days", [1, 2]),
        ("1, 2 and 4", [1, 2, 4]),
        ("2 2", [2]),
        ("3", [3]),
    ],
)
def test_several_options_are_a_list_of_them(text: str, numbers: list[int]) -> None:
    assert _places(SEVERAL, text) == numbers


@pytest.mark.parametrize("text", ["1 5", "1, kinda", "1-3", "13", "1 2 not at all", "all", "1.3"])
def test_list_with_anything_else_in_it_is_no_answer(text: str) -> None:
    assert _places(SEVERAL, text) is Miss.NOT_AN_OPTION


def test_count_of_options_and_the_one_that_stands_alone_are_kept() -> None:
    none = Option(Coding("urn:often", "9", "None"), Words("None"), exclusive=True)
    item = _item(ItemType.CHOICE, options=(*OFTEN, none), repeats=True, min_occurs=2, max_occurs=3)
    assert _read(item, "1") is Miss.TOO_FEW
    assert _read(item, "1 2 3 4") is Miss.TOO_MANY
    assert _read(item, "1 5") is Miss.TOO_MANY
    assert _read(ONE, "1 3") is Miss.TOO_MANY
    assert _read(item, "1 2") == (OFTEN[0].value, OFTEN[1].value)


def test_two_options_of_the_same_words_are_told_by_number_only() -> None:
    twins = (OFTEN[0], Option(Coding("urn:often", "8", None), Words("Not at all")))
    item = _item(ItemType.CHOICE, options=twins)
    assert _read(item, "not at all") is Miss.NOT_AN_OPTION
    assert _read(item, "2") == twins[1].value


def test_signs_in_options_are_not_passed_over() -> None:
    less, more = (Option(Coding("urn:n", sign, None), Words(f"{sign}5 cups")) for sign in "<>")
    item = _item(ItemType.CHOICE, options=(less, more))
    assert _read(item, ">5 cups") == more.value
    assert _read(item, "5 cups") is Miss.NOT_AN_OPTION


def test_open_choice_takes_an_option_or_the_persons_own_words() -> None:
    assert _read(OPEN, "2") == OFTEN[1].value
    assert _read(OPEN, "Only on Sundays") == "Only on Sundays"
    assert _read(OPEN, "7") is Miss.NOT_AN_OPTION
    assert _read(OPEN, "on " + "very " * 10 + "bad days") is Miss.TOO_LONG


FREE = st.one_of(
    st.text(max_size=30),
    st.lists(
        st.sampled_from([*" ".join(a + " " + b for a, b in LABELS).split(), "1", "2", "not", "or"]),
        max_size=6,
    ).map(" ".join),
)


@settings(max_examples=200, deadline=None)
@given(text=FREE)
@example("not at all not at all")
@example("several")
def test_free_text_is_never_taken_for_an_option(text: str) -> None:
    """Whatever is read is an option's number, or all of its words."""
    read = read_answer(ONE, text, EN, today=TODAY)
    if isinstance(read, Miss):
        assert read in {Miss.NOT_AN_OPTION, Miss.TOO_MANY, Miss.EMPTY}
        return
    place = [option.value for option in OFTEN].index(read.values[0])
    said = words(text)
    labels = [words(label) for label in LABELS[place]]
    assert said in labels or set(said) == {str(place + 1)}


# ---- yes and no


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, True) for text in ("yes", "Y", "sí", "yeah", "👍", "yes please", "claro que sí")),
        *((text, False) for text in ("no", "N", "nope", "not really", "👎", "no gracias")),
        *((text, Miss.NOT_YES_OR_NO) for text in ("maybe", "yes no", "1", "sometimes")),
        # They agree with who asks and say nothing of what was asked.
        *((text, Miss.NOT_YES_OR_NO) for text in ("ok", "I'm fine", "fine", "great", "bueno")),
    ],
)
def test_yes_or_no_is_said_outright(text: str, value: bool | Miss) -> None:
    assert _read(_item(ItemType.BOOLEAN), text) == value


# ---- numbers

PAIN = _item(ItemType.INTEGER, minimum=0, maximum=10)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((text, 7) for text in ("7", "7/10", "7 out of 10", "7 de 10", "seven", "siete", "7!")),
        *((text, 7) for text in ("a 7", "I'm a 7", "about 7", "\uff17", "07")),
        ("10/10", 10),
        ("cero", 0),
        ("7.0", 7),
        ("7.5", Miss.NOT_WHOLE),
        *(
            (text, Miss.TOO_LARGE)
            for text in ("11", "twenty five", "treinta y cinco", "9999999999")
        ),
        ("-1", Miss.TOO_SMALL),
        *((text, Miss.NOT_A_NUMBER) for text in ("6 or 7", "6-7", "6 7", "not 7", "less than 7")),
        *((text, Miss.NOT_A_NUMBER) for text in ("7 weeks", "bad", "7/5", "120/80", "1e5", "½")),
        *((text, Miss.NOT_A_NUMBER) for text in ("six or seven", "7 seven", "?", "over 7")),
        ("  ", Miss.EMPTY),
    ],
)
def test_number_stands_alone(text: str, value: int | Miss) -> None:
    assert _read(PAIN, text) == value


@pytest.mark.parametrize(
    ("text", "english", "spanish"),
    [
        ("1,250", Decimal(1250), Miss.NOT_A_NUMBER),
        ("98,6", Miss.NOT_A_NUMBER, Decimal("98.6")),
        ("98.6", Decimal("98.6"), Decimal("98.6")),
        ("1,250,000.5", Decimal("1250000.5"), Decimal("1250000.5")),
        ("1.2.3", Miss.NOT_A_NUMBER, Miss.NOT_A_NUMBER),
    ],
)
def test_comma_is_read_as_the_language_uses_it(
    text: str, english: Value | Miss, spanish: Value | Miss
) -> None:
    item = _item(ItemType.DECIMAL)
    assert (_read(item, text), _read(item, text, ES)) == (english, spanish)


def test_quantity_has_the_unit_it_was_given_in() -> None:
    item = _item(ItemType.QUANTITY, units=(KG, LB))
    pounds = Quantity(Decimal(150), "lb", LB.system, LB.code)
    assert [_read(item, text) for text in ("150 lb", "150lbs", "150 pounds")] == [pounds] * 3
    assert _read(item, "150") is Miss.UNIT_NEEDED
    assert _read(item, "150 stone") is Miss.NOT_A_NUMBER
    one = _item(
        ItemType.QUANTITY, units=(KG,), maximum=Quantity(Decimal(300), "kg", KG.system, "kg")
    )
    assert _read(one, "70.5") == Quantity(Decimal("70.5"), "kg", KG.system, "kg")
    assert _read(one, "700") is Miss.TOO_LARGE
    free = _item(ItemType.QUANTITY)
    assert _read(free, "3 weeks") == Quantity(Decimal(3), "weeks")
    assert [_read(free, text) for text in ("3", "3 maybe")] == [Miss.UNIT_NEEDED, Miss.NOT_A_NUMBER]


def test_number_takes_the_unit_of_its_question_only() -> None:
    item = _item(ItemType.DECIMAL, units=(Coding(None, "[degF]", "°F"),))
    assert [_read(item, text) for text in ("98.6 F", "98.6°F", "98.6 degrees", "98.6")] == [
        Decimal("98.6")
    ] * 4
    assert _read(item, "37 C") is Miss.NOT_A_NUMBER


# ---- days and times


@pytest.mark.parametrize(
    ("text", "english", "spanish"),
    [
        ("3/9/1979", "1979-03-09", "1979-09-03"),
        ("03-09-79", "1979-03-09", "1979-09-03"),
        ("03091979", "1979-03-09", "1979-09-03"),
        ("25/12/2025", "2025-12-25", "2025-12-25"),
        ("3.9.30", "2030-03-09", "2030-09-03"),
        *(
            (text, day, day)
            for text, day in (
                ("1979-03-09", "1979-03-09"),
                ("March 9th, 2026", "2026-03-09"),
                ("9 de marzo de 2026", "2026-03-09"),
                ("Monday, March 9 2026", "2026-03-09"),
                ("since March 2026", "2026-03"),
                ("3/2026", "2026-03"),
                ("2026-03", "2026-03"),
                ("2024", "2024"),
                ("yesterday", "2026-11-24"),
                ("ayer", "2026-11-24"),
                ("today", "2026-11-25"),
                ("3 days ago", "2026-11-22"),
                ("hace 3 días", "2026-11-22"),
            )
        ),
    ],
)
def test_day_is_kept_as_exactly_as_it_was_said(text: str, english: str, spanish: str) -> None:
    item = _item(ItemType.DATE)
    assert (_read(item, text), _read(item, text, ES)) == (Date(english), Date(spanish))


@pytest.mark.parametrize(
    ("text", "miss"),
    [
        *((text, Miss.AMBIGUOUS_DATE) for text in ("3/9", "May 3", "may", "monday", "el lunes")),
        *((text, Miss.NOT_A_DATE) for text in ("last week", "2 weeks ago", "24", "9999", "soon")),
        *((text, Miss.NOT_A_DATE) for text in ("2/30/2025", "0000-00-00", "3/9/2026 or 4/9/2026")),
        *((text, Miss.NOT_A_DATE) for text in ("March or April 2026", "after 2024", "1 2 3 4")),
    ],
)
def test_day_that_is_left_open_is_not_guessed(text: str, miss: Miss) -> None:
    assert _read(_item(ItemType.DATE), text) is miss


def test_day_is_within_the_limits_of_the_question() -> None:
    item = _item(ItemType.DATE, minimum=Date("2020-01-01"), maximum=Date("2026-11-25"))
    assert _read(item, "2019") is Miss.TOO_SMALL
    assert _read(item, "tomorrow") is Miss.TOO_LARGE
    assert _read(item, "2026") == Date("2026")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2:30 pm", "14:30:00"),
        ("2pm", "14:00:00"),
        ("3 p.m.", "15:00:00"),
        ("12 am", "00:00:00"),
        ("14:30", "14:30:00"),
        ("08:30", "08:30:00"),
        ("noon", "12:00:00"),
        ("a las 3 de la tarde", "15:00:00"),
        ("8 at night", "20:00:00"),
        *((text, None) for text in ("2:30", "3", "25:00", "14:61", "24:00", "2 at night", "late")),
    ],
)
def test_time_of_day_is_not_guessed(text: str, value: str | None) -> None:
    expected = Miss.NOT_A_TIME if value is None else Time(value)
    assert _read(_item(ItemType.TIME), text) == expected


def test_instant_has_the_offset_of_the_persons_zone_on_that_day() -> None:
    item = _item(ItemType.DATE_TIME)
    assert _read(item, "July 9 2026 2:30 pm") == DateTime("2026-07-09T14:30:00-04:00")
    assert _read(item, "2026-12-09T14:30") == DateTime("2026-12-09T14:30:00-05:00")
    assert _read(item, "March 2026") == DateTime("2026-03")
    assert _read(item, "July 9 at 3pm") is Miss.AMBIGUOUS_DATE
    assert read_answer(item, "July 9 2026 2pm", EN, today=TODAY) is Miss.NOT_A_DATE


# ---- words


def test_words_are_kept_as_they_were_written() -> None:
    item = _item(ItemType.TEXT, max_length=20)
    assert _read(item, "  Since May, I think ") == "Since May, I think"
    assert _read(item, "x" * 21) is Miss.TOO_LONG
    assert _read(item, " \n ") is Miss.EMPTY


@pytest.mark.parametrize("kind", [ItemType.STRING, ItemType.TEXT, ItemType.OPEN_CHOICE])
def test_signs_and_smiles_alone_tell_nothing(kind: ItemType) -> None:
    item = _item(kind)
    assert [_read(item, text) for text in ("?", "🙂", "...", "🤷🏽‍♀️")] == [Miss.EMPTY] * 4
    assert _read(item, "青霉素") == "青霉素"
    assert _read(item, "пеницилин 🙂") == "пеницилин 🙂"


@pytest.mark.parametrize(
    "text", ["I want to book a visit", "can i get an appointment please", "Quiero pedir una cita"]
)
def test_mere_wish_for_a_visit_is_no_answer(text: str) -> None:
    for type_ in (ItemType.TEXT, ItemType.INTEGER, ItemType.BOOLEAN, ItemType.DATE):
        assert _read(_item(type_), text) is Miss.WANTS_VISIT
    for item in (ONE, OPEN):
        assert _read(item, text) is Miss.WANTS_VISIT
    offered = _item(ItemType.CHOICE, options=(*OFTEN, Option(text, Words(text, {}))))
    assert _read(offered, text) == text


@pytest.mark.parametrize(
    "text", ["a visit for my knee", "I need a visit for my knee", "since my last visit", "quiero"]
)
def test_answer_that_speaks_of_a_visit_is_kept(text: str) -> None:
    assert _read(_item(ItemType.TEXT), text) == text


def test_repeated_question_takes_a_line_for_each_answer() -> None:
    item = _item(ItemType.STRING, repeats=True, max_occurs=2)
    assert _read(item, "penicillin; nuts") == ("penicillin", "nuts")
    assert _read(item, "penicillin, makes me dizzy") == "penicillin, makes me dizzy"
    assert _read(item, "a\nb\nc") is Miss.TOO_MANY


@pytest.mark.parametrize("text", ["https://example.org/a?b=1", "example.org"])
def test_address_is_one(text: str) -> None:
    assert _read(_item(ItemType.URL), text) == Uri(text)
    assert _read(_item(ItemType.URL), text + " or so") is Miss.NOT_A_URL


READ = [kind for kind in ItemType if kind not in {ItemType.DISPLAY, ItemType.GROUP}]


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from([kind for kind in READ if kind is not ItemType.CHOICE]),
    text=st.one_of(st.text(max_size=40), st.from_regex(r"[0-9/.,: -]{1,30}", fullmatch=True)),
    language=st.sampled_from(list(Language)),
)
@example(kind=ItemType.INTEGER, text="7/" + "9" * 5000, language=EN)
@example(kind=ItemType.DECIMAL, text="9" * 5000, language=EN)
@example(kind=ItemType.DATE, text="9" * 5000, language=EN)
def test_any_text_is_a_miss_or_an_answer_that_fits(
    kind: ItemType, text: str, language: Language
) -> None:
    item = _item(kind, max_length=30)
    read = read_answer(item, text, language, today=TODAY, zone=NEW_YORK)
    if isinstance(read, Accepted):
        check_fits(item, read.values)
        assert [read_value(dict([value_json(value)])) for value in read.values] == [*read.values]
