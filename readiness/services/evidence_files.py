"""Where files of evidence are kept: beside the database, outside the web root, each under a random name.

A file is written before its row and removed after it, so that a row never names half a file. What a crash leaves
without a row is swept up by the daily work.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from readiness.models import EvidenceItem
from readiness.services.database import db

#: How old a file without a row must be: a younger one may be about to get its row.
SETTLED = timedelta(hours=1)


class FileDamaged(RuntimeError):
    """A file of evidence is missing, or is not the one that was added."""


def keep(content: bytes) -> str:
    """Write a file, to the disk, and return the random name under which it is kept."""
    name = secrets.token_hex(32)
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    half = folder / f"{name}.part"
    try:
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(folder / name)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    _settle(folder)
    return name


def content_of(item: EvidenceItem) -> bytes:
    """Return a file as it was added.

    :raises FileDamaged: if it is not there, or is another one by now.
    """
    try:
        content = (_folder() / str(item.stored)).read_bytes()
    except OSError:
        raise FileDamaged from None
    if sha256(content).hexdigest() != item.digest:
        raise FileDamaged
    return content


def names_of(session: Session, assessments: sa.Select[UUID]) -> list[str]:
    """Return the names of the files that hang on these assessments."""
    rows = sa.select(EvidenceItem.stored).where(
        EvidenceItem.assessment_id.in_(assessments), EvidenceItem.stored.is_not(None)
    )
    return [str(name) for name in session.scalars(rows)]


def remove(names: Iterable[str]) -> None:
    """Remove files whose rows are gone; one that cannot be removed now is swept up later."""
    for name in names:
        with suppress(OSError):
            (_folder() / name).unlink()


def sweep(moment: datetime) -> int:
    """Remove files that no row names, and return how many: what a crash left, or a row that went with its company."""
    limit = (moment - SETTLED).timestamp()
    old = {path.name for path in _files() if _written(path) < limit}
    if not old:
        return 0
    known = set(db.session.scalars(sa.select(EvidenceItem.stored).where(EvidenceItem.stored.is_not(None))))
    left = old - known
    remove(left)
    return len(left)


def damaged(session: Session) -> Iterator[str]:
    """Yield the name of each file that is missing, or is not the one that was added."""
    rows = sa.select(EvidenceItem).where(EvidenceItem.stored.is_not(None)).execution_options(yield_per=100)
    for item in session.scalars(rows):
        try:
            content_of(item)
        except FileDamaged:
            yield str(item.stored)


def _folder() -> Path:
    return Path(current_app.config["EVIDENCE_FOLDER"])


def _files() -> list[Path]:
    folder = _folder()
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _settle(folder: Path) -> None:
    """Have the folder itself on the disk, so that a file that has its name keeps it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
