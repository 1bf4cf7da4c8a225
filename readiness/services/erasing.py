"""Deleting everything that a company said, wherever it stands."""

from __future__ import annotations

import sqlalchemy as sa

from readiness.models import Assessment
from readiness.services import evidence_files
from readiness.services.database import db, empty_write_ahead_log, writing
from readiness.services.opening import opened_in


def delete_everything(token: str) -> None:
    """Delete all revisions with answers, notes, changes, evidence, links, plans and printed plans.

    SQLite overwrites what it frees (``secure_delete``), and its log is emptied at once. PostgreSQL makes the space
    free for others; its vacuum overwrites it in time.

    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    """
    with writing() as session:
        opened = opened_in(session, token)
        family = Assessment.family_id == opened.assessment.family_id
        files = evidence_files.names_of(session, sa.select(Assessment.id).where(family))
        session.execute(sa.delete(Assessment).where(family))
    evidence_files.remove(files)
    db.session.close()
    empty_write_ahead_log(db.engine)
