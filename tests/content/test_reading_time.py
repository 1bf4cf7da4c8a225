"""The minutes that the start page names, from the length of each version's texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness.core.languages import Language
from readiness.library.rubrics import read_rubric_folder
from readiness.services.reading_time import minutes

VERSIONS = Path(__file__).parents[2] / "rubric" / "versions"


@pytest.mark.parametrize(("number", "expected"), [("2026.1", (13, 12, 12)), ("2026.2", (16, 15, 15))])
def test_a_longer_version_says_that_it_takes_longer(number: str, expected: tuple[int, ...]) -> None:
    version = read_rubric_folder(VERSIONS / number)

    assert tuple(round(minutes(version, language)) for language in Language) == expected
