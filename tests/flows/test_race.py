"""Twenty patients want the same time at once: one holds it, nineteen are offered other times."""

from concurrent.futures import ThreadPoolExecutor

from tests.support.patients import Visitor, World, inspector, staff

PATIENTS = 20


def test_one_of_twenty_holds_the_time(world: World) -> None:
    ehr, fhir = staff(world), inspector(world)
    for number in range(PATIENTS):
        answer = ehr.create(
            {
                "resourceType": "Patient",
                "active": True,
                "identifier": [
                    {"system": "https://careline.example/mrn", "value": f"7{number:03}"}
                ],
                "name": [{"family": f"Race{number}", "given": ["Pat"]}],
                "birthDate": "1980-01-31",
            }
        )
        assert answer.status_code == 201, answer.text

    def to_the_offer(number: int) -> Visitor:
        visitor = Visitor.opens(world)
        visitor.sends("i need a visit for my back with dr ruiz, any time")
        return visitor

    visitors = [to_the_offer(number) for number in range(PATIENTS)]
    for words in ("7{:03}", "1/31/1980"):
        world.settle()
        for number, visitor in enumerate(visitors):
            visitor.sends(words.format(number))
    world.settle()
    offers = {visitor.new()[-1]["choices"][0]["label"] for visitor in visitors}
    assert len(offers) == 1  # all twenty are offered the same first time

    with ThreadPoolExecutor(PATIENTS) as pool:
        list(pool.map(lambda visitor: visitor.sends("1"), visitors))
    world.settle()
    answers = [visitor.new()[-1] for visitor in visitors]
    holders = [each for each in answers if "held until" in each["text"]]
    others = [each for each in answers if "just taken" in each["text"]]
    assert len(holders) == 1
    assert len(others) == PATIENTS - 1
    taken = offers.pop()
    assert all(taken != choice["label"] for each in others for choice in each["choices"])
    assert len(fhir.found("Appointment?status=pending")) == 1
