"""``readiness rubric impact A B``: what a version would change for those who were assessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from readiness.library.rubrics import RubricVersion, read_rubric_folder
from readiness.services import impact
from readiness.services.commands import DatabaseNotReady, find_version
from readiness.services.database import db, without_pages
from readiness.services.impact import Selection
from readiness.settings import Settings


def impact_of(
    settings: Settings,
    one: str,
    other: str,
    since: date | None,
    until: date | None,
    sector: str | None,
    progress: Callable[[int, int], None],
) -> Iterator[str]:
    """Yield what B would change for those assessed on A, a line each.

    :raises NoWay: if no map leads from A to B.
    :raises VersionUnknown: if there is no such version.
    :raises FileProblems: if a folder cannot be read.
    :raises DatabaseNotReady: if the site's database cannot be used.
    """
    old, new = (_named(name, settings) for name in (one, other))
    impact.map_between(old, new)

    def told(done: int, total: int) -> bool:
        progress(done, total)
        return True

    with without_pages(settings).app_context():
        try:
            found = impact.reckon(db.session, old, new, Selection(since, until, sector), told)
        except sa.exc.SQLAlchemyError as error:
            reason = str(error.__cause__ or type(error).__name__).splitlines()[0]
            raise DatabaseNotReady(f"database: {reason}; readiness doctor says more") from None
        finally:
            db.session.close()
            db.engine.dispose()
    if found is not None:
        yield from lines_of(found)


def lines_of(found: dict[str, Any]) -> Iterator[str]:
    """Yield what was found, a line each."""
    yield f"from {found['from']} to {found['to']}: {found['compared']} assessments, {found['moved']} in another band"
    for before, after, count in found["matrix"]:
        mark = " " if before == after else "*"
        yield f"{mark} {before} -> {after}: {count}"
    for name in ("sectors", "sizes"):
        for group, numbers in found[name].items():
            total, moved = _number(numbers["total"]), _number(numbers["moved"])
            yield f"{name[:-1]} {group}: {total} assessments, {moved} in another band"
    for case in found["cases"]:
        dimensions = ", ".join(f"{id} {before} -> {after}" for id, before, after in case["dimensions"]) or "none"
        gates = f"; gates: {', '.join(case['gates'])}" if case["gates"] else ""
        (band, other), (score, later) = case["band"], case["score"]
        yield f"case: {band} {score or '-'} -> {other} {later or '-'}; dimensions: {dimensions}{gates}"


def _number(count: int | None) -> str:
    return "fewer than 5" if count is None else str(count)


def _named(name: str, settings: Settings) -> RubricVersion:
    path = Path(name)
    return read_rubric_folder(path) if path.is_dir() else find_version(settings.rubric_folder, name, settings.database)
