"""How things stand in a form: which items are enabled, and how often each is there."""

from api.intake.answers import Answers, Path
from api.intake.comparing import holds
from api.intake.items import Condition, Form, Item
from api.intake.values import Value


class Standing:
    """The answers of a form at one moment, asked about many times.

    Source: FHIR R4 Questionnaire.item.enableWhen, enableBehavior, repeats (v4.0.1).
    """

    def __init__(self, form: Form, answers: Answers) -> None:
        self._form = form
        self._answers = answers
        self._enabled: dict[Path, bool] = {}

    def values(self, path: Path) -> tuple[Value, ...]:
        """Return what the question at the path was answered with, disabled or not."""
        entry = self._answers.get(path)
        return entry.values if entry else ()

    def times(self, item: Item, prefix: Path) -> int:
        """Return how many times what is inside of the item is there.

        For every answer of a question, for every instance of a repeating group, else once.
        """
        if item.is_question:
            return len(self.values((*prefix, (item.link_id, 0))))
        return self._instances(item, prefix) if item.is_repeating_group else 1

    def _instances(self, item: Item, prefix: Path) -> int:
        count = item.least
        while self.may_be_more(item, count) and self.values((*prefix, (item.link_id, count))) == (
            True,
        ):
            count += 1
        return count

    @staticmethod
    def may_be_more(item: Item, count: int) -> bool:
        """Tell whether the form allows more than this many instances."""
        return item.most is None or count < item.most

    def is_enabled(self, path: Path) -> bool:
        """Tell whether the item at the path and all that it stands in are enabled."""
        if not path:
            return True
        if path not in self._enabled:
            self._enabled[path] = self.is_enabled(path[:-1]) and self._meets_conditions(path)
        return self._enabled[path]

    def _meets_conditions(self, path: Path) -> bool:
        item = self._form.places[path[-1][0]][-1]
        met = [self._holds(condition, path) for condition in item.enable_when]
        if not met:
            return True
        return any(met) if item.behavior == "any" else all(met)

    def _holds(self, condition: Condition, path: Path) -> bool:
        """A question that is disabled or was never answered has no answer to compare."""
        place = self._nearest(condition.question, path)
        values = self.values(place) if place is not None and self.is_enabled(place) else ()
        if condition.operator == "exists":
            return bool(values) is condition.answer
        return any(holds(condition.operator, value, condition.answer) for value in values)

    def _nearest(self, link_id: str, path: Path) -> Path | None:
        """Return where the question stands that is nearest to the path; None when it is nowhere.

        Among several, in this order: in what both stand in, the last one before, the first after.
        Below what is not there (a question without an answer, a group without an instance) the
        question is nowhere: the same one below another answer or instance says nothing of this one.
        Source: FHIR R4 Questionnaire.item.enableWhen.question, comment (v4.0.1).
        """
        order = self._form.order
        is_before = order[link_id] < order[path[-1][0]]
        found: Path = ()
        for depth, item in enumerate(self._form.places[link_id][:-1]):
            if path[:depth] == found and depth < len(path) and path[depth][0] == item.link_id:
                found = path[: depth + 1]
                continue
            times = self.times(item, found)
            if not times:
                return None
            found = (*found, (item.link_id, times - 1 if is_before else 0))
        return (*found, (link_id, 0))
