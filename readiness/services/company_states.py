"""Where companies stand, in one statement for any number of them: name, sector, size, newest band."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from readiness.documents.words import Words
from readiness.models import AnswerRow, Assessment, Status
from readiness.services.results import counted
from readiness.services.versions import rubric_with


@dataclass(frozen=True, slots=True)
class Part:
    """A company's newest revision of one kind."""

    company: Mapping[str, Any]
    saved_at: datetime
    band_id: str
    band: str
    score: str
    #: Whether something was said on any question.
    begun: bool


@dataclass(frozen=True, slots=True)
class CompanyState:
    """Where one company stands: its draft and its newest result, as far as there are such."""

    family_id: UUID
    draft: Part | None = None
    submitted: Part | None = None

    def known(self, key: str, *, drafts: bool = True) -> str | None:
        """Return what is known of the company, from what it said last.

        :param drafts: whether what was not submitted counts.
        """
        for part in (self.draft if drafts else None, self.submitted):
            if part is not None and part.company.get(key):
                return str(part.company[key])
        return None

    @property
    def name(self) -> str:
        """The company's name, or ""."""
        return self.known("name") or ""

    @property
    def sector(self) -> str | None:
        """What the company mainly does."""
        return self.known("sector")

    @property
    def employees(self) -> str | None:
        """How many people work for it."""
        return self.known("employees")

    @property
    def band_id(self) -> str:
        """The id of the newest result's band, or ""."""
        return self.submitted.band_id if self.submitted else ""

    @property
    def band(self) -> str:
        """The newest result's band by name, or ""."""
        return self.submitted.band if self.submitted else ""

    @property
    def score(self) -> str:
        """The newest result's score, or ""."""
        return self.submitted.score if self.submitted else ""


def states_of(
    session: Session, firsts: Collection[UUID] | sa.Select[UUID | None], words: Words
) -> Mapping[UUID, CompanyState]:
    """Return where companies stand, by their first revision.

    :param firsts: ids of first revisions, or a statement that finds them.
    """
    first = aliased(Assessment)
    newest = sa.func.row_number().over(partition_by=(first.id, Assessment.status), order_by=Assessment.revision.desc())
    ranked = (
        sa.select(
            first.id.label("first_id"),
            Assessment.family_id,
            Assessment.status,
            Assessment.company,
            Assessment.saved_at,
            Assessment.result,
            Assessment.checked,
            Assessment.rubric_version_id,
            newest.label("place"),
            sa.exists().where(AnswerRow.assessment_id == Assessment.id).label("begun"),
        )
        .join(Assessment, Assessment.family_id == first.family_id)
        .where(first.id.in_(firsts), Assessment.status.in_((Status.DRAFT.value, Status.SUBMITTED.value)))
        .subquery()
    )
    found: dict[UUID, CompanyState] = {}
    for row in session.execute(sa.select(ranked).where(ranked.c.place == 1)):
        state = found.get(row.first_id) or CompanyState(row.family_id)
        part = _part(session, row, words)
        found[row.first_id] = (
            replace(state, draft=part) if row.status == Status.DRAFT else replace(state, submitted=part)
        )
    return found


def _part(session: Session, row: Any, words: Words) -> Part:
    result = counted(row.result, row.checked)
    band = result.get("band")
    if band is None:
        return Part(row.company, row.saved_at, "", "", "", row.begun)
    texts = rubric_with(row.rubric_version_id, session.connection()).texts[words.language]
    return Part(row.company, row.saved_at, band, texts.get(f"bands.{band}.name", band), str(result["score"]), row.begun)
