"""What a patient has changed in a form after it was sent: its versions, compared. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.intake.answered import Answered


@dataclass(frozen=True)
class Sent:
    """What the team had from an instant on, until the next."""

    at: datetime
    answers: tuple[Answered, ...]

    def answer(self, key: str) -> Answered | None:
        """What was said to a question; None where it was not asked."""
        return next((each for each in self.answers if each.key == key), None)


@dataclass(frozen=True)
class Correction:
    """An answer that is another one now.

    Attributes:
        before, after: None where the question was not asked then.
        at: since when it is as it is now.
    """

    key: str
    before: Answered | None
    after: Answered | None
    at: datetime

    @property
    def was(self) -> str:
        """What it was in words; empty where nothing was said."""
        return self.before.answer if self.before is not None else ""

    @property
    def now(self) -> str:
        """What it is in words; empty where nothing is said any more."""
        return self.after.answer if self.after is not None else ""


def corrections(sent: Sequence[Sent]) -> tuple[Correction, ...]:
    """What is said otherwise now than when it was sent first, as it is asked; then what is gone.

    `sent`: the versions, the oldest first.
    """
    if not sent:
        return ()
    keys = dict.fromkeys(each.key for version in (sent[-1], sent[0]) for each in version.answers)
    found = (_correction(sent, 0, key) for key in keys)
    return tuple(each for each in found if each is not None)


def changed_since(sent: Sequence[Sent], key: str, at: datetime) -> Correction | None:
    """How an answer has changed since somebody saw it then; None where it says the same."""
    seen = [place for place, version in enumerate(sent) if version.at <= at]
    return _correction(sent, seen[-1] if seen else 0, key) if sent else None


def _correction(sent: Sequence[Sent], since: int, key: str) -> Correction | None:
    before, after = sent[since].answer(key), sent[-1].answer(key)
    if _said(before) == _said(after):
        return None
    differs = [place for place, each in enumerate(sent) if _said(each.answer(key)) != _said(after)]
    return Correction(key, before, after, sent[differs[-1] + 1].at)


def _said(answer: Answered | None) -> str:
    return answer.answer if answer is not None else ""
