"""What a link opens: an assessment with its answers, notes and version, in one statement, or two to change it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from readiness.core import answers as answer_rules
from readiness.core import profile as profile_rules
from readiness.core.answers import Answer
from readiness.core.evidence import Checked, counted
from readiness.core.evidence_records import read_checked
from readiness.core.profile import Profile
from readiness.core.records import read_result
from readiness.core.rubric import Question
from readiness.core.scoring import Result, score
from readiness.core.version_numbers import order
from readiness.library.rubrics import RubricVersion
from readiness.models import Access, AnswerRow, Assessment, Given, Link, Status, StoredRubric
from readiness.services.database import now, reading
from readiness.services.versions import PUBLISHED, rubric_of, rubric_with

TOKEN_BYTES = 32
#: What the token of a consultant's own link begins with; no other token has a dot.
CONSULTANTS = "e."

Statement = sa.Select[*tuple[Any, ...]]


class LinkUnknown(LookupError):
    """No link has this token, or it was revoked, or what it opened was deleted."""


class ReadOnly(PermissionError):
    """The link allows reading only."""


class RevisionUnknown(LookupError):
    """The assessment has no such revision, or the link does not show it."""


@dataclass(frozen=True)
class Opened:
    """An assessment as a link opens it."""

    assessment: Assessment
    version: RubricVersion
    link: Link
    answers: Mapping[str, Answer]
    notes: Mapping[str, str]
    #: How often what was said on a question was changed; 0 where there is nothing.
    versions: Mapping[str, int]
    #: The questions whose answers were carried over from other words and are not confirmed yet.
    unconfirmed: frozenset[str]
    #: The number of the newest published version, where it was asked for.
    newest: str | None = None

    @property
    def access(self) -> Access:
        """What the link allows."""
        return Access(self.link.access)

    @property
    def profile(self) -> Profile:
        """The company as far as it is known."""
        return profile_rules.read(self.assessment.company)[0]

    @property
    def submitted(self) -> bool:
        """Whether it is frozen."""
        return self.assessment.status == Status.SUBMITTED

    @property
    def revising(self) -> bool:
        """Whether it holds changes that were begun after a result."""
        return not self.submitted and self.assessment.revises_id is not None and self.assessment.revision > 1

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """The questions whose answers were carried over from other words and are not confirmed yet, in order."""
        return tuple(question.id for question in self.questions if question.id in self.unconfirmed)

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions that are asked, in order."""
        return answer_rules.visible(self.version.rubric, self.answers)

    @property
    def result(self) -> Result:
        """What the answers come to: as it was frozen once submitted, never computed again."""
        if self.assessment.result is not None:
            return read_result(json.loads(self.assessment.result, parse_float=Decimal), self.version.rubric)
        return score(self.version.rubric, self.answers)

    @cached_property
    def checked(self) -> Checked | None:
        """What consultants made of the answers: as it was frozen; None for a draft, or where nobody did."""
        if self.assessment.checked is None:
            return None
        return read_checked(json.loads(self.assessment.checked, parse_float=Decimal), self.version.rubric)

    @property
    def counted_result(self) -> Result:
        """What band and plan come from: the result with the levels that a consultant held back, if any."""
        return self.checked.result if self.checked is not None else self.result

    @property
    def counted_answers(self) -> Mapping[str, Answer]:
        """The answers with the levels that a consultant held back, as they were frozen."""
        return self.answers if self.checked is None else counted(self.answers, self.checked.held_back)

    def with_answer(self, question_id: str, answer: Answer | None, note: str, *, confirmed: bool) -> Opened:
        """Return this with what is now said on one question.

        :param confirmed: whether an answer was given, which is to be confirmed no more.
        """
        answers = dict(self.answers)
        if answer is not None:
            answers[question_id] = answer
        return replace(
            self,
            answers={id: answers[id] for id in self.version.rubric.questions_by_id if id in answers},
            notes={id: note for id, note in {**self.notes, question_id: note}.items() if note},
            versions={**self.versions, question_id: self.versions.get(question_id, 0) + 1},
            unconfirmed=self.unconfirmed - {question_id} if confirmed else self.unconfirmed,
        )

    def next_unanswered(self) -> Question | None:
        """Return the first question without an answer."""
        return next((question for question in self.questions if question.id not in self.answers), None)

    def next_after(self, question_id: str) -> Question | None:
        """Return the question that is asked after *question_id*, or None after the last."""
        order = list(self.version.rubric.questions_by_id)
        place = order.index(question_id)
        return next((question for question in self.questions if order.index(question.id) > place), None)


