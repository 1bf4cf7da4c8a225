"""The way from one published rubric version to a later one: a chain of maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.answers import UnknownQuestion
from readiness.core.moving import Step
from readiness.core.version_maps import Change
from readiness.core.version_numbers import order
from readiness.library.rubrics import RubricVersion
from readiness.models import StoredRubric
from readiness.services.versions import PUBLISHED, rubric_of
from readiness.services.vouching import is_vouched_for

#: States in which a version may be a step of a way.
FINAL = (PUBLISHED, "retired")


class VersionChanged(RuntimeError):
    """The assessment was moved, or its move undone, while a page of the other version was open."""

    def __init__(self, seen: RubricVersion, question: str | None = None) -> None:
        super().__init__(f"the page was of rubric {seen.id}")
        #: The version of the page.
        self.seen = seen
        #: The question on it, if it was that of one question.
        self.question = question


@dataclass(frozen=True)
class Way:
    """The versions from one to a later one, both included, and the rows that hold them."""

    versions: tuple[RubricVersion, ...]
    ids: tuple[UUID, ...]

    @property
    def first(self) -> RubricVersion:
        """Where it begins."""
        return self.versions[0]

    @property
    def last(self) -> RubricVersion:
        """Where it leads."""
        return self.versions[-1]

    @property
    def steps(self) -> list[Step]:
        """The maps along it."""
        return [Step(version.rubric, version.map) for version in self.versions[1:] if version.map is not None]

    @property
    def ids_by_number(self) -> Mapping[str, UUID]:
        """The row of each version on it."""
        return {version.id: id for version, id in zip(self.versions, self.ids, strict=True)}


def way_to_newest(session: Session, rubric_version_id: UUID) -> Way | None:
    """Return the way to the newest published version, or None where there is none or one is there already.

    One statement, and no document is read that this process has read before.
    """
    rows = _final(session)
    published = [row for row in rows if row.state == PUBLISHED and is_vouched_for(session, row)]
    newest = max(published, key=lambda row: order(row.number), default=None)
    if newest is None or newest.id == rubric_version_id:
        return None
    return _way(rows, rubric_version_id, newest.id)


def way_between(session: Session, first: UUID, last: UUID) -> Way | None:
    """Return the way from one version to a later one, or None where no maps lead there."""
    return _way(_final(session), first, last)


def seen_version(session: Session, number: str, question_id: str) -> RubricVersion:
    """Return the version of a page that was open, which had this question.

    :raises UnknownQuestion: if there is no such version, or it has no such question.
    """
    row = next((row for row in _final(session) if row.number == number), None)
    version = rubric_of(row) if row is not None else None
    if version is None or question_id not in version.rubric.questions_by_id:
        raise UnknownQuestion(question_id, ())
    return version


def is_same(session: Session, question_id: str, one: RubricVersion, other: RubricVersion) -> bool:
    """Return whether a question is the same in two versions, by every map between them."""
    rows = {row.digest: row for row in _final(session)}
    if one.digest not in rows or other.digest not in rows:
        return False
    ids = rows[one.digest].id, rows[other.digest].id
    way = _way(list(rows.values()), *ids) or _way(list(rows.values()), *reversed(ids))
    if way is None:
        return False
    origins = [step.map.questions.get(question_id) for step in way.steps]
    return all(origin is not None and origin.change is Change.SAME for origin in origins)


def _final(session: Session) -> list[StoredRubric]:
    return list(
        session.scalars(
            sa.select(StoredRubric)
            .where(StoredRubric.state.in_(FINAL))
            .order_by(StoredRubric.created_at, StoredRubric.number)
        )
    )


def _way(rows: list[StoredRubric], first: UUID, last: UUID) -> Way | None:
    """Go back from *last* by the maps until *first* is met."""
    by_number = {row.number: row for row in rows}
    row = next((each for each in rows if each.id == last), None)
    found: list[tuple[RubricVersion, UUID]] = []
    while row is not None and len(found) < len(rows):
        version = rubric_of(row)
        found.insert(0, (version, row.id))
        if row.id == first:
            return Way(*zip(*found, strict=True)) if len(found) > 1 else None
        row = by_number.get(version.map.before) if version.map is not None else None
    return None
