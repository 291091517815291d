"""Who answers: the fixed order, case by case."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from api.bootstrap import NLU_DATA
from api.consent.kinds import ConsentState
from api.conversations.decisions import (
    AskOptIn,
    BirthDates,
    BookingAnswer,
    Bot,
    ChangeLanguage,
    Declined,
    Help,
    HumanOwns,
    Identifier,
    Loop,
    MedicineReply,
    NamesReply,
    OptIn,
    OptOut,
    RedFlag,
    RedFlagCleared,
    Silenced,
    Situation,
    Unclear,
    WantsPerson,
)
from api.conversations.kinds import Owner
from api.conversations.router import decide
from api.core.language import Language
from api.messaging.expectations import Expectation
from api.messaging.kinds import Channel, ExpectationKind
from api.messaging.replies import Word
from api.safety.lexicon import Lexicon, load_lexicon
from api.safety.scan import Level

LATER = datetime(2027, 3, 4, tzinfo=UTC)
CALM = Situation(
    text="i need to see a doctor",
    channel=Channel.SMS,
    owner=Owner.BOT,
    language=Language.EN,
    consent=ConsentState.OPTED_IN,
    expectations=(),
    unexpected=0,
    repeats=1,
    today=date(2027, 3, 3),
)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon(NLU_DATA / "red_flags")


def waits_for(kind: ExpectationKind, **more: object) -> tuple[Expectation, ...]:
    return (replace(Expectation(kind, LATER), **more),)  # type: ignore[arg-type]


@pytest.mark.parametrize("owner", list(Owner))
@pytest.mark.parametrize("consent", list(ConsentState))
def test_stop_stops_in_every_state(lexicon: Lexicon, owner: Owner, consent: ConsentState) -> None:
    situation = replace(CALM, text="STOP", owner=owner, consent=consent)
    assert decide(situation, lexicon) == OptOut(by_carrier=True)


def test_cancel_is_an_opt_out_that_may_have_meant_the_visit(lexicon: Lexicon) -> None:
    decision = decide(replace(CALM, text="CANCEL"), lexicon)
    assert decision == OptOut(by_carrier=True, may_have_meant_visit=True)


def test_an_opt_out_in_free_words_is_confirmed_by_us(lexicon: Lexicon) -> None:
    decision = decide(replace(CALM, text="please stop texting me"), lexicon)
    assert decision == OptOut(by_carrier=False)


@pytest.mark.parametrize("owner", list(Owner))
@pytest.mark.parametrize("consent", list(ConsentState))
def test_a_red_flag_is_seen_in_every_state(
    lexicon: Lexicon, owner: Owner, consent: ConsentState
) -> None:
    situation = replace(
        CALM,
        text="crushing chest pain",
        owner=owner,
        consent=consent,
        expectations=waits_for(ExpectationKind.SLOT_CHOICE, choices=3),
        unexpected=99,
    )
    decision = decide(situation, lexicon)
    assert isinstance(decision, RedFlag)
    assert decision.finding.level is Level.EMERGENCY


@pytest.mark.parametrize("text", ["yes", "idk", "it hurts", "sí"])
def test_no_clear_no_to_the_safety_question_is_an_alarm(lexicon: Lexicon, text: str) -> None:
    asked = waits_for(ExpectationKind.RED_FLAG_CHECK, ref="emergency|chest-pain")
    decision = decide(replace(CALM, text=text, expectations=asked), lexicon)
    assert isinstance(decision, RedFlag)
    assert not decision.finding.ask


def test_a_no_to_the_safety_question_clears_it(lexicon: Lexicon) -> None:
    asked = waits_for(ExpectationKind.RED_FLAG_CHECK, ref="emergency|chest-pain")
    assert decide(replace(CALM, text="no", expectations=asked), lexicon) == RedFlagCleared()


def test_the_assistant_is_silent_while_a_person_owns_it(lexicon: Lexicon) -> None:
    for text in ("2", "BOOK", "hello", "talk to a person", "3/9/1979"):
        situation = replace(CALM, text=text, owner=Owner.HUMAN)
        assert decide(situation, lexicon) == HumanOwns()


@pytest.mark.parametrize("text", ["PERSON", "talk to a human", "quiero hablar con una persona"])
def test_person_words_need_no_engine(lexicon: Lexicon, text: str) -> None:
    assert decide(replace(CALM, text=text), lexicon) == WantsPerson()


def test_a_language_name_changes_the_language(lexicon: Lexicon) -> None:
    assert decide(replace(CALM, text="ESPAÑOL"), lexicon) == ChangeLanguage(Language.ES)


def test_a_number_that_never_opted_in_is_asked_first(lexicon: Lexicon) -> None:
    unknown = replace(CALM, consent=ConsentState.UNKNOWN)
    assert decide(unknown, lexicon) == AskOptIn()
    assert decide(replace(unknown, text="yes"), lexicon) == AskOptIn()


def test_yes_and_no_answer_the_opt_in_question(lexicon: Lexicon) -> None:
    asked = replace(CALM, consent=ConsentState.ASKED)
    assert decide(replace(asked, text="Yes"), lexicon) == OptIn(confirm=False)
    assert decide(replace(asked, text="no"), lexicon) == Declined()
    assert decide(replace(asked, text="who is this"), lexicon) == AskOptIn()


def test_yes_after_stop_is_neither_opt_in_nor_confirmation(lexicon: Lexicon) -> None:
    held = waits_for(ExpectationKind.HOLD_CONFIRM)
    stopped = replace(CALM, consent=ConsentState.OPTED_OUT, expectations=held)
    assert decide(replace(stopped, text="YES"), lexicon) == Silenced()
    assert decide(replace(stopped, text="START"), lexicon) == OptIn(confirm=False)


def test_help_explains_in_every_state(lexicon: Lexicon) -> None:
    situation = replace(CALM, text="HELP", consent=ConsentState.UNKNOWN)
    assert decide(situation, lexicon) == Help()


def test_the_web_needs_no_opt_in(lexicon: Lexicon) -> None:
    situation = replace(CALM, channel=Channel.WEB, consent=ConsentState.OPTED_IN)
    assert decide(situation, lexicon) == Bot()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2", BookingAnswer(2, None)),
        ("the second one", BookingAnswer(2, None)),
        ("MORE", BookingAnswer(None, Word.MORE)),
        ("mas", BookingAnswer(None, Word.MORE)),
        ("none", BookingAnswer(None, Word.NONE)),
        ("4", Bot()),
        ("what are your hours", Bot()),
    ],
)
def test_answers_to_an_offer(lexicon: Lexicon, text: str, expected: object) -> None:
    offered = waits_for(ExpectationKind.SLOT_CHOICE, choices=3)
    assert decide(replace(CALM, text=text, expectations=offered), lexicon) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("BOOK", Word.BOOK),
        ("yes", Word.BOOK),
        ("👍", Word.BOOK),
        ("RESERVAR", Word.BOOK),
        ("NONE", Word.NONE),
        ("no", Word.NONE),
    ],
)
def test_answers_to_a_hold(lexicon: Lexicon, text: str, word: Word) -> None:
    held = waits_for(ExpectationKind.HOLD_CONFIRM)
    decision = decide(replace(CALM, text=text, expectations=held), lexicon)
    assert decision == BookingAnswer(None, word)


def test_a_birth_date_answers_its_question(lexicon: Lexicon) -> None:
    asked = waits_for(ExpectationKind.BIRTH_DATE)
    decision = decide(replace(CALM, text="March 9 1979", expectations=asked), lexicon)
    assert decision == BirthDates((date(1979, 3, 9),))


def test_a_question_in_between_goes_to_the_bot(lexicon: Lexicon) -> None:
    asked = waits_for(ExpectationKind.BIRTH_DATE)
    assert decide(replace(CALM, text="why do you ask", expectations=asked), lexicon) == Bot()


@pytest.mark.parametrize("typed", ["1001", "(212) 555-0101", "+12125550101"])
def test_a_number_answers_who_are_you(lexicon: Lexicon, typed: str) -> None:
    asked = waits_for(ExpectationKind.IDENTIFIER)
    situation = replace(CALM, text=typed, channel=Channel.WEB, expectations=asked)
    assert decide(situation, lexicon) == Identifier(typed)


def test_ten_unexpected_messages_or_three_equal_ones_are_a_loop(lexicon: Lexicon) -> None:
    assert decide(replace(CALM, unexpected=10), lexicon) == Loop()
    assert decide(replace(CALM, repeats=3), lexicon) == Loop()


def test_an_expected_answer_is_never_a_loop(lexicon: Lexicon) -> None:
    offered = waits_for(ExpectationKind.SLOT_CHOICE, choices=3)
    situation = replace(CALM, text="2", expectations=offered, unexpected=50, repeats=3)
    assert decide(situation, lexicon) == BookingAnswer(2, None)


def test_a_red_flag_beside_an_opt_out_is_acted_on_too(lexicon: Lexicon) -> None:
    decision = decide(replace(CALM, text="stop texting me, i want to kill myself"), lexicon)
    assert isinstance(decision, OptOut)
    assert decision.finding is not None
    assert decision.finding.level is Level.CRISIS


def test_a_language_named_before_the_opt_in_is_the_language_of_the_question(
    lexicon: Lexicon,
) -> None:
    situation = replace(CALM, text="español", consent=ConsentState.UNKNOWN)
    assert decide(situation, lexicon) == AskOptIn(Language.ES)


def test_a_call_for_a_person_is_heard_in_a_loop_too(lexicon: Lexicon) -> None:
    assert decide(replace(CALM, text="PERSON", unexpected=50), lexicon) == WantsPerson()


def test_answer_about_a_medicine_is_taken_and_what_is_none_goes_to_the_bot(
    lexicon: Lexicon,
) -> None:
    asked = replace(CALM, expectations=waits_for(ExpectationKind.MEDICINE))
    answered = replace(asked, text="the metformin", of_medicine=frozenset({"the metformin"}))
    assert decide(answered, lexicon) == MedicineReply("the metformin")
    assert decide(replace(answered, text="where are you"), lexicon) == Bot()
    assert decide(replace(answered, text="STOP"), lexicon) == OptOut(by_carrier=True)


def test_earlier_reply_is_the_answer_once_the_question_is_named(lexicon: Lexicon) -> None:
    both = (
        *waits_for(ExpectationKind.MEDICINE),
        *waits_for(ExpectationKind.DOSE_WHY, ref="p1"),
        *waits_for(ExpectationKind.WHICH, ref="m1"),
    )
    named = replace(CALM, text="Q", expectations=both, unclear="1", of_medicine=frozenset({"1"}))
    assert isinstance(decide(replace(named, text="1"), lexicon), Unclear)
    assert decide(named, lexicon) == MedicineReply("1")


@pytest.mark.parametrize(("text", "yes"), [("Y", True), ("sí", True), ("no", False)])
def test_yes_and_no_tell_whether_a_text_may_name_a_medicine(
    lexicon: Lexicon, text: str, yes: bool
) -> None:
    asked = replace(CALM, text=text, expectations=waits_for(ExpectationKind.MEDICINE_NAMES))
    assert decide(asked, lexicon) == NamesReply(yes)