def open_with(token: str) -> Opened:
    """Return the revision that a link's token opens: the newest, or for a reading link the one it was given for.

    :raises LinkUnknown: if there is none.
    """
    return _seen(token)


def open_result(token: str, revision: int | None = None) -> Opened:
    """Return a submitted revision: the newest, or the one asked for; the draft if nothing was submitted yet.

    :raises LinkUnknown: if the link does not exist.
    :raises RevisionUnknown: if there is no such submitted revision, or the link does not show it.
    """
    opened = _seen(token, revision=revision, submitted_first=True)
    if revision is not None and not opened.submitted:
        raise RevisionUnknown
    return opened


def opened_in(session: Session, token: str, *, submitted_first: bool = False) -> Opened:
    """Return what a token opens, to change it: its row is this transaction's alone, so that changes come in turn.

    :param submitted_first: the newest submitted revision, if there is one.
    :raises LinkUnknown: if no link in force has this token.
    :raises ReadOnly: if the link is for reading.
    """
    statement, parameters = _to_change(submitted_first=submitted_first), {"hash": hash_of(token)}
    row = session.execute(statement, parameters).one_or_none()
    if row is not None and row[1].status == Status.MOVED:
        # It was moved while this transaction waited for it; the draft that goes on is found by looking again.
        row = session.execute(statement, parameters).one_or_none()
    if row is None:
        raise LinkUnknown
    link, assessment, stored = row
    if link.access != Access.EDIT:
        raise ReadOnly
    # Asked for once the row is ours: what others saved before is in it.
    return _opened(link, assessment, rubric_of(stored), session.execute(_ANSWERS, {"assessment": assessment.id}).all())


def opened_to_answer(connection: sa.Connection, token: str, moment: datetime) -> Opened:
    """Return what a token opens as :func:`opened_in` does, but as copies, and mark it as saved at *moment*.

    Marking the row is what takes it: that spares a statement.
    """
    hashed = hash_of(token)
    parameters = {"hash": hashed, "moment": moment}
    row = connection.execute(_to_answer(), parameters).one_or_none()
    if row is None:
        # It may have been moved while this transaction waited for it: the draft that goes on is found by looking again.
        row = connection.execute(_to_answer(), parameters).one_or_none()
    if row is None:
        known = sa.select(Link.id).where(Link.token_hash == hashed, Link.revoked_at.is_(None))
        raise LinkUnknown if connection.scalar(known) is None else ReadOnly
    link, assessment = _copies(row)
    said = connection.execute(_ANSWERS, {"assessment": assessment.id}).all()
    return _opened(link, assessment, rubric_with(assessment.rubric_version_id, connection), said)


def mint(session: Session, assessment_id: UUID, access: Access, given: Given, label: str = "") -> str:
    """Make a link and return its token, which nobody can read again: only its hash is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Link(
            assessment_id=assessment_id,
            token_hash=hash_of(token),
            access=access.value,
            given=given.value,
            label=label,
            created_at=now(),
        )
    )
    return token


def is_consultants(token: str) -> bool:
    """Return whether a token is a consultant's own, which opens nothing without the account that was engaged."""
    return token.startswith(CONSULTANTS)


