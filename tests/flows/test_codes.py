"""A one-time code opens the record in the web chat, over the whole stack."""

from tests.support.patients import Phone, Visitor, World
from tests.support.stack import Stack

JOHN, MARIA = "+12125550104", "+12125550102"
MEDICINES = "what medications am i on"


def says(visitor: Visitor, *texts: str) -> str:
    """Write some messages; the words of the last answers."""
    answers: list[str] = []
    for text in texts:
        answers = [each["text"] for each in visitor.says(text)]
    return "\n".join(answers)


def code_on(phone: Phone) -> str:
    """The digits of the newest text."""
    words = phone.new()[-1].replace(".", "").split()
    (code,) = [word for word in words if word.isdigit() and len(word) == 6]
    return code


def test_medicines_open_with_the_code_and_reminders_still_go_to_the_phone(
    world: World, stack: Stack
) -> None:
    world.clock(real=True)
    world.clock(now="2027-03-08T22:30:00-05:00")  # in quiet hours
    phone, john = Phone(world, JOHN), Visitor.opens(world)
    phone.new()
    offer = says(john, MEDICINES, "1005", "07/30/1962")
    assert "ending in 04" in offer
    assert "Metformin" not in offer
    assert phone.new() == []
    assert "6 digits" in says(john, "Y")
    code = code_on(phone)
    assert "Metformin" in says(john, f"{code[:3]} {code[3:]}")
    assert "11pm" in says(john, "remind me to take my metformin at 11pm")
    world.clock(now="2027-03-08T23:00:30-05:00")
    world.settle()
    assert any("Reply T taken" in each for each in phone.new())
    logs = (path.read_text("utf-8", "replace") for path in (stack.data_dir / "log").glob("*.log"))
    assert not any(code in log for log in logs)


def test_wrong_code_and_the_code_of_another_chat_open_nothing_and_stop_ends_codes(
    world: World,
) -> None:
    phone, john = Phone(world, JOHN), Visitor.opens(world)
    phone.new()
    says(john, MEDICINES, "1005", "07/30/1962", "Y")
    code = code_on(phone)
    other = Visitor.opens(world)
    says(other, MEDICINES, "1005", "07/30/1962", "Y")
    assert "not the code" in says(other, code)
    wrong = [f"{(int(code) + by) % 1_000_000:06d}" for by in range(1, 6)]
    assert "not good any more" in says(john, *wrong)
    assert "Metformin" not in says(john, code)
    phone.texts("STOP")
    assert "are off" in says(john, "Y")
    assert phone.new() == []


def test_childs_code_goes_to_the_mothers_phone_in_spanish(world: World) -> None:
    phone = Phone(world, MARIA)
    phone.new()
    visitor = Visitor.opens(world, "es")
    assert "termina en 02" in says(visitor, "qué medicinas tomo", "1003", "14/09/2019")
    says(visitor, "SI")
    (text,) = phone.new()
    assert text.startswith("Lakeside Clinic: su clave es ")
    assert "medicina" in says(visitor, text.split("es ", 1)[1][:6])
