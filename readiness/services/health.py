"""Whether the site can do its work, told from trying."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from readiness.library.yaml_files import FileProblems
from readiness.models import Chore
from readiness.services.database import db, now, writing
from readiness.services.integrity import edited_versions
from readiness.services.migrating import newest_revision, revision
from readiness.services.site_catalogue import HEAD_DIGEST
from readiness.services.versions import VersionUnknown, current_rubric

HEALTH = "health"
#: A trial write is made at most once in this time, however often somebody asks.
BETWEEN_WRITES = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Health:
    """What works. A part is "ok" or says in a word what is wrong."""

    database: str
    schema: str
    rubric: str
    saving: str

    @property
    def well(self) -> bool:
        """Whether all of it works."""
        return all(value == "ok" for value in self.record().values())

    def record(self) -> dict[str, str]:
        """Return the parts by name."""
        return {"database": self.database, "schema": self.schema, "rubric": self.rubric, "saving": self.saving}


def look() -> Health:
    """Ask the database, compare its schema, find the rubric and the catalogue, and save something."""
    try:
        db.session.execute(sa.select(1))
    except sa.exc.DBAPIError:
        db.session.rollback()
        return Health("unreachable", "unknown", "unknown", "unknown")
    return Health("ok", _schema(), _attempt(_rubric), _attempt(_saving))


def _attempt(part: Any) -> str:
    try:
        return str(part())
    except sa.exc.DBAPIError:
        db.session.rollback()
        return "failing"


def _schema() -> str:
    return "ok" if revision() == newest_revision() else "not the present one"


def _rubric() -> str:
    try:
        current_rubric(db.session)
    except (VersionUnknown, FileProblems, OSError):
        return "none"
    # This process may have read it before: the next one could not.
    if list(edited_versions(db.session)):
        return "edited"
    return "ok" if db.session.scalar(HEAD_DIGEST) is not None else "no catalogue"


def _saving() -> str:
    last = db.session.get(Chore, HEALTH)
    moment: datetime = now()
    if last is None or last.done_at < moment - BETWEEN_WRITES:
        # The very first time another process may be quicker: it saved the same.
        with suppress(sa.exc.IntegrityError), writing() as session:
            session.merge(Chore(name=HEALTH, done_at=moment))
    return "ok"
