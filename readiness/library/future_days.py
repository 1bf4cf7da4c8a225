"""Days of what has happened, in scheme files: none of them can lie ahead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from readiness.library.catalogues import CatalogueVersion
from readiness.library.scheme_files import DatedForm, SchemeForm
from readiness.library.yaml_files import FileProblem

REMEDY = "write the day on which it was seen; what starts later has since or announced"


def future_days(version: CatalogueVersion, folder: Path, today: date) -> Iterator[FileProblem]:
    """Yield what a file says to have happened after *today*; a value may well start later, a source cannot."""
    for id, form in version.forms.items():
        for where, day in _days(form):
            if day is not None and day > today.isoformat():
                path = folder / "schemes" / f"{id}.yaml"
                yield FileProblem(path, where, f"{day} lies ahead of today, {today}", remedy=REMEDY)


def _days(form: SchemeForm) -> Iterator[tuple[str, str | None]]:
    yield "checked_on", form.checked_on
    yield "newest_source", form.newest_source
    for id, source in form.sources.items():
        yield f"sources.{id}.dated", source.dated
    dated: list[tuple[str, DatedForm]] = [
        *((f"statuses.{place}", status) for place, status in enumerate(form.statuses, start=1)),
        *(
            (f"facts.{id}.values.{place}", value)
            for id, fact in form.facts.items()
            for place, value in enumerate(fact.values, start=1)
        ),
    ]
    for where, part in dated:
        yield f"{where}.known_in_force_by", part.known_in_force_by
        yield f"{where}.last_seen", part.last_seen
