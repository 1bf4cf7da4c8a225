"""Golden vectors: answers to rubric 2026.1 and the whole result that follows, each with its arithmetic beside it."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from readiness.core import answers as answer_rules
from readiness.core.records import result_record
from readiness.core.scoring import score
from readiness.library.rubrics import RubricVersion, read_rubric_folder
from readiness.library.yaml_files import read_yaml

HERE = Path(__file__).parent
RUBRIC_FOLDER = HERE.parents[1] / "rubric" / "versions" / "2026.1"
VECTOR_FILES = sorted((HERE / "vectors").glob("*.yaml"))
VECTORS = [(file.stem, vector) for file in VECTOR_FILES for vector in read_yaml(file)]
DIGEST = "sha256:of-the-rubric"

#: What every record holds besides the keys that a vector lists.
HEAD = {"rubric": "2026.1", "digest": DIGEST, "gates": []}


@cache
def version() -> RubricVersion:
    return read_rubric_folder(RUBRIC_FOLDER)


def record_of(plain_answers: dict[str, Any]) -> dict[str, Any]:
    rubric = version().rubric
    answers = {id: answer_rules.read(rubric, id, value) for id, value in plain_answers.items()}
    return result_record(score(rubric, answers), DIGEST)


def with_decimals_as_text(record: dict[str, Any]) -> dict[str, Any]:
    """Return *record* so that it compares the digits after the point too: 1.0 and 1.0000 are different texts."""
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in record.items()}


def answers_with(count: int, total: int) -> dict[str, Any]:
    """Return answers with *count* scored dimensions whose levels sum to *total*, as even as they can be."""
    ids = [dimension.id for dimension in version().rubric.dimensions]
    ids = sorted(ids, key=lambda id: id == "reference_data")[:count]
    level, higher = divmod(total, count)
    return {id: level + (1 if place < higher else 0) for place, id in enumerate(ids)}


@pytest.mark.parametrize("vector", [pytest.param(vector, id=f"{file}-{vector['name']}") for file, vector in VECTORS])
def test_a_golden_vector_gives_its_whole_record(vector: dict[str, Any]) -> None:
    expected = {**HEAD, **vector["result"]}

    record = record_of(vector["answers"])

    assert with_decimals_as_text(record) == expected


@pytest.mark.parametrize("file", VECTOR_FILES, ids=lambda file: file.stem)
def test_no_vector_of_a_file_stands_twice(file: Path) -> None:
    vectors = read_yaml(file)

    names = {vector["name"] for vector in vectors}
    answers = {tuple(sorted(vector["answers"].items())) for vector in vectors}

    assert len(names) == len(answers) == len(vectors)


@pytest.mark.parametrize(("count", "total", "expected_score", "band"), read_yaml(HERE / "every_sum.yaml"))
def test_every_possible_sum_has_its_score_and_band(count: int, total: int, expected_score: str, band: str) -> None:
    answers = answers_with(count, total)

    record = record_of(answers)

    assert (str(record["score"]), record["band"]) == (expected_score, band)
    assert record["score"] == Decimal(expected_score)


def test_the_table_of_sums_holds_every_sum_of_twelve_eleven_and_ten_levels() -> None:
    table = read_yaml(HERE / "every_sum.yaml")

    listed = [(count, total) for count, total, _, _ in table]

    assert listed == [(count, total) for count in (12, 11, 10) for total in range(count, 5 * count + 1)]


@pytest.mark.parametrize(
    ("count", "total", "band"),
    [
        (12, 29, "unaware"),  # 2.416... prints as 2.4
        (12, 30, "aware"),  # 2.5
        (12, 41, "aware"),  # 3.416... prints as 3.4
        (12, 42, "ready"),  # 3.5
        (12, 54, "ready"),  # 4.5 is still Ready: Competent is above it
        (12, 55, "competent"),  # 4.583... prints as 4.6
        (11, 26, "unaware"),  # 2.363... prints as 2.4
        (11, 27, "aware"),  # 2.4545... prints as 2.5
        (11, 37, "aware"),  # 3.363... prints as 3.4
        (11, 38, "ready"),  # 3.4545... prints as 3.5
        (11, 50, "ready"),  # 4.5454... prints as 4.5
        (11, 51, "competent"),  # 4.636... prints as 4.6
        (10, 24, "unaware"),
        (10, 25, "aware"),
        (10, 34, "aware"),
        (10, 35, "ready"),
        (10, 45, "ready"),
        (10, 46, "competent"),
    ],
)
def test_both_sides_of_a_cut_off_have_vectors(count: int, total: int, band: str) -> None:
    edges = read_yaml(HERE / "vectors" / f"edges_of_{count}_scored.yaml")

    bands = {
        vector["result"]["band"]
        for vector in edges
        if sum(level for level in vector["result"]["dimensions"].values() if level is not None) == total
    }

    assert bands == {band}
