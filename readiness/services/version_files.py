"""A rubric version as one file to take away: the folder that ``rubric export`` writes, packed."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from readiness.library.rubric_folders import files_of
from readiness.library.rubrics import RubricVersion


def packed(version: RubricVersion) -> bytes:
    """Return the files of a version as a ZIP file, the same bytes each time."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, text in files_of(version).items():
            archive.writestr(ZipInfo(f"{version.id}/{name}"), text, ZIP_DEFLATED)
    return content.getvalue()
