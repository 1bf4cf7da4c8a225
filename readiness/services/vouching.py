"""Who says that a version was published: a release by its list, or two accounts by the audit log.

The state of a row is not enough. Whoever reaches the database can write "published" into it, so that what new
assessments use is compared with a file that is part of the release, or with the log, whose entries hang together.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from readiness.library.yaml_files import FileProblem, FileProblems
from readiness.models import AuditEntry, StoredRubric

log = logging.getLogger("readiness.vouching")

LIST = "PUBLISHED.sha256"
SUBMITTED = "rubric.submitted"
CONFIRMED = "rubric.confirmed"
RETIREMENT = "rubric.retired"


@dataclass(frozen=True, slots=True)
class Publication:
    """How two accounts published a version, as the audit log has it."""

    digest: str | None
    submitted_digest: str | None
    submitted_by_id: UUID | None
    published_by_id: UUID | None

    def is_of(self, row: StoredRubric) -> bool:
        """Whether this is how the version of a row was published, with what it holds."""
        return (
            self.digest == self.submitted_digest == row.digest
            and self.submitted_by_id is not None
            and self.published_by_id is not None
            and self.submitted_by_id != self.published_by_id
            and (self.submitted_by_id, self.published_by_id) == (row.submitted_by_id, row.published_by_id)
        )


def published_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each published version, from the lines of ``PUBLISHED.sha256``.

    :raises FileProblems: if a line cannot be read.
    """
    path = folder / LIST
    try:
        lines = path.read_text("ascii").splitlines() if path.exists() else []
        pairs = [line.split() for line in lines if line.strip() and not line.startswith("#")]
        return {number: digest for digest, number in pairs}
    except ValueError:
        remedy = "each line is a digest, two spaces and a version"
        raise FileProblems([FileProblem(path, "", "holds a line that cannot be read", remedy=remedy)]) from None


def released_digests() -> dict[str, str]:
    """Return what the release that runs has published; a process reads its list once.

    :raises FileProblems: if a line cannot be read.
    """
    known: dict[str, str] | None = current_app.extensions.get("released")
    if known is None:
        known = current_app.extensions["released"] = published_digests(Path(current_app.config["RUBRIC_FOLDER"]))
    return known


def publications(session: Session | sa.Connection) -> dict[UUID, Publication]:
    """Return how each version that two accounts published was published, by the id of its row."""
    found: dict[UUID, Publication] = {}
    submitted: dict[str | None, tuple[UUID | None, str | None]] = {}
    for entry in _entries(session, SUBMITTED, CONFIRMED):
        if entry.action == SUBMITTED:
            submitted[entry.subject_id] = entry.actor_id, entry.content_hash
        elif (id := _id(entry.subject_id)) is not None:
            submitter, digest = submitted.get(entry.subject_id, (None, None))
            found[id] = Publication(entry.content_hash, digest, submitter, entry.actor_id)
    return found


def retirements(session: Session) -> set[UUID]:
    """Return the rows of the versions that somebody retired."""
    return {id for entry in _entries(session, RETIREMENT) if (id := _id(entry.subject_id)) is not None}


def is_vouched_for(session: Session, row: StoredRubric) -> bool:
    """Return whether a published version may be used; the log is asked once in each process about each that may."""
    if row.released:
        vouched_for = released_digests().get(row.number) == row.digest
    else:
        mark = row.id, row.digest, row.submitted_by_id, row.published_by_id
        if mark not in _vouched_for:
            publication = publications(session).get(row.id)
            if publication is not None and publication.is_of(row):
                _vouched_for.add(mark)
        vouched_for = mark in _vouched_for
    if not vouched_for and row.id not in _told_of:
        _told_of.add(row.id)
        log.critical("rubric %s is called published, but is not used: readiness doctor says why", row.number)
    return vouched_for


# What the log said does not change: it only grows.
_vouched_for: set[tuple[UUID, str, UUID | None, UUID | None]] = set()
_told_of: set[UUID] = set()


def _entries(
    session: Session | sa.Connection, *actions: str
) -> sa.Result[tuple[str, UUID | None, str | None, str | None]]:
    return session.execute(
        sa.select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.subject_id, AuditEntry.content_hash)
        .where(AuditEntry.action.in_(actions))
        .order_by(AuditEntry.number)
    )


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text)
    except (TypeError, ValueError):
        return None
