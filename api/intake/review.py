"""Staff and the forms of a patient: reading the answers, and taking some of them into the record.

An answer writes no allergy, illness or medicine by itself: a member of the staff does, here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from api.core.errors import CareError
from api.core.ids import PatientId
from api.core.language import Language
from api.escalations import service as escalations
from api.escalations.kinds import Open
from api.gateway.access import Access, ActorKind
from api.gateway.errors import Forbidden
from api.gateway.interactions import Create, History, Read, Search
from api.gateway.scopes import parse_scopes
from api.gateway.service import perform
from api.intake import fillings, steps
from api.intake.answered import Answered, Target, answered, as_written
from api.intake.chart_card import NAMELESS, form_answered_by
from api.intake.corrections import Correction, Sent, changed_since, corrections
from api.intake.desk import Desk
from api.intake.entries import (
    Source,
    Track,
    Wanted,
    added_track,
    as_entry,
    looked_track,
    same_entry,
    text_of,
    tracks_of,
)
from api.intake.fillings import Filling
from api.intake.forms import Form
from api.intake.record import IDENTIFIER
from api.intake.responses import DONE, read_response
from api.intake.scoring import instrument_of
from api.intake.totals import SCORES, Total, totals_of
from api.people.record_words import instant_of
from api.staff.kinds import Member, Permission
from api.staff.service import may
from integrations.ports.fhir import Resource, Stored

MOST_TRACKS: Final = 200
CORRECTED: Final = "amended"
# An alert is written right after the answer that raised it.
RAISED_WITHIN: Final = timedelta(minutes=1)


class NotSentYet(CareError):
    """Only what the patient has sent may be taken into the record."""

    code = "form_not_sent"
    status = 409
    sentence = "The patient has not sent this form yet, so nothing of it can be added."


class NothingToAdd(CareError):
    """The form has no such answer, or one of which the record takes nothing."""

    code = "nothing_to_add"
    status = 422
    sentence = "There is nothing in that answer that could be added."


class AnswerChanged(CareError):
    """The patient has changed the answer since the page was drawn that is acted on."""

    code = "answer_changed"
    status = 409
    sentence = "The patient has just changed this answer. Look at it as it is now, then go on."


class AddedMeanwhile(CareError):
    """Another entry of the same answer came first."""

    code = "added_meanwhile"
    status = 409
    sentence = "Something else was added from this answer just now. Look at it, then add yours."


@dataclass(frozen=True)
class Sight:
    """Who looks at which form of which patient.

    `origin`: the network address for the audit; `version`: of the answers that they have seen.
    """

    member: Member
    patient: PatientId
    response: str
    origin: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class Opened:
    """A form as that member of staff may see it.

    Attributes:
        status: FHIR's word for how far it is.
        language: the language that it was asked in, as a tag.
        authored_at: when it was changed last.
        said, asked: how many questions are answered, of how many that are asked as things stand.
        answers: those questions that are for the role.
        total: None where there is none, or where it is not for the role.
        tracks: what staff did with the answers, the oldest first.
        alert: what was raised because an answer speaks of self-harm, where something was.
        is_withheld: clinical answers are there that are not for the role.
        version: of the response.
        sent: the versions that the team had, the oldest first; none where nothing was corrected.
        corrections: what was changed in them, as far as it is for the role.
        is_at_it: the patient looks it through again and has not sent it again yet.
    """

    response: str
    title: str
    status: str
    language: str
    authored_at: datetime | None
    said: int
    asked: int
    answers: tuple[Answered, ...]
    total: Total | None
    tracks: tuple[Track, ...]
    alert: Open | None = None
    is_withheld: bool = False
    version: int = 0
    sent: tuple[Sent, ...] = ()
    corrections: tuple[Correction, ...] = ()
    is_at_it: bool = False

    @property
    def is_sent(self) -> bool:
        """Whether the patient is done with it."""
        return self.status in DONE

    def added(self, key: str) -> list[Track]:
        """What was taken into the record from an answer."""
        return [each for each in self.tracks if each.key == key and each.reference]

    def looked_at(self, key: str) -> Track | None:
        """Who last looked at an answer as it is now."""
        looks = [each for each in self.tracks if each.key == key and not each.reference]
        last = looks[-1] if looks else None
        return None if last is None or self._is_other(last) else last

    def correction(self, key: str) -> Correction | None:
        """How an answer was corrected."""
        return next((each for each in self.corrections if each.key == key), None)

    def changed_since(self, track: Track) -> Correction | None:
        """How an answer was corrected after somebody of the staff had acted on it."""
        return changed_since(self.sent, track.key, track.at)

    def _is_other(self, look: Track) -> bool:
        if self.sent:
            return self.changed_since(look) is not None
        return self.authored_at is not None and look.at < self.authored_at


async def read(desk: Desk, at: Sight) -> Opened:
    """A form with its answers; the look is in the audit.

    Raises:
        Forbidden: the role reads no record. NotFound: the patient has no such form.
        PortError: the record is away.
    """
    stored = await _response(desk, at)
    response = stored.body
    form = await form_answered_by(desk, response)
    answers, sees_all = _answers(form, response), may(at.member.role, Permission.READ_CLINICAL)
    sent = await _sent(desk, at, form) if response["status"] == CORRECTED else ()
    changed = corrections(sent)
    shown = _shown(form, answers, changed, sees_all=sees_all)
    filling = await _filling(desk, response)
    alarms = any(each.is_alarm for each in answers) or any(_was_alarm(each) for each in changed)
    return Opened(
        response=at.response,
        title=form.title.in_(Language.EN) if form is not None else NAMELESS,
        status=str(response["status"]),
        language=str(response.get("language", "")),
        authored_at=instant_of(response.get("authored")),
        said=sum(1 for each in answers if each.answer),
        asked=len(answers),
        answers=tuple(each for each in answers if each.key in shown),
        total=await _total(desk, at) if sees_all else None,
        tracks=tuple(await _tracks(desk, at)),
        alert=await _alert(desk, at, filling) if alarms else None,
        is_withheld=any(each.key not in shown for each in answers),
        version=stored.version,
        sent=sent,
        corrections=tuple(each for each in changed if each.key in shown),
        is_at_it=filling is not None and filling.was_sent and not filling.is_over,
    )


async def add(desk: Desk, at: Sight, key: str, wanted: Wanted) -> None:
    """Take an answer into the record, as the member has worded it; the same again adds nothing.

    Raises:
        Forbidden: the role may not. NotSentYet, NothingToAdd: the form or the answer is not one
            for that. AnswerChanged: it is not the one that was seen. AddedMeanwhile: another
            wording came first. PortError: the record is away.
    """
    answer, source = await _taken_from(desk, at, key)
    target = answer.target
    if target is None or not answer.can_be_added:
        raise NothingToAdd
    now = await desk.clock.now()
    access = _writing(at)
    entry = as_entry(target, wanted, source, by=at.member, now=now)
    written = await perform(desk.gateway, access, Create(entry, if_none_exist=same_entry(entry)))
    stored = written.stored
    # A try that was cut off may have left the entry without it.
    track = added_track(stored.body, source, now=now)
    once = (("target", stored.reference),)
    await perform(desk.gateway, access, Create(track, if_none_exist=once))
    if text_of(stored.body) != wanted.text:
        raise AddedMeanwhile


async def mark_looked_at(desk: Desk, at: Sight, key: str) -> None:
    """Say that the member has read an answer and that the record needs nothing of it.

    Raises:
        Forbidden: the role may not. NotSentYet, NothingToAdd: the form or the answer is not one
            for that. AnswerChanged: it is not the one that was seen. PortError: the record is
            away.
    """
    _, source = await _taken_from(desk, at, key)
    if (await read(desk, at)).looked_at(key) is None:
        track = looked_track(source, by=at.member, now=await desk.clock.now())
        await perform(desk.gateway, _writing(at), Create(track))


async def _taken_from(desk: Desk, at: Sight, key: str) -> tuple[Answered, Source]:
    if not may(at.member.role, Permission.ADD_TO_RECORD):
        raise Forbidden
    stored = await _response(desk, at)
    response = stored.body
    if response["status"] not in DONE:
        raise NotSentYet
    form = await form_answered_by(desk, response)
    answers = _answers(form, response)
    if at.version not in {None, stored.version}:
        seen = await perform(desk.gateway, _reading(at), _version(at))
        both = _as_sent(seen, _answers(form, seen.body)), _as_sent(stored, answers)
        if any(each.key == key for each in corrections(both)):
            raise AnswerChanged
    answer = next((each for each in answers if each.key == key and each.target), None)
    if answer is None or not answer.answer:
        raise NothingToAdd
    authored = response.get("authored")
    said_at = str(authored) if authored else None
    return answer, Source(str(at.patient), at.response, key, answer.answer, said_at)


def _answers(form: Form | None, response: Resource) -> tuple[Answered, ...]:
    if form is None:
        return as_written(response)
    try:
        return answered(form, read_response(form, response))
    except ValueError:
        return as_written(response)


def _is_clinical(form: Form | None, answer: Answered) -> bool:
    """What the chart keeps from who does not read clinical details: illnesses and instruments.

    An answer that speaks of self-harm is for everybody who may have to act on it.
    """
    if answer.is_alarm:
        return False
    is_instrument = form is None or instrument_of(form) is not None
    return is_instrument or answer.target is Target.CONDITION


def _shown(
    form: Form | None,
    answers: tuple[Answered, ...],
    changed: tuple[Correction, ...],
    *,
    sees_all: bool,
) -> set[str]:
    """The questions that a role may see; also one that did speak of self-harm."""
    were = [each.before for each in changed if each.before is not None]
    every = (*answers, *were)
    if sees_all:
        return {each.key for each in every}
    alarming = {each.key for each in every if each.is_alarm}
    return alarming | {each.key for each in every if not _is_clinical(form, each)}


def _was_alarm(correction: Correction) -> bool:
    return correction.before is not None and correction.before.is_alarm


async def _response(desk: Desk, at: Sight) -> Stored:
    asked = Read("QuestionnaireResponse", at.response)
    return await perform(desk.gateway, _reading(at), asked)


def _version(at: Sight) -> Read:
    return Read("QuestionnaireResponse", at.response, at.version)


async def _sent(desk: Desk, at: Sight, form: Form | None) -> tuple[Sent, ...]:
    """The versions that the team had, the oldest first."""
    asked = History("QuestionnaireResponse", at.response)
    found: tuple[Stored, ...] = await perform(desk.gateway, _reading(at), asked)
    sent = [each for each in reversed(found) if each.body.get("status") in DONE]
    return tuple(_as_sent(each, _answers(form, each.body)) for each in sent)


def _as_sent(stored: Stored, answers: tuple[Answered, ...]) -> Sent:
    return Sent(stored.updated_at, answers)


async def _filling(desk: Desk, response: Resource) -> Filling | None:
    """Where the form stands with us; None for one that is not of here."""
    identifier = response.get("identifier") or {}
    if identifier.get("system") != IDENTIFIER:
        return None
    async with desk.database.transaction() as session:
        return await fillings.known(session, str(identifier.get("value")))


async def _total(desk: Desk, at: Sight) -> Total | None:
    mine = (("patient", f"Patient/{at.patient}"), *SCORES, ("_total", "none"))
    page = await perform(desk.gateway, _reading(at), Search("Observation", mine))
    totals = totals_of(each.body for each in page.entries)
    return totals.get(f"QuestionnaireResponse/{at.response}")


async def _alert(desk: Desk, at: Sight, filling: Filling | None) -> Open | None:
    """The last that was raised while the patient was at it; else the first after that."""
    if filling is None:
        return None
    rule = str(steps.CRISIS.arguments["rule"])
    async with desk.database.transaction() as session:
        raised = await escalations.raised_by(session, at.patient, rule)
    since = [each for each in raised if each.opened_at >= filling.opened_at]
    meanwhile = [each for each in since if each.opened_at <= filling.changed_at + RAISED_WITHIN]
    return meanwhile[-1] if meanwhile else next(iter(since), None)


async def _tracks(desk: Desk, at: Sight) -> list[Track]:
    """In nobody's compartment but by their targets, so they are asked for by the form."""
    mine = (("entity", f"QuestionnaireResponse/{at.response}"), ("_count", str(MOST_TRACKS)))
    page = await perform(desk.gateway, _writing(at), Search("Provenance", mine))
    return tracks_of([each.body for each in page.entries])


def _reading(at: Sight) -> Access:
    """Bound to the one patient.

    Raises:
        Forbidden: the role reads no record at all.
    """
    if not may(at.member.role, Permission.READ_RECORD):
        raise Forbidden
    scopes = "patient/QuestionnaireResponse.r"
    if may(at.member.role, Permission.READ_CLINICAL):
        scopes += " patient/Observation.s"
    return _access(at, scopes, patient=at.patient)


def _writing(at: Sight) -> Access:
    """Not bound, since to create conditionally asks all records; the form was read bound before."""
    scopes = "system/Provenance.s"
    if may(at.member.role, Permission.ADD_TO_RECORD):
        scopes += (
            " system/Provenance.c system/AllergyIntolerance.c system/Condition.c"
            " system/MedicationStatement.c"
        )
    return _access(at, scopes)


def _access(at: Sight, scopes: str, *, patient: str | None = None) -> Access:
    granted = parse_scopes(scopes)
    return Access(ActorKind.STAFF, str(at.member.id), granted, patient=patient, origin=at.origin)
