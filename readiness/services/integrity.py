"""What cannot be prevented is found: dropped triggers, edited documents, versions that nobody published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from readiness.library.canonical import canonical, digest_of
from readiness.models import Account, StoredCatalogue, StoredRubric
from readiness.services.triggers import broken_triggers
from readiness.services.versions import FINAL


def unprotected(session: Session, published: Mapping[str, str] | None) -> list[str]:
    """Return what is wrong with the protection of published versions, quickly: for every start.

    :param published: the digests of ``PUBLISHED.sha256``; None if the folder is not as it was released.
    """
    return [*broken_triggers(session.connection()), *_unknown_publishers(session, published)]


def edited(session: Session) -> Iterator[str]:
    """Yield a line for each stored document that is not the one its digest names."""
    versions = sa.select(StoredRubric).options(undefer(StoredRubric.document)).execution_options(yield_per=1)
    for row in session.scalars(versions):
        if not _is_the_one(row.document, row.digest, exactly=True):
            yield f"rubric {row.number} ({row.state}): its document is not the one of {row.digest[:19]}"
    catalogues = sa.select(StoredCatalogue).options(undefer(StoredCatalogue.document)).execution_options(yield_per=1)
    for catalogue in session.scalars(catalogues):
        if not _is_the_one(catalogue.document, catalogue.digest, exactly=False):
            yield f"catalogue: a document is not the one of {catalogue.digest[:19]}"


def _is_the_one(document: str, digest: str, *, exactly: bool) -> bool:
    try:
        data = json.loads(document)
    except (ValueError, TypeError, RecursionError):
        return False
    return digest_of(data) == digest and (not exactly or canonical(data) == document)


def _unknown_publishers(session: Session, published: Mapping[str, str] | None) -> Iterator[str]:
    accounts = sa.select(Account.id)
    rows = session.execute(
        sa.select(
            StoredRubric.number,
            StoredRubric.digest,
            StoredRubric.released,
            (StoredRubric.submitted_by_id.in_(accounts) & StoredRubric.published_by_id.in_(accounts)).label("known"),
            (StoredRubric.submitted_by_id == StoredRubric.published_by_id).label("same"),
        ).where(StoredRubric.state.in_(FINAL))
    )
    for row in rows:
        if row.released:
            if published is not None and published.get(row.number) != row.digest:
                yield f"rubric {row.number}: is called released, but PUBLISHED.sha256 has no such line"
        elif not row.known or row.same:
            yield f"rubric {row.number}: was not published by two accounts"
