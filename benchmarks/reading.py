"""The minutes that the start page names, as a part of the report."""

from __future__ import annotations

from benchmarks.report import Section
from benchmarks.serving import ROOT
from readiness.core.languages import Language
from readiness.library.rubrics import read_rubric_folder
from readiness.services.reading_time import minutes

METHOD = (
    "Counted from the texts on the pages at a stated reading speed (see `readiness/services/reading_time.py`), "
    "not timed with people. "
    "There is no budget; the start page names the minutes."
)


def measure() -> Section:
    """Return the minutes of the newest shipped version in each language."""
    version = read_rubric_folder(sorted((ROOT / "rubric" / "versions").iterdir())[-1])
    section = Section("How long the questions take to read", METHOD)
    section.table(["language", "minutes"], [[each.value, f"{minutes(version, each):.1f}"] for each in Language])
    return section
