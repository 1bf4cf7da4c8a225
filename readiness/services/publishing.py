"""The way of a version: draft, in review, published by a second person, retired. No setting leads around it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, undefer

from readiness.core.languages import Language
from readiness.core.version_numbers import ChangeKind, is_next, order
from readiness.library.canonical import canonical, digest_of
from readiness.library.differences import Difference, differences, highest
from readiness.library.languages import TRANSLATIONS
from readiness.library.map_files import check_map
from readiness.library.predecessor_checks import unsaid_by_method
from readiness.library.rubrics import RubricVersion, parts_of, read_rubric_folder, version_from
from readiness.library.version_checks import check_folder, check_parts
from readiness.library.yaml_files import FileProblem, FileProblems, located
from readiness.models import Account, Grant, StoredDraft, StoredRubric, VersionStep
from readiness.services import audit
from readiness.services.accounts import Actor, Capability, NotAllowed
from readiness.services.database import now, writing
from readiness.services.digests import RESTORE, read_as_named
from readiness.services.independence import dependence
from readiness.services.versions import (
    DRAFT,
    FINAL,
    IN_REVIEW,
    PUBLISHED,
    RETIRED,
    DigestDiffers,
    previous_of,
    published_digests,
    rubric_of,
)
from readiness.services.vouching import is_vouched_for

#: Translations that the second person says mean the same as before: language and key.
SameMeaning = Collection[tuple[Language, str]]


class PublishingError(RuntimeError):
    """A version cannot go on its way."""


class AlreadyPublished(PublishingError):
    """This very version is published, or was and is retired."""

    def __init__(self, number: str) -> None:
        super().__init__(f"rubric {number} is published already, just as it is here: there is nothing to do")
        #: The version.
        self.number = number


class AlreadyInReview(PublishingError):
    """A version of this number waits for its second person."""

    def __init__(self, number: str, digest: str) -> None:
        super().__init__(f"rubric {number} is in review already ({digest[:19]}): confirm it, or send it back first")
        #: The version.
        self.number = number


class NotInReview(PublishingError):
    """No version of this number waits for a second person."""

    def __init__(self, number: str) -> None:
        super().__init__(f"rubric {number} is not in review")
        #: The version.
        self.number = number


class ReviewChanged(PublishingError):
    """What waits under this number is not what the person looked at."""

    def __init__(self, number: str, digest: str) -> None:
        super().__init__(f"rubric {number} in review is now {digest[:19]}: look at it again")
        #: The version.
        self.number = number
        #: What is in review now.
        self.digest = digest


class ReasonMissing(PublishingError):
    """Whoever sends back what somebody else submitted says why."""

    def __init__(self, number: str) -> None:
        super().__init__(f"rubric {number}: say why it goes back, so that whoever wrote it can mend it")
        #: The version.
        self.number = number


class OwnSubmission(PublishingError):
    """Whoever submitted a version cannot confirm it."""

    def __init__(self, number: str, others: list[str]) -> None:
        who = f"ask {', '.join(others)}" if others else "invite a second person who may publish"
        super().__init__(f"rubric {number} was submitted by you: a second person confirms it; {who}")
        #: The version.
        self.number = number
        #: The addresses of those who could.
        self.others = others


class NotIndependent(PublishingError):
    """Whoever submitted it could lately have signed in as whoever confirms, or the other way round."""

    def __init__(self, number: str, until: datetime) -> None:
        super().__init__(
            f"rubric {number}: one of the two accounts lately made the sign-in link of the other:"
            f" they count as two from {until:%Y-%m-%d %H:%M} UTC; until then another account can confirm it"
        )
        #: The version.
        self.number = number
        #: From when on the two count as two.
        self.until = until


class MeaningNotConfirmed(PublishingError):
    """The number says that only texts changed, but nobody said that these translations mean the same as before."""

    def __init__(self, number: str, texts: list[tuple[Language, str]]) -> None:
        super().__init__(f"rubric {number}: say of {len(texts)} translations that they mean the same, or send it back")
        #: The version.
        self.number = number
        #: Language and key of each.
        self.texts = texts


class LastVersion(PublishingError):
    """New assessments need a published version."""

    def __init__(self, number: str) -> None:
        super().__init__(f"rubric {number} is the only published version: publish another one before it retires")
        #: The version.
        self.number = number


class VersionNotPublished(PublishingError):
    """Only a published version retires."""

    def __init__(self, number: str) -> None:
        super().__init__(f"rubric {number} is not published")
        #: The version.
        self.number = number


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a version."""

    step: str
    note: str
    done_by: str
    done_at: datetime
    #: The version's digest.
    digest: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as the desk lists it."""

    number: str
    digest: str
    state: str
    submitted_by: str | None
    submitted_at: datetime | None
    published_by: str | None
    published_at: datetime | None
    released: bool
    #: Whether new assessments use it.
    current: bool
    #: What happened to it last; None for what came with a release.
    last: Step | None


@dataclass(frozen=True, slots=True)
class Review:
    """A version that waits for its second person, with what it changes."""

    version: RubricVersion
    previous: RubricVersion | None
    kind: ChangeKind
    differences: tuple[Difference, ...]
    submitted_by: str
    submitted_by_id: UUID
    submitted_at: datetime | None
    #: Translations that must be said to mean the same for the number to be right.
    to_mark: tuple[tuple[Language, str], ...]
    #: What changed without a word in the method, which tells it.
    unsaid: tuple[str, ...]


def listed(session: Session) -> list[Listed]:
    """Return every version, the newest first."""
    submitter, publisher = aliased(Account), aliased(Account)
    rows = session.execute(
        sa.select(StoredRubric, submitter.email, publisher.email)
        .outerjoin(submitter, submitter.id == StoredRubric.submitted_by_id)
        .outerjoin(publisher, publisher.id == StoredRubric.published_by_id)
    ).all()
    published = [row for row, _, _ in rows if row.state == PUBLISHED and is_vouched_for(session, row)]
    newest = max(published, key=lambda row: order(row.number), default=None)
    last = _last_steps(session)
    found = [
        Listed(
            row.number,
            row.digest,
            row.state,
            by,
            row.submitted_at,
            confirmed_by,
            row.published_at,
            row.released,
            row is newest,
            last.get(row.digest),
        )
        for row, by, confirmed_by in rows
    ]
    return sorted(found, key=lambda each: order(each.number), reverse=True)


def waiting_for(session: Session, actor: Actor) -> int:
    """Return how many versions in review somebody else submitted."""
    waiting = sa.and_(StoredRubric.state == IN_REVIEW, StoredRubric.submitted_by_id != actor.id)
    return session.scalar(sa.select(sa.func.count()).select_from(StoredRubric).where(waiting)) or 0


def steps_of(session: Session, number: str) -> list[Step]:
    """Return what happened to the versions of a number, the newest first."""
    rows = session.execute(_STEPS.where(StoredRubric.number == number).order_by(VersionStep.id.desc()))
    return [Step(*row) for row in rows]


def known_versions(session: Session) -> list[RubricVersion]:
    """Return the versions that were published, oldest first: what a new one is compared with."""
    rows = session.scalars(sa.select(StoredRubric).where(StoredRubric.state.in_(FINAL))).all()
    return sorted((rubric_of(row) for row in rows), key=lambda version: order(version.id))


def problems_of(document: Mapping[str, Any], known: list[RubricVersion], where: str) -> list[FileProblem]:
    """Return everything that keeps a document from being published, its map included."""
    if missing := [name for name in ("rubric", "actions", "texts") if not isinstance(document.get(name), Mapping)]:
        return [FileProblem(f"{where}/{name}.yaml", "", "is missing", remedy="write it") for name in missing]
    try:
        parts = parts_of(document, where)
    except FileProblems as error:
        return error.problems
    found = check_parts(parts, known)
    previous = previous_of(parts.form.id, known)
    if found or previous is None:
        return found
    version = version_from(document, where)
    certain = [each for each in differences(previous, version) if not _may_be_text(each)]
    if version.map is None and highest(certain) is ChangeKind.TEXT:
        # Nobody answers otherwise: the second person says so of translations.
        return []
    return check_map(previous, version, where)


def submit(actor: Actor, document: Mapping[str, Any], where: str = "draft") -> StoredRubric:
    """Put a version in review; a second account confirms it.

    :raises NotAllowed: if the actor may not edit drafts.
    :raises FileProblems: with everything that is wrong: incomplete texts, the number, the map.
    :raises DigestDiffers: if another version is published under this number.
    :raises AlreadyPublished: if this very version is.
    :raises AlreadyInReview: if a version of this number waits.
    """
    actor.must(Capability.EDIT_DRAFTS)
    with writing() as session:
        return submit_in(session, actor, document, where)


def submit_in(session: Session, actor: Actor, document: Mapping[str, Any], where: str) -> StoredRubric:
    """Do what :func:`submit` does, within a transaction."""
    actor.must(Capability.EDIT_DRAFTS)
    number, digest = _number_of(document), digest_of(document)
    rows = session.scalars(sa.select(StoredRubric).where(StoredRubric.number == number).with_for_update()).all()
    _refuse_published(rows, number, digest, where)
    if waiting := next((row for row in rows if row.state == IN_REVIEW), None):
        raise AlreadyInReview(number, waiting.digest)
    if problems := problems_of(document, known_versions(session), where):
        raise FileProblems(located(problems))
    moment = now()
    row = next((row for row in rows if row.digest == digest), None)
    if row is None:
        row = StoredRubric(
            number=number, digest=digest, state=IN_REVIEW, document=canonical(document), created_at=moment
        )
        session.add(row)
    row.state, row.submitted_by_id, row.submitted_at = IN_REVIEW, actor.id, moment
    session.flush()
    _note(session, row, "submitted", actor)
    return row


def submit_folder(actor: Actor, folder: Path, rubric_folder: Path) -> StoredRubric:
    """Put the version that a folder holds in review.

    :raises FileProblems: with everything that is wrong, by file and line.
    :raises DigestDiffers: if another version is published under this number, here or by a release.
    """
    actor.must(Capability.EDIT_DRAFTS)
    version = read_rubric_folder(folder)
    expected = published_digests(rubric_folder).get(version.id)
    if expected is not None and expected != version.digest:
        raise DigestDiffers(version.id, expected, version.digest, f"in {folder}", RESTORE)
    with writing() as session:
        rows = session.scalars(sa.select(StoredRubric).where(StoredRubric.number == version.id)).all()
        _refuse_published(rows, version.id, version.digest, f"in {folder}")
        check_folder(folder, known_versions(session))
        return submit_in(session, actor, version.document, str(folder))


def review_of(session: Session, number: str) -> Review:
    """Return what waits under a number.

    :raises NotInReview: if nothing does.
    """
    row = _in_review(session, number)
    version = rubric_of(row)
    previous = previous_of(number, known_versions(session))
    found = differences(previous, version) if previous else ()
    submitter = session.get_one(Account, row.submitted_by_id)
    to_mark = tuple(_to_mark(number, previous, found)) if previous else ()
    kind = highest(found) if previous else ChangeKind.MAJOR
    unsaid = tuple(unsaid_by_method(version, previous)) if previous else ()
    return Review(version, previous, kind, found, submitter.email, submitter.id, row.submitted_at, to_mark, unsaid)


def confirm(actor: Actor, number: str, digest: str, same_meaning: SameMeaning = ()) -> None:
    """Publish what is in review: from now on new assessments use it, in every process.

    :param digest: what the person looked at.
    :param same_meaning: the translations that they say mean the same as before.
    :raises NotAllowed: if the actor may not publish.
    :raises NotInReview: if nothing waits under this number.
    :raises ReviewChanged: if it is something else by now.
    :raises OwnSubmission: if the actor submitted it.
    :raises NotIndependent: if one of the two accounts lately made the sign-in link of the other.
    :raises MeaningNotConfirmed: if the number holds only when more translations mean the same.
    :raises FileProblems: if it does not fit what was published meanwhile.
    """
    actor.must(Capability.PUBLISH)
    with writing() as session:
        row = _in_review(session, number, to_write=True)
        if row.digest != digest:
            raise ReviewChanged(number, row.digest)
        if row.submitted_by_id == actor.id:
            raise OwnSubmission(number, who_may_publish(session, besides=actor.id))
        if row.submitted_by_id is not None and (found := dependence(session, row.submitted_by_id, actor.id)):
            raise NotIndependent(number, found.until)
        document = _document(row)
        known = known_versions(session)
        if problems := problems_of(document, known, f"rubric {number}"):
            raise FileProblems(problems)
        _require_meaning(number, previous_of(number, known), version_from(document), same_meaning)
        row.state, row.published_by_id, row.published_at = PUBLISHED, actor.id, now()
        session.flush()
        session.execute(
            sa.update(StoredDraft)
            .where(StoredDraft.number == number, StoredDraft.closed_at.is_(None))
            .values(closed_by_id=actor.id, closed_at=row.published_at)
        )
        _note(session, row, "confirmed", actor)


def send_back(actor: Actor, number: str, digest: str, note: str = "") -> None:
    """Take a version out of review, with a word on why; who submitted it may withdraw it so.

    :raises NotAllowed: if the actor neither may publish nor submitted it.
    :raises NotInReview: if nothing waits under this number.
    :raises ReviewChanged: if it is something else by now.
    :raises ReasonMissing: if the actor did not submit it and says nothing.
    """
    with writing() as session:
        row = _in_review(session, number, to_write=True)
        if Capability.PUBLISH not in actor.capabilities and row.submitted_by_id != actor.id:
            raise NotAllowed(Capability.PUBLISH, actor.email)
        if row.digest != digest:
            raise ReviewChanged(number, row.digest)
        if row.submitted_by_id != actor.id and not note.strip():
            raise ReasonMissing(number)
        row.state, row.submitted_by_id, row.submitted_at = DRAFT, None, None
        session.flush()
        _note(session, row, "sent_back", actor, note)


def retire(actor: Actor, number: str) -> None:
    """Let a version go: new assessments do not use it; those begun on it go on.

    :raises NotAllowed: if the actor may not publish.
    :raises VersionNotPublished: if it is not published.
    :raises LastVersion: if no other one is.
    """
    actor.must(Capability.PUBLISH)
    with writing() as session:
        rows = session.scalars(sa.select(StoredRubric).where(StoredRubric.state == PUBLISHED).with_for_update()).all()
        row = next((row for row in rows if row.number == number), None)
        if row is None:
            raise VersionNotPublished(number)
        if len(rows) == 1:
            raise LastVersion(number)
        row.state = RETIRED
        session.flush()
        _note(session, row, "retired", actor)


def who_may_publish(session: Session, besides: UUID | None = None) -> list[str]:
    """Return the addresses of those who could confirm, apart from one."""
    statement = (
        sa.select(Account.email)
        .join(Grant, Grant.account_id == Account.id)
        .where(Account.active, Grant.capability == Capability.PUBLISH.value)
        .order_by(Account.email)
    )
    if besides is not None:
        statement = statement.where(Account.id != besides)
    return list(session.scalars(statement))


_STEPS = (
    sa.select(VersionStep.step, VersionStep.note, Account.email, VersionStep.done_at, StoredRubric.digest)
    .join(StoredRubric, StoredRubric.id == VersionStep.version_id)
    .join(Account, Account.id == VersionStep.done_by_id)
)


def _last_steps(session: Session) -> dict[str, Step]:
    """Return what happened last to each version, by its digest."""
    newest = sa.select(sa.func.max(VersionStep.id)).group_by(VersionStep.version_id)
    found = [Step(*row) for row in session.execute(_STEPS.where(VersionStep.id.in_(newest)))]
    return {step.digest: step for step in found}


def _number_of(document: Mapping[str, Any]) -> str:
    rubric = document.get("rubric")
    number = rubric.get("id") if isinstance(rubric, Mapping) else None
    return number if isinstance(number, str) else ""


def _refuse_published(rows: Iterable[StoredRubric], number: str, digest: str, where: str) -> None:
    final = next((row for row in rows if row.state in FINAL), None)
    if final is not None and final.digest != digest:
        raise DigestDiffers(number, final.digest, digest, where, RESTORE)
    if final is not None:
        raise AlreadyPublished(number)


def _in_review(session: Session, number: str, *, to_write: bool = False) -> StoredRubric:
    statement = (
        sa.select(StoredRubric)
        .where(StoredRubric.number == number, StoredRubric.state == IN_REVIEW)
        .options(undefer(StoredRubric.document))
    )
    row = session.scalar(statement.with_for_update() if to_write else statement)
    if row is None:
        raise NotInReview(number)
    return row


def _document(row: StoredRubric) -> dict[str, Any]:
    """Return the document of a row as it is stored now, whatever this process read before."""
    document: dict[str, Any] = read_as_named(row.number, row.digest, row.document)
    return document


def _require_meaning(
    number: str, previous: RubricVersion | None, version: RubricVersion, same_meaning: SameMeaning
) -> None:
    if previous is None:
        return
    missing = [text for text in _to_mark(number, previous, differences(previous, version)) if text not in same_meaning]
    if missing:
        raise MeaningNotConfirmed(number, missing)


def _to_mark(number: str, previous: RubricVersion, found: Iterable[Difference]) -> list[tuple[Language, str]]:
    """Return the translations that make the change more than the number says, unless they mean the same."""
    found = list(found)
    if is_next(number, previous.id, highest(found)):
        return []
    return [(each.language, each.where) for each in found if _may_be_text(each) and each.language is not None]


def _may_be_text(difference: Difference) -> bool:
    return difference.kind is ChangeKind.MINOR and difference.language in TRANSLATIONS


def _note(session: Session, row: StoredRubric, step: str, actor: Actor, note: str = "") -> None:
    """Say what was done, here and, last of all, in the audit log."""
    session.add(VersionStep(version_id=row.id, step=step, note=note.strip(), done_by_id=actor.id, done_at=now()))
    session.flush()
    audit.record(session, actor.id, f"rubric.{step}", row.id, row.digest)
