"""Taking in what was filled in without network: looked at first, then saved in one transaction, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer
from readiness.core.moving import move_along
from readiness.documents.workbook import note_mark
from readiness.library.rubrics import RubricVersion
from readiness.services.assessing import AlreadySubmitted, Said, entered_by, save_company_in, save_said
from readiness.services.database import db, now, writing
from readiness.services.opening import Opened, opened_in
from readiness.services.questionnaires import mark_of
from readiness.services.version_ways import way_between
from readiness.services.workbooks import COMPANY_KEYS, Filled, Unread, stored_version, version_of

WORKBOOK, SAVED = "workbook", "saved"


class NoWay(LookupError):
    """The workbook's version of the questions does not lead to the assessment's."""

    def __init__(self, number: str, *, newer: bool) -> None:
        super().__init__(f"no maps lead from {number} to the version of the assessment")
        #: The workbook's version.
        self.number = number
        #: Whether the way leads from the assessment's to it.
        self.newer = newer


class SavedSince(RuntimeError):
    """What is saved is not what the person was shown before saving."""


class ChoiceMissing(ValueError):
    """The person has not said which of two answers holds."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__("not chosen: " + ", ".join(keys))
        #: The changes, by key.
        self.keys = keys


class State(StrEnum):
    """What saving would do to one question, or one part of what is known of the company."""

    #: Nothing was said there before, or only something is added.
    NEW = "new"
    #: It was saved like that when the workbook was made, and changed in the workbook.
    CHANGED = "changed"
    #: The saved answer is the same, and saving confirms it under the question's new words.
    CONFIRMED = "confirmed"
    #: Something else is saved than the workbook was made with: the person chooses.
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class AnswerTaken:
    """What saving would do to one question."""

    question: str
    state: State
    before: Said
    after: Said
    #: Whether the question reads otherwise than in the workbook, so that the answer is to be confirmed.
    to_confirm: bool

    @property
    def key(self) -> str:
        """Names it in a form."""
        return f"question.{self.question}"

    @property
    def fingerprint(self) -> str:
        """What tells whether it is still what the person was shown."""
        said = [_plain(self.before.answer), self.before.note, _plain(self.after.answer), self.after.note]
        return _fingerprint([self.state, *said, self.to_confirm])


@dataclass(frozen=True, slots=True)
class FactTaken:
    """What saving would do to one part of what is known of the company."""

    name: str
    state: State
    before: str
    after: str

    @property
    def key(self) -> str:
        """Names it in a form."""
        return f"company.{self.name}"

    @property
    def fingerprint(self) -> str:
        """What tells whether it is still what the person was shown."""
        return _fingerprint([self.state, self.before, self.after])


@dataclass(frozen=True)
class Review:
    """What saving a workbook would do, before it is done."""

    #: The version that the workbook was made of.
    version: RubricVersion
    #: Whether it was made for another company's assessment.
    of_another: bool
    answers: tuple[AnswerTaken, ...]
    company: tuple[FactTaken, ...]
    #: The questions on which the workbook says what is saved.
    same: tuple[str, ...]
    #: The questions that are left empty in it.
    empty: tuple[str, ...]
    unread: tuple[Unread, ...]

    @property
    def changes(self) -> tuple[AnswerTaken | FactTaken, ...]:
        """Everything that saving would change."""
        return (*self.company, *self.answers)

    @property
    def to_choose(self) -> tuple[str, ...]:
        """The keys of what the person has to choose."""
        return tuple(change.key for change in self.changes if change.state is State.BOTH)

    @property
    def shown(self) -> dict[str, str]:
        """What tells whether everything is still as it was shown."""
        return {change.key: change.fingerprint for change in self.changes}


def review(opened: Opened, filled: Filled) -> Review:
    """Return what saving a workbook would do to an assessment.

    :raises VersionNotHere: if the site does not know its questions.
    :raises NoWay: if its questions do not lead to those of the assessment.
    """
    return _review(db.session, opened, filled)


def take_in(token: str, filled: Filled, shown: Mapping[str, str], chosen: Mapping[str, str]) -> int:
    """Save what was shown and chosen; return how many answers, notes and facts are different now. Twice is once.

    :param shown: what the person was shown, as :attr:`Review.shown` has it.
    :param chosen: by key, whether the workbook's or the saved one holds.
    :raises SavedSince: if something else was saved since; nothing is saved then.
    :raises ChoiceMissing: if a choice is missing.
    :raises AlreadySubmitted: if the assessment was finished meanwhile.
    """
    with writing() as session:
        opened = opened_in(session, token)
        if opened.submitted:
            raise AlreadySubmitted
        found = _review(session, opened, filled)
        if any(shown.get(change.key) != change.fingerprint for change in found.changes):
            raise SavedSince
        missing = [key for key in found.to_choose if chosen.get(key) not in (WORKBOOK, SAVED)]
        if missing:
            raise ChoiceMissing(missing)
        company = {each.name: each.after for each in found.company if chosen.get(each.key) != SAVED}
        if company:
            save_company_in(opened.assessment, company)
        answers = [each for each in found.answers if chosen.get(each.key) != SAVED]
        moment = now()
        by = entered_by(token, opened)
        session.flush()
        for each in answers:
            opened = save_said(
                session.connection(),
                opened,
                each.question,
                each.before,
                each.after,
                moment,
                by=by,
                confirmed=each.after.answer is not None and not each.to_confirm,
                asked_again=each.to_confirm,
            )
        if answers:
            opened.assessment.saved_at = moment
        return len(company) + len(answers)


