"""What cannot be prevented is found: dropped triggers, edited documents, versions that nobody published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from readiness.library.canonical import canonical, digest_of
from readiness.models import Account, StoredCatalogue, StoredRubric
from readiness.services.triggers import broken_triggers
from readiness.services.versions import FINAL, PUBLISHED, RETIRED
from readiness.services.vouching import Publication, publications, retirements


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
    """Compare every published version with the release's list or with the audit log, and the log with them."""
    accounts = set(session.scalars(sa.select(Account.id)))
    said, retired = publications(session), retirements(session)
    rows = session.scalars(sa.select(StoredRubric).order_by(StoredRubric.number, StoredRubric.digest)).all()
    for row in rows:
        final = row.state in FINAL
        if final and row.released:
            if published is not None and published.get(row.number) != row.digest:
                yield f"rubric {row.number}: is called released, but PUBLISHED.sha256 has no such line"
        elif final and (flaw := _not_by_two(row, said.get(row.id), accounts)):
            yield f"rubric {row.number}: {flaw}"
        elif not final and row.id in said:
            yield f"rubric {row.number}: was published by two accounts, but is called {row.state}"
        if row.state == RETIRED and row.id not in retired:
            yield f"rubric {row.number}: is retired, but the audit log knows nobody who retired it"
        elif row.state == PUBLISHED and row.id in retired:
            yield f"rubric {row.number}: was retired, but is called published"
    for id in sorted(set(said) - {row.id for row in rows}):
        yield f"rubric: what two accounts published as {_short(said[id].digest)} is gone"


def _not_by_two(row: StoredRubric, publication: Publication | None, accounts: set[UUID]) -> str | None:
    """Return in what a version differs from one that two accounts published, as the audit log has it."""
    if not {row.submitted_by_id, row.published_by_id} <= accounts or row.submitted_by_id == row.published_by_id:
        return "was not published by two accounts"
    if publication is None:
        return "is called published, but the audit log knows nobody who confirmed it"
    if publication.is_of(row):
        return None
    if publication.digest != row.digest:
        return f"is {_short(row.digest)}, but what was confirmed is {_short(publication.digest)}, says the audit log"
    return "was submitted or confirmed by other accounts, or as something else, says the audit log"


def _short(digest: str | None) -> str:
    return (digest or "nothing")[:19]
