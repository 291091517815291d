"""One step in a form: an answer, or one of the few words that are none."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from api.intake import asking, record, results, upcoming
from api.intake.commands import Change, ChangeSome, Command, read_command
from api.intake.desk import Desk, Filler
from api.intake.fillings import Filling
from api.intake.forms import Item
from api.intake.inputs import PRIVATE, input_of
from api.intake.progress import (
    Asked,
    is_complete,
    next_question,
    question_at,
    question_before,
    questions,
    with_answer,
    with_declined,
)
from api.intake.reading import Accepted, Miss, read_answer
from api.intake.record import Sheet
from api.intake.scoring import alarms
from api.intake.states import FormState
from api.intake.values import Value
from api.messaging.replies import Word, reads_yes
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import PortError

CRISIS: Final = EngineReply("crisis", {"rule": "form.self-harm"})
ANOTHER: Final = EngineReply("form_another", {})
NOT_IN_TEXTS: Final = EngineReply("form_not_in_texts", {"notice": "again"})
# What may be said to a question that is not put in words.
_OF_PRIVATE: Final = frozenset({Word.BACK, Word.SKIP, Word.PAUSE, Word.LATER, Word.DONE})
IN_PROGRESS, COMPLETED, AMENDED = "in-progress", "completed", "amended"


@dataclass
class Step:
    """All that one step works on. `sheet` and `filling` change with it."""

    desk: Desk
    filler: Filler
    filling: Filling
    sheet: Sheet
    now: datetime

    @property
    def next(self) -> Asked | None:
        """The first question that has no answer."""
        return next_question(self.sheet.form, self.sheet.answers)


def asked_at(filling: Filling, sheet: Sheet) -> Asked | None:
    """The question that is open; where an earlier answer took it away, the next; None: review."""
    if filling.at is None:
        return None
    as_it_stands = questions(sheet.form, sheet.answers)
    here = next((each for each in as_it_stands if each.path == filling.at), None)
    return here or next_question(sheet.form, sheet.answers)


async def take(step: Step, text: str) -> None:
    """Do what a text says to the open question.

    Raises:
        PortError: the record is away; nothing was taken.
    """
    filling, sheet = step.filling, step.sheet
    filling.notice = None
    in_review = filling.state is FormState.REVIEW
    count = _count(step) if in_review else 0
    command = read_command(text, in_review=in_review, count=count)
    asked = asked_at(filling, sheet)
    if asked is not None and await _aside(step, command, asked):
        return
    if command is not None and await _obey(step, command, asked):
        return
    if asked is None:
        await _in_review(step, text)
    else:
        await _answer(step, asked, text)


async def means_danger(
    desk: Desk, filler: Filler, filling: Filling, text: str, *, now: datetime
) -> bool:
    """Whether an answer alarms, told from the form alone while the record cannot be read."""
    if filling.at is None or _is_private(filling, filler):
        return False
    form = await desk.library.form(desk.gateway, filling.questionnaire)
    item = _item_at(form.items, filling.at[-1][0])
    if item is None:
        return False
    read = read_answer(item, text, filler.language, today=now.date())
    return isinstance(read, Accepted) and alarms(form, filling.at, read.values)


async def _aside(step: Step, command: Command | None, asked: Asked) -> bool:
    """Do what is said about the question, rather than to it; False where it may be an answer."""
    if _is_private(step.filling, step.filler):
        await _of_private(step, command, asked)
        return True
    if command is Word.WHY:
        step.filling.notice = asking.why(asked, step.filler.language)
    # Of a link there is none where the question is put in words.
    return command in {Word.WHY, Word.LINK}


async def _of_private(step: Step, command: Command | None, asked: Asked) -> None:
    """Nothing else than a few words is taken here for a question that was not put in words."""
    if command is Word.LINK:
        step.filling.ask(asked)
    elif command not in _OF_PRIVATE or not await _obey(step, command, asked):
        step.filling.notice = NOT_IN_TEXTS


def withhold(filling: Filling, sheet: Sheet, filler: Filler) -> None:
    """Keep in mind whether the question that is asked next is put in words.

    One that was, is answered here for as long as it is open: who told us of danger is heard.
    """
    asked = asked_at(filling, sheet)
    if not filling.is_open or asked is None:
        return
    if asked.item.sensitive and filler.withholds:
        filling.input = PRIVATE
        if filling.notice == ANOTHER:
            filling.notice = None
    elif filling.input == PRIVATE:
        filling.input = input_of(asked)


def _is_private(filling: Filling, filler: Filler) -> bool:
    return filling.input == PRIVATE and filler.withholds


async def _obey(step: Step, command: Command, asked: Asked | None) -> bool:
    """Do what a word asks; False where it is an answer here and no command."""
    match command:
        case Change(number):
            _change(step, number)
        case ChangeSome():
            _change_some(step, asked)
        case Word.BACK:
            _back(step)
        case Word.SKIP:
            return await _skip(step, asked)
        case Word.PAUSE | Word.LATER:
            step.filling.state = FormState.PAUSED
            step.filling.notice = EngineReply("form_paused", {})
        case Word.DONE if step.filling.given:
            step.filling.ask(step.next)
        case Word.SEND:
            await _send(step, asked)
        case _:
            return False
    return True


def _change(step: Step, number: int) -> None:
    wanted = question_at(step.sheet.form, step.sheet.answers, number)
    if wanted is None:
        told = {"of": _count(step), "notice": "again"}
        step.filling.notice = EngineReply("form_no_such_number", told)
    else:
        step.filling.ask(wanted)


def _change_some(step: Step, asked: Asked | None) -> None:
    """Which one is asked in the review; before that, they will come to it."""
    if asked is not None and step.filling.was_sent:
        step.filling.ask(None)
        return
    if asked is not None:
        step.filling.notice = EngineReply("form_change_later", {})
        return
    told = {"notice": "again", "amending": step.filling.was_sent}
    step.filling.notice = EngineReply("form_send_or_change", told)


def _count(step: Step) -> int:
    return len(questions(step.sheet.form, step.sheet.answers))


def _back(step: Step) -> None:
    before = question_before(step.sheet.form, step.sheet.answers, step.filling.at)
    if before is None and step.next is None:
        step.filling.ask(None)  # it was opened from the review, and keeps its answer
    elif before is None:
        step.filling.notice = EngineReply("form_at_first", {})
    else:
        step.filling.ask(before)


async def _skip(step: Step, asked: Asked | None) -> bool:
    if asked is None or asked.is_more:
        return False
    if asked.item.required:
        step.filling.notice = EngineReply("form_cannot_skip", {})
        return True
    sheet = step.sheet
    step.sheet = replace(sheet, answers=with_declined(sheet.form, sheet.answers, asked.path))
    await _keep(step)
    step.filling.ask(step.next)
    return True


async def _in_review(step: Step, text: str) -> None:
    """A yes sends it; all else is asked about."""
    if reads_yes(text):
        await _send(step)
    else:
        _change_some(step, None)


async def _answer(step: Step, asked: Asked, text: str) -> None:
    read = _read(step, asked.item, text)
    if isinstance(read, Miss):
        _missed(step, asked.item, read)
        return
    several = asked.item.repeats and not asked.item.options and not asked.is_more
    values = (*(_given(step, asked) if several else ()), *read.values)
    form, answers = step.sheet.form, step.sheet.answers
    try:
        answers = with_answer(form, answers, asked.path, values)
    except ValueError:  # with those of before it, more than the question takes
        _missed(step, asked.item, Miss.TOO_MANY)
        return
    step.sheet = replace(step.sheet, answers=answers)
    if not asked.is_more and alarms(form, asked.path, read.values):
        await _alarm(step)
        return
    await _keep(step)
    if several and _takes_more(asked.item, len(values)):
        _ask_for_another(step, asked, len(values))
    else:
        step.filling.ask(step.next)


def _read(step: Step, item: Item, text: str) -> Accepted | Miss:
    zone = step.desk.zone
    today = step.now.astimezone(zone).date()
    return read_answer(item, text, step.filler.language, today=today, zone=zone)


def _missed(step: Step, item: Item, miss: Miss) -> None:
    told = asking.miss_arguments(item, step.filler.language)
    step.filling.notice = EngineReply(f"form_miss_{miss}", {**told, "notice": "again"})


def _ask_for_another(step: Step, asked: Asked, given: int) -> None:
    step.filling.ask(asked)
    step.filling.given = given
    step.filling.notice = ANOTHER


def _given(step: Step, asked: Asked) -> tuple[Value, ...]:
    """What was given to it since it was asked; a try that was cut off may have written more."""
    entry = step.sheet.answers.get(asked.path)
    return entry.values[: step.filling.given] if entry else ()


def _takes_more(item: Item, count: int) -> bool:
    return item.max_occurs is None or count < item.max_occurs


async def _alarm(step: Step) -> None:
    """Help now, before the form ends; the answer is kept where the record can be reached."""
    step.filling.notice = CRISIS
    try:
        await _keep(step)
    except PortError:
        return  # the question stays open, the words are in the transcript
    step.filling.ask(step.next)


async def _send(step: Step, asked: Asked | None = None) -> None:
    """Let the team have it; of what they have already, let what was changed stand.

    While a question is open nothing is sent: its answer stays, and what is open still comes next.
    """
    if asked is not None or not is_complete(step.sheet.form, step.sheet.answers):
        step.filling.ask(step.next)
        return
    filling, before = step.filling, step.filling.sent_version
    if filling.was_sent:
        version = await _keep(step)
        told = EngineReply("form_kept", {}) if version == before else _done(None, amended=True)
    else:
        version = await _write(step, COMPLETED)
        await results.file(step.desk, filling, step.sheet, now=step.now)
        more = await upcoming.next_form(step.desk, step.filler, filling.patient, step.now)
        told = _done(more, amended=False)
    filling.send(version, step.now)
    filling.close(told)


def _done(more: dict[str, int] | None, *, amended: bool) -> EngineReply:
    return EngineReply("form_done", {"amended": amended, "more": more})


async def _keep(step: Step) -> int:
    """Let the record say it at once: an answer to what was sent is a correction of it.

    The score of what was sent follows, so that the two never say different things for longer
    than it takes to write them.
    """
    if not step.filling.was_sent:
        return await _write(step, IN_PROGRESS)
    version = await _write(step, AMENDED)
    await results.file_score(step.desk, step.filling, step.sheet, now=step.now)
    return version


async def _write(step: Step, status: str) -> int:
    return await record.write(
        step.desk, step.filler, step.filling, step.sheet, status=status, now=step.now
    )


def _item_at(items: tuple[Item, ...], link_id: str) -> Item | None:
    for item in items:
        found = item if item.link_id == link_id else _item_at(item.items, link_id)
        if found is not None:
            return found
    return None