def _review(session: Session, opened: Opened, filled: Filled) -> Review:
    version, asked = version_of(session, filled.rubric, filled.digest), opened.version
    of_another = bool(filled.assessment) and filled.assessment != mark_of(opened)
    # What another company's workbook was made with says nothing about this one.
    base_answers = {} if of_another else filled.base_answers
    base_notes = {} if of_another else filled.base_notes
    base_company = {} if of_another else filled.base_company
    notes = {
        id: note
        for id, note in filled.notes.items()
        if note_mark(note) != base_notes.get(id, "") or not opened.notes.get(id)
    }
    steps = []
    if version.digest != asked.digest:
        first = stored_version(session, filled.rubric, filled.digest).id
        way = way_between(session, first, opened.assessment.rubric_version_id)
        if way is None:
            back = way_between(session, opened.assessment.rubric_version_id, first)
            raise NoWay(filled.rubric, newer=back is not None)
        steps = way.steps
    moved = move_along(version.rubric, _read(version, filled.answers), steps, notes=notes)
    base = move_along(version.rubric, _read(version, base_answers), steps).answers
    answers, same = [], []
    for question in asked.rubric.questions:
        answer, note = moved.answers.get(question.id), moved.notes.get(question.id, "")
        if answer is None and not note:
            continue
        reworded = question.id in moved.to_confirm
        kept_note = base_notes.get(question.id, "")
        taken = _taken(opened, question.id, answer, note, base.get(question.id), kept_note, reworded=reworded)
        if taken is None:
            same.append(question.id)
        else:
            answers.append(taken)
    given = {*moved.answers, *moved.notes}
    kept = {aside.question for aside in moved.aside}
    aside = tuple(Unread(f"moved.{each.reason}", f"question.{each.question}") for each in moved.aside)
    unread_keys = {each.key for each in filled.unread}
    return Review(
        version,
        of_another,
        tuple(answers),
        tuple(_facts(opened, filled.company, base_company)),
        tuple(same),
        tuple(
            question.id
            for question in opened.questions
            if question.id not in given | kept and f"question.{question.id}" not in unread_keys
        ),
        (*filled.unread, *aside),
    )


def _taken(
    opened: Opened,
    id: str,
    answer: Answer | None,
    note: str,
    base: Answer | None,
    base_note: str,
    *,
    reworded: bool,
) -> AnswerTaken | None:
    """Return what saving would do to one question, or None if nothing."""
    saved = Said(opened.answers.get(id), opened.notes.get(id, ""))
    if answer == base and saved.answer is not None:
        # It was not touched in the workbook: what is saved by now holds.
        answer = None
    after = Said(saved.answer if answer is None else answer, note or saved.note)
    confirms = answer is not None and id in opened.unconfirmed and not reworded
    if after == saved:
        return AnswerTaken(id, State.CONFIRMED, saved, after, to_confirm=False) if confirms else None
    differs = answer is not None and saved.answer not in (None, answer)
    note_differs = bool(note and saved.note) and note != saved.note
    untouched = (not differs or saved.answer == base) and (not note_differs or note_mark(saved.note) == base_note)
    state = State.NEW
    if differs or note_differs:
        state = State.CHANGED if untouched else State.BOTH
    return AnswerTaken(id, state, saved, after, to_confirm=reworded and answer is not None)


def _facts(opened: Opened, company: Mapping[str, str], base: Mapping[str, str]) -> list[FactTaken]:
    found = []
    for name in COMPANY_KEYS:
        saved, value = str(opened.assessment.company.get(name) or ""), company.get(name, "")
        if not value or value == saved or (value == base.get(name, "") and saved):
            continue
        state = State.NEW if not saved else State.CHANGED if saved == base.get(name, "") else State.BOTH
        found.append(FactTaken(name, state, saved, value))
    return found


def _read(version: RubricVersion, answers: Mapping[str, int | str]) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    for id, value in answers.items():
        try:
            found[id] = answer_rules.read(version.rubric, id, value)
        except answer_rules.AnswersError:
            # Only what was hidden in the workbook can be wrong here, and then it says nothing.
            continue
    return found


def _plain(answer: Answer | None) -> object:
    return None if answer is None else answer_rules.plain(answer)


def _fingerprint(values: list[object]) -> str:
    return sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[:20]
