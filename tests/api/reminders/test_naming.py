"""Whether medicines may be named in texts, as people say it unasked."""

import pytest

from api.consent.words import is_free_text_opt_out, read_carrier_word
from api.reminders.naming import wishes_names

REFUSE = [
    *("do not name my medicines", "Don't name my meds in the texts", "stop naming my pills"),
    *("please don't mention my medication anymore", "never say the name of my medicine"),
    *("i dont want you to name my medicines", "you may not name my medicines"),
    *("no nombre mis medicinas", "No mencione mi medicamento en los mensajes, por favor"),
    *("ya no diga el nombre de mis pastillas", "no quiero que nombren mis medicinas"),
]
ALLOW = [
    *("you may name my medicines", "You can name my medicine", "it's ok to name my meds"),
    *("please use the names of my medicines in texts", "name my medicines in my reminders"),
    *("puede nombrar mis medicinas", "Sí, pueden decir el nombre de mi medicina"),
    *("nombre mis medicinas en los avisos", "quiero que nombre mis medicinas"),
]
OTHER = [
    *("what is the name of my medicine", "name my medicines and tell me what they are for"),
    *("stop my medicines", "can you name my medicines?", "my medicine names are hard"),
    *("no tomo mis medicinas", "cual es el nombre de mis pastillas", "use my pills", "yes"),
    *(
        "do not name my dog",
        "name my medicines",
        "nombre mis medicinas",
        "i want to say my medicine makes me dizzy",
    ),
]


@pytest.mark.parametrize("said", REFUSE)
def test_names_are_refused_and_no_other_text_is(said: str) -> None:
    assert wishes_names(said) is False
    assert read_carrier_word(said) is None
    assert not is_free_text_opt_out(said)


@pytest.mark.parametrize("said", ALLOW)
def test_names_are_allowed(said: str) -> None:
    assert wishes_names(said) is True


@pytest.mark.parametrize("said", OTHER)
def test_what_says_something_else_says_nothing_of_names(said: str) -> None:
    assert wishes_names(said) is None
