"""What the tests of the rubric and of the catalogue share."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from ruamel.yaml import YAML

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def copied_runs() -> Callable[[str], list[str]]:
    """Return a function that lists the runs of twelve words that a text shares with the study."""
    shingles = runpy.run_path(str(HERE / "make_study_shingles.py"))
    known = shingles["known_hashes"](shingles["HASHES"].read_bytes())
    return lambda text: [run for run in shingles["runs"](text) if shingles["hash_of"](run) in known]


@pytest.fixture(scope="session")
def of_the_other_script() -> Callable[[str, str], list[str]]:
    """Return a function that lists the characters of a text that its script does not write."""
    foreign: dict[str, set[str]] = {"zh-Hant": set(), "zh-Hans": set()}
    both_differ = True
    for line in (HERE / "character_pairs.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            both_differ = both_differ and "[traditional]" not in line
            continue
        for pair in line.split():
            foreign["zh-Hans"].add(pair[0])
            if both_differ:
                foreign["zh-Hant"].add(pair[1])
    return lambda text, language: sorted(set(text) & foreign[language])


@pytest.fixture(scope="session")
def words_of_the_other_place() -> Callable[[str, str], list[str]]:
    """Return a function that lists the words of a Chinese text that the other place uses; official names are exempt."""
    vocabulary = YAML(typ="safe").load((HERE / "vocabulary.yaml").read_text("utf-8"))

    def words(text: str, language: str) -> list[str]:
        for name in vocabulary["proper_names"][language]:
            text = re.sub(name, "", text)
        return [word for word in vocabulary["of_the_other_place"][language] if word in text]

    return words