def hash_of(token: str) -> bytes:
    """Return what is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _seen(token: str, *, revision: int | None = None, submitted_first: bool = False) -> Opened:
    """Return what a token opens, to show it: its rows are copies, and changing them changes nothing.

    :param revision: that revision, instead of the newest.
    """
    statement = _to_show(with_revision=revision is not None, submitted_first=submitted_first)
    with reading() as connection:
        rows = connection.execute(statement, {"hash": hash_of(token), "revision": revision}).all()
        if rows:
            link, assessment = _copies(rows[0])
            said = [row[-len(_SAID) :] for row in rows]
            opened = _opened(link, assessment, rubric_with(assessment.rubric_version_id, connection), said)
            published = (rows[0].published or "").split()
            return replace(opened, newest=max(published, key=order, default=None))
    if revision is not None:
        _seen(token)
        raise RevisionUnknown
    raise LinkUnknown


def _copies(row: Sequence[Any]) -> tuple[Link, Assessment]:
    link = Link(**dict(zip(_LINK, row, strict=False)))
    return link, Assessment(**dict(zip(_ASSESSMENT, row[len(_LINK) :], strict=False)))


# What is shown of each; whole objects of the mapper take twice the time.
_LINK = ("id", "access")
_ASSESSMENT = (
    "id",
    "rubric_version_id",
    "family_id",
    "revises_id",
    "moved_from_id",
    "revision",
    "status",
    "occasion",
    "company",
    "company_asked",
    "company_version",
    "saved_at",
    "submitted_at",
    "result",
    "checked",
)
_SAID = ("question_id", "value", "note", "version", "to_confirm")
_ANSWERS = sa.select(*(getattr(AnswerRow, name) for name in _SAID)).where(
    AnswerRow.assessment_id == sa.bindparam("assessment")
)


# The statements are made once, since making one takes longer than running it.
@cache
def _to_change(*, submitted_first: bool) -> Statement:
    found = _found(sa.select(Link, Assessment, StoredRubric), submitted_first=submitted_first)
    return found.join(StoredRubric, StoredRubric.id == Assessment.rubric_version_id).with_for_update(of=Assessment)


@cache
def _to_answer() -> sa.UpdateBase:
    link = sa.select(Link.id).where(Link.token_hash == sa.bindparam("hash")).scalar_subquery()
    found = _found(sa.select(Assessment.id), submitted_first=False).where(Link.access == Access.EDIT.value)
    return (
        sa.update(Assessment)
        .where(
            Assessment.id == found.correlate(None).scalar_subquery(),
            Assessment.status.in_((Status.DRAFT.value, Status.SUBMITTED.value)),
        )
        .values(saved_at=sa.bindparam("moment"))
        .returning(link, sa.literal(Access.EDIT.value), *(getattr(Assessment, name) for name in _ASSESSMENT))
    )


@cache
def _to_show(*, with_revision: bool, submitted_first: bool) -> Statement:
    found = _found(_columns(), submitted_first=submitted_first)
    if with_revision:
        found = found.where(Assessment.revision == sa.bindparam("revision"))
    one = found.subquery()
    numbers = sa.select(sa.func.aggregate_strings(StoredRubric.number, " ")).where(StoredRubric.state == PUBLISHED)
    published = numbers.scalar_subquery().label("published")
    return sa.select(one, published, *(getattr(AnswerRow, name) for name in _SAID)).join(
        AnswerRow, AnswerRow.assessment_id == one.c.assessment_id, isouter=True
    )


def _columns() -> Statement:
    columns = [getattr(Link, name).label(f"link_{name}") for name in _LINK]
    return sa.select(*columns, *(getattr(Assessment, name).label(f"assessment_{name}") for name in _ASSESSMENT))


def _found(statement: Statement, *, submitted_first: bool) -> Statement:
    """Complete a statement that finds the revision which a link opens."""
    pinned = aliased(Assessment)
    statement = (
        statement.select_from(Link)
        .join(pinned, pinned.id == Link.assessment_id)
        .join(Assessment, Assessment.family_id == pinned.family_id)
        .where(
            Link.token_hash == sa.bindparam("hash"),
            Link.revoked_at.is_(None),
            sa.or_(Link.access == Access.EDIT.value, Assessment.id == pinned.id),
            Assessment.status != Status.UNDONE.value,
        )
        .limit(1)
    )
    if submitted_first:
        statement = statement.order_by(sa.case((Assessment.status == Status.SUBMITTED.value, 0), else_=1))
    return statement.order_by(Assessment.revision.desc())


def _opened(link: Link, assessment: Assessment, version: RubricVersion, said: Iterable[Sequence[Any]]) -> Opened:
    known = {id: rest for id, *rest in said if id is not None}
    return Opened(
        assessment,
        version,
        link,
        {
            question.id: answer_rules.read(version.rubric, question.id, known[question.id][0])
            for question in version.rubric.questions
            if question.id in known and known[question.id][0] is not None
        },
        {id: note for id, (_, note, _, _) in known.items() if note},
        {id: number for id, (_, _, number, _) in known.items()},
        frozenset(id for id, (_, _, _, to_confirm) in known.items() if to_confirm),
    )
