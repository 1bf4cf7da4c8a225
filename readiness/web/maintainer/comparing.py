"""What differs between two versions, by meaning."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from flask import abort, render_template

from readiness.core.version_numbers import next_number
from readiness.library.differences import differences, highest
from readiness.library.rubrics import RubricVersion
from readiness.library.yaml_files import FileProblems
from readiness.models import StoredRubric
from readiness.services.database import db
from readiness.services.versions import FINAL, IN_REVIEW, rubric_of
from readiness.web.language import words
from readiness.web.maintainer.access import found_draft, reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.labels import kind_label


@blueprint.get("/rubrics/diff/<one>/<other>")
def diff(one: str, other: str) -> str:
    """Show what differs between two stored versions.

    :raise 404: if there is no such version.
    """
    reader()
    return _page(stored(one), stored(other))


@blueprint.get("/rubrics/<uuid:draft_id>/diff")
def draft_diff(draft_id: UUID) -> str | tuple[str, int]:
    """Show what a draft changes in the version that it was made from.

    :raise 404: if there is no such draft.
    """
    reader()
    draft = found_draft(draft_id)
    try:
        version = draft.version()
    except FileProblems as error:
        return render_template("maintainer/unfinished.html", draft=draft, problems=error.problems), 409
    return _page(draft.base, version, draft_id)


def stored(number: str) -> RubricVersion:
    """Return the version of a number that is or was published, or is in review.

    :raise 404: if there is none.
    """
    rows = db.session.scalars(
        sa.select(StoredRubric).where(StoredRubric.number == number, StoredRubric.state.in_((*FINAL, IN_REVIEW)))
    ).all()
    if not rows:
        abort(404)
    return rubric_of(max(rows, key=lambda row: row.state in FINAL))


def _page(old: RubricVersion, new: RubricVersion, draft_id: UUID | None = None) -> str:
    found = differences(old, new)
    kind = highest(found)
    return render_template(
        "maintainer/diff.html",
        old=old,
        new=new,
        draft_id=draft_id,
        differences=found,
        kind=kind_label(kind, words()),
        number=next_number(old.id, kind) if found else None,
    )
