"""A mother and her child on one phone: what is private is answered on a page of their own."""

from tests.support.form_links import asks_for, link_in, opened, visitor
from tests.support.patients import Phone, World, inspector
from tests.support.stack import Stack

MARIA, LEO = ("1002", "1984-05-02", "2/5/1984"), ("1003", "2019-09-14", "14/9/2019")
PHONE = "+12125550102"


def test_private_questions_of_two_people_on_one_phone_are_answered_on_their_own_page(
    world: World, stack: Stack
) -> None:
    world.clock(real=True)
    world.clock(now="2027-03-08T10:00:00-05:00")
    for form, (mrn, *_) in (("visit-intake", MARIA), ("phq-9", LEO)):
        asks_for(world, form, mrn)
    world.settle()
    phone = Phone(world, PHONE)
    link = _marias_link(phone)
    assert world.http.get(link.partition("#")[0]).status_code == 200  # as a preview does
    _maria_answers_on_the_page(world, phone, link)
    child = _leos_link(phone)
    assert opened(world, child, MARIA[1]).json()["error"] == "not_theirs"
    leo = visitor(world, opened(world, child, LEO[1]))
    assert "muerto" in leo.new()[-1]["text"]
    (told,) = leo.says("1")
    assert told["input"] == "review"
    secrets = [each.partition("#")[2] for each in (link, child)]
    for path in (stack.data_dir / "log").glob("*.log"):
        log = path.read_text("utf-8", "replace")
        assert not any(secret in log for secret in secrets)


def _marias_link(phone: Phone) -> str:
    """She answers all but what is private, in words and by the engine; nothing else is taken."""
    phone.new()
    phone.texts("empezar mi formulario")
    phone.texts(MARIA[2])
    for said in ("me duele la rodilla", "SALTAR", "7", "a nada", "ninguna", "SALTAR"):
        phone.texts(said)
    (asked,) = phone.texts("Nunca he fumado")
    assert "embaraz" not in asked
    for said in ("S", "tal vez"):
        (told,) = phone.texts(said)
        assert "No puedo tomar esa respuesta" in told
    (back,) = phone.texts("ATRÁS")
    assert "Fuma" in back
    first = link_in(asked)
    (again,) = phone.texts("4")
    (newest,) = phone.texts("ENLACE")
    assert len({first, link_in(again), link_in(newest)}) == 3
    for old in (first, link_in(again)):
        assert opened(phone.world, old, MARIA[1]).status_code == 410
    return link_in(newest)


def _maria_answers_on_the_page(world: World, phone: Phone, link: str) -> None:
    assert opened(world, link, "1984-05-03").status_code == 403
    maria = visitor(world, opened(world, link, MARIA[1]))
    assert opened(world, link, MARIA[1]).status_code == 410
    greeting, asked = maria.new()
    assert "no una enfermera" in greeting["text"]
    assert "embaraz" in asked["text"]
    assert "bebé" in asked["form"]["help"]
    (last,) = maria.says("S")
    assert last["progress"] == {"step": 9, "of": 9}
    (resumed,) = phone.texts("SEGUIR")
    assert "algo más" in resumed
    (review,) = phone.texts("SALTAR")
    assert "8) (privado)" in review
    (done,) = phone.texts("ENVIAR")
    assert done.startswith("Gracias.")
    assert opened(world, link, MARIA[1]).status_code == 410
    record = inspector(world)
    (response,) = record.found(f"QuestionnaireResponse?subject=Patient/{record.patient(MARIA[0])}")
    said = {each["linkId"]: each["answer"] for each in response["item"] if "answer" in each}
    assert said["pregnant"] == [{"valueBoolean": True}]


def _leos_link(phone: Phone) -> str:
    phone.texts("empezar mi formulario")
    phone.texts(LEO[2])
    asked = ""
    for _ in range(8):
        (asked,) = phone.texts("1")
    return link_in(asked)
