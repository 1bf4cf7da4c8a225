"""The site's catalogue of schemes: immutable documents, and a history that says which of them is in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from readiness.library.canonical import ordered
from readiness.library.catalogues import CatalogueVersion, catalogue_from
from readiness.library.merging import SUPPORT as SUPPORT
from readiness.library.merging import Difference, differences, merge, names, part_of
from readiness.library.yaml_files import FileProblems
from readiness.models import CatalogueChange, CatalogueConflict, StoredCatalogue
from readiness.services import audit
from readiness.services.database import now
from readiness.services.digests import read_as_named

RELEASE = "release"
EDIT = "edit"
IMPORT = "import"
SETTLED = "settled"

#: Catalogues that a process keeps read: the one in force, and those of the plans that were opened last.
MOST_KEPT = 16


class NoCatalogue(LookupError):
    """The site has no catalogue yet."""


class SchemeUnknown(LookupError):
    """The catalogue has no scheme of this id."""

    def __init__(self, id: str, known: list[str]) -> None:
        super().__init__(f"{id}: there is no such scheme; allowed: {', '.join(known)}")
        #: The schemes there are.
        self.known = known


@dataclass(frozen=True)
class Head:
    """The catalogue in force, and the number of the change that brought it."""

    number: int
    version: CatalogueVersion


#: The digest in force, to be asked within another statement.
HEAD_DIGEST = sa.select(CatalogueChange.digest).order_by(CatalogueChange.number.desc()).limit(1)


def current_catalogue(session: Session) -> CatalogueVersion:
    """Return the catalogue in force.

    :raises NoCatalogue: if nothing was loaded yet.
    """
    return head(session).version


def head(session: Session) -> Head:
    """Return the catalogue in force with the number of its change.

    :raises NoCatalogue: if nothing was loaded yet.
    """
    return _head_of(session, sa.select(CatalogueChange.number, StoredCatalogue))


def head_at(session: Session, moment: datetime) -> Head:
    """Return the catalogue that was in force at a moment.

    :raises NoCatalogue: if the site knew none yet.
    """
    return _head_of(
        session, sa.select(CatalogueChange.number, StoredCatalogue).where(CatalogueChange.made_at <= moment)
    )


def at_number(session: Session, number: int) -> CatalogueVersion:
    """Return the catalogue that a change brought.

    :raises NoCatalogue: if there is no such change.
    """
    return _head_of(
        session, sa.select(CatalogueChange.number, StoredCatalogue).where(CatalogueChange.number == number)
    ).version


def with_digest(session: Session, digest: str) -> CatalogueVersion:
    """Return the catalogue of a digest that something stored refers to."""
    known = _catalogues.get(digest)
    if known is not None:
        return known
    return catalogue_of(session.get_one(StoredCatalogue, digest, options=[undefer(StoredCatalogue.document)]))


def catalogue_of(row: StoredCatalogue) -> CatalogueVersion:
    """Return the catalogue that a stored row holds; it is read and checked once while it is in use.

    :raises DigestDiffers: if the document is no longer the one that its digest names.
    """
    known = _catalogues.get(row.digest)
    if known is None:
        data = read_as_named("catalogue", row.digest, row.document)
        # It was checked when it came in: a later, stricter check must not make an old plan unreadable.
        known = catalogue_from(data, where="catalogue", checked_before=True)
    with _keeping:
        _catalogues.pop(row.digest, None)
        _catalogues[row.digest] = known
        while len(_catalogues) > MOST_KEPT:
            del _catalogues[next(iter(_catalogues))]
    return known


def record(
    session: Session,
    parent: Head | None,
    version: CatalogueVersion,
    kind: str,
    *,
    scheme: str | None = None,
    account: UUID | None = None,
    reason: str = "",
) -> CatalogueChange:
    """Store a catalogue and put it in force after *parent*.

    :raises sqlalchemy.exc.IntegrityError: if another change followed *parent* meanwhile.
    """
    store(session, version)
    before = parent.version.document if parent else {"schemes": {}, "support": None}
    change = CatalogueChange(
        number=parent.number + 1 if parent else 1,
        digest=version.digest,
        parent_digest=parent.version.digest if parent else None,
        kind=kind,
        scheme_id=scheme,
        # The first catalogue differs from nothing in everything.
        differences=[] if parent is None else [_plain(each) for each in differences(before, version.document)],
        reason=reason,
        account_id=account,
        made_at=now(),
    )
    session.add(change)
    session.flush()
    if account is not None:
        audit.record(session, account, f"scheme.{kind}", scheme, version.digest)
    return change


def store(session: Session, version: CatalogueVersion) -> None:
    """Keep a catalogue by its digest."""
    known = session.scalar(sa.select(StoredCatalogue.digest).where(StoredCatalogue.digest == version.digest))
    if known is None:
        session.add(StoredCatalogue(digest=version.digest, document=ordered(version.document), created_at=now()))
        session.flush()


def receive(session: Session, base_digest: str | None, shipped: CatalogueVersion) -> None:
    """Bring in what a release ships: scheme by scheme, where the site has not changed it.

    :param base_digest: the catalogue that the release before shipped.
    """
    store(session, shipped)
    try:
        present = head(session)
    except NoCatalogue:
        record(session, None, shipped, RELEASE)
        return
    if base_digest == shipped.digest:
        return
    base = with_digest(session, base_digest or present.version.digest).document
    found = merge(base, present.version.document, shipped.document)
    taken, conflicts = found.taken, found.conflicts
    try:
        merged = catalogue_from(found.document, where="catalogue")
    except FileProblems:
        # The two do not fit together, such as a scheme of another kind and the site's support matrix:
        # the site's own stands wholly, and people decide.
        merged, taken, conflicts = present.version, (), (*found.taken, *found.conflicts)
    waiting = {each.scheme_id for each in open_conflicts(session)}
    agreed = [name for name in waiting if part_of(merged.document, name) == part_of(shipped.document, name)]
    if not taken and not conflicts and not agreed:
        return
    change = record(session, present, merged, RELEASE)
    _settle(session, change.number, [*agreed, *conflicts])
    session.add_all(
        CatalogueConflict(change_number=change.number, scheme_id=name, shipped_digest=shipped.digest)
        for name in conflicts
    )


def open_conflicts(session: Session) -> Sequence[CatalogueConflict]:
    """Return what both the site and a release changed and nobody settled yet."""
    return session.scalars(
        sa.select(CatalogueConflict)
        .where(CatalogueConflict.settled_by.is_(None))
        .order_by(CatalogueConflict.scheme_id, CatalogueConflict.change_number)
    ).all()


def settle(session: Session, number: int, name: str) -> None:
    """Note that a change settles what is open of a scheme."""
    _settle(session, number, [name])


def changed_parts(before: CatalogueVersion, after: CatalogueVersion) -> list[str]:
    """Return the schemes that differ, and "support" if the matrix does."""
    every = dict.fromkeys([*names(before.document), *names(after.document)])
    return [name for name in every if part_of(before.document, name) != part_of(after.document, name)]


def _settle(session: Session, number: int, parts: Iterable[str]) -> None:
    session.execute(
        sa.update(CatalogueConflict)
        .where(CatalogueConflict.settled_by.is_(None), CatalogueConflict.scheme_id.in_(list(parts)))
        .values(settled_by=number)
    )


def _head_of(session: Session, statement: sa.Select[int, StoredCatalogue]) -> Head:
    row = session.execute(
        statement.join(StoredCatalogue, StoredCatalogue.digest == CatalogueChange.digest)
        .order_by(CatalogueChange.number.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NoCatalogue
    number, stored = row
    return Head(number, catalogue_of(stored))


def _plain(difference: Difference) -> dict[str, Any]:
    return {"path": list(difference.path), "before": difference.before, "after": difference.after}


# Immutable documents by digest, the one used last at the end.
_catalogues: dict[str, CatalogueVersion] = {}
_keeping = Lock()
