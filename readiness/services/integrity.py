"""What cannot be prevented is found: dropped triggers, edited documents, versions that nobody published."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from readiness.library.canonical import digest_of
from readiness.models import Account, StoredCatalogue, StoredRubric
from readiness.services.site_catalogue import HEAD_DIGEST
from readiness.services.triggers import broken_triggers
from readiness.services.versions import FINAL, PUBLISHED, RETIRED
from readiness.services.vouching import Publication, publications, retirements

#: Documents are large: read afresh, and never all of them at once.
ONE_BY_ONE: dict[str, Any] = {"yield_per": 1, "populate_existing": True}


DATABASE = "someone changed the database: compare with a backup, see docs/decisions/0016"
EITHER = "someone changed the files or the database: compare the files with the release, the database with a backup"


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as it was published, with what to do about it."""

    what: str
    remedy: str = DATABASE

    def __str__(self) -> str:
        return self.what


def unprotected(session: Session, published: Mapping[str, str] | None) -> list[Flaw]:
    """Return what is wrong with the protection of published versions, quickly: for every start.

    :param published: the digests of ``PUBLISHED.sha256``; None if the folder is not as it was released.
    """
    return [*map(Flaw, broken_triggers(session.connection())), *_unknown_publishers(session, published)]


def edited_in_use(session: Session) -> Iterator[Flaw]:
    """Yield a line for each published version that is not the one its digest names, and for the catalogue in force."""
    yield from edited_versions(session)
    catalogue = sa.select(StoredCatalogue).where(StoredCatalogue.digest == HEAD_DIGEST.scalar_subquery())
    yield from _edited_catalogues(session, catalogue)


def edited_versions(session: Session) -> Iterator[Flaw]:
    """Yield a line for each published version that is not the one its digest names: so quickly that health asks it."""
    yield from _edited_versions(session, sa.select(StoredRubric).where(StoredRubric.state.in_(FINAL)))


def edited(session: Session) -> Iterator[Flaw]:
    """Yield a line for each stored document that is not the one its digest names."""
    yield from _edited_versions(session, sa.select(StoredRubric))
    yield from _edited_catalogues(session, sa.select(StoredCatalogue))


def _edited_versions(session: Session, chosen: sa.Select[StoredRubric]) -> Iterator[Flaw]:
    for row in session.scalars(chosen.options(undefer(StoredRubric.document)).execution_options(**ONE_BY_ONE)):
        # It is stored in the canonical form, of which the digest is one: nothing need be parsed.
        if f"sha256:{sha256(_bytes(row.document)).hexdigest()}" != row.digest:
            yield Flaw(f"rubric {row.number} ({row.state}): its document is not the one of {_short(row.digest)}")


def _edited_catalogues(session: Session, chosen: sa.Select[StoredCatalogue]) -> Iterator[Flaw]:
    for catalogue in session.scalars(chosen.options(undefer(StoredCatalogue.document)).execution_options(**ONE_BY_ONE)):
        if not _is_the_one(catalogue.document, catalogue.digest):
            yield Flaw(f"catalogue: a document is not the one of {_short(catalogue.digest)}")


def _bytes(document: str | bytes) -> bytes:
    """Return a stored text as bytes; SQLite keeps a blob where somebody wrote one."""
    return document if isinstance(document, bytes) else document.encode("utf-8", "surrogatepass")


def _is_the_one(document: str, digest: str) -> bool:
    """Return whether a digest is that of a document, whatever the order of its keys."""
    try:
        return digest_of(json.loads(document)) == digest
    except (ValueError, TypeError, RecursionError):
        return False


def _unknown_publishers(session: Session, published: Mapping[str, str] | None) -> Iterator[Flaw]:
    """Compare every published version with the release's list or with the audit log, and the log with them."""
    accounts = set(session.scalars(sa.select(Account.id)))
    said, retired = publications(session), retirements(session)
    rows = session.scalars(sa.select(StoredRubric).order_by(StoredRubric.number, StoredRubric.digest)).all()
    for row in rows:
        final = row.state in FINAL
        if final and row.released:
            if published is not None and published.get(row.number) != row.digest:
                yield _not_as_listed(row, published.get(row.number))
        elif final and (flaw := _not_by_two(row, said.get(row.id), accounts)):
            yield Flaw(f"rubric {row.number}: {flaw}")
        elif not final and row.id in said:
            yield Flaw(f"rubric {row.number}: was published by two accounts, but is called {row.state}")
        if row.state == RETIRED and row.id not in retired:
            yield Flaw(f"rubric {row.number}: is retired, but the audit log knows nobody who retired it")
        elif row.state == PUBLISHED and row.id in retired:
            yield Flaw(f"rubric {row.number}: was retired, but is called published")
    for id in sorted(set(said) - {row.id for row in rows}):
        yield Flaw(f"rubric: what two accounts published as {_short(said[id].digest)} is gone")


def _not_as_listed(row: StoredRubric, listed: str | None) -> Flaw:
    """Say in what a version that a release published differs from the release's list: either may have been changed."""
    if listed is None:
        return Flaw(f"rubric {row.number}: is called released, but PUBLISHED.sha256 has no line of it", EITHER)
    places = f"{_short(row.digest)} in the database and {_short(listed)} in PUBLISHED.sha256"
    return Flaw(f"rubric {row.number}: is called released, but is {places}", EITHER)


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
