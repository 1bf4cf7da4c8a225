"""Golden vectors: answers to each shipped rubric and the whole result that follows, with its arithmetic beside it."""

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
VERSIONS = HERE.parents[1] / "rubric" / "versions"
#: One folder of vectors for each version.
VECTOR_FILES = sorted((HERE / "vectors").glob("*/*.yaml"))
VECTORS = [(file.parent.name, file.stem, vector) for file in VECTOR_FILES for vector in read_yaml(file)]
SUMS = {file.stem: read_yaml(file) for file in sorted((HERE / "every_sum").glob("*.yaml"))}
DIGEST = "sha256:of-the-rubric"


def head(number: str) -> dict[str, Any]:
    """Return what every record holds besides the keys that a vector lists; a version without gates lists none."""
    return {"rubric": number, "digest": DIGEST, "gates": []}


@cache
def version(number: str) -> RubricVersion:
    return read_rubric_folder(VERSIONS / number)


def record_of(number: str, plain_answers: dict[str, Any]) -> dict[str, Any]:
    rubric = version(number).rubric
    answers = {id: answer_rules.read(rubric, id, value) for id, value in plain_answers.items()}
    return result_record(score(rubric, answers), DIGEST)


def with_decimals_as_text(record: dict[str, Any]) -> dict[str, Any]:
    """Return *record* so that it compares the digits after the point too: 1.0 and 1.0000 are different texts."""
    return {key: str(value) if isinstance(value, Decimal) else value for key, value in record.items()}


def answers_with(number: str, count: int, total: int) -> dict[str, Any]:
    """Return answers with *count* scored dimensions whose levels sum to *total*, as even as they can be."""
    ids = [dimension.id for dimension in version(number).rubric.dimensions]
    ids = sorted(ids, key=lambda id: id == "reference_data")[:count]
    level, higher = divmod(total, count)
    return {id: level + (1 if place < higher else 0) for place, id in enumerate(ids)}


@pytest.mark.parametrize(
    ("number", "vector"),
    [pytest.param(number, vector, id=f"{number}-{file}-{vector['name']}") for number, file, vector in VECTORS],
)
def test_a_golden_vector_gives_its_whole_record(number: str, vector: dict[str, Any]) -> None:
    expected = {**head(number), **vector["result"]}

    record = record_of(number, vector["answers"])

    assert with_decimals_as_text(record) == expected


@pytest.mark.parametrize("file", VECTOR_FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_no_vector_of_a_file_stands_twice(file: Path) -> None:
    vectors = read_yaml(file)

    names = {vector["name"] for vector in vectors}
    answers = {tuple(sorted(vector["answers"].items())) for vector in vectors}

    assert len(names) == len(answers) == len(vectors)


@pytest.mark.parametrize(
    ("number", "count", "total", "expected_score", "band"),
    [(number, *row) for number, rows in SUMS.items() for row in rows],
)
def test_every_possible_sum_has_its_score_and_band(
    number: str, count: int, total: int, expected_score: str, band: str
) -> None:
    answers = answers_with(number, count, total)

    record = record_of(number, answers)

    assert (str(record["score"]), record["band"]) == (expected_score, band)
    assert record["score"] == Decimal(expected_score)


@pytest.mark.parametrize(("number", "counts"), [("2026.1", (12, 11, 10)), ("2026.2", (15, 14, 13, 12))])
def test_the_table_of_sums_holds_every_sum_of_as_many_levels_as_have_a_band(
    number: str, counts: tuple[int, ...]
) -> None:
    listed = [(count, total) for count, total, _, _ in SUMS[number]]

    assert listed == [(count, total) for count in counts for total in range(count, 5 * count + 1)]


@pytest.mark.parametrize("number", sorted(path.name for path in VERSIONS.iterdir()))
def test_every_shipped_version_has_its_vectors_and_its_table_of_sums(number: str) -> None:
    assert number in SUMS
    assert any(file.parent.name == number for file in VECTOR_FILES)


@pytest.mark.parametrize(
    ("number", "count", "total", "band"),
    [
        ("2026.1", 12, 29, "unaware"),  # 2.416... prints as 2.4
        ("2026.1", 12, 30, "aware"),  # 2.5
        ("2026.1", 12, 41, "aware"),  # 3.416... prints as 3.4
        ("2026.1", 12, 42, "ready"),  # 3.5
        ("2026.1", 12, 54, "ready"),  # 4.5 is still Ready: Competent is above it
        ("2026.1", 12, 55, "competent"),  # 4.583... prints as 4.6
        ("2026.1", 11, 26, "unaware"),  # 2.363... prints as 2.4
        ("2026.1", 11, 27, "aware"),  # 2.4545... prints as 2.5
        ("2026.1", 11, 37, "aware"),  # 3.363... prints as 3.4
        ("2026.1", 11, 38, "ready"),  # 3.4545... prints as 3.5
        ("2026.1", 11, 50, "ready"),  # 4.5454... prints as 4.5
        ("2026.1", 11, 51, "competent"),  # 4.636... prints as 4.6
        ("2026.1", 10, 24, "unaware"),
        ("2026.1", 10, 25, "aware"),
        ("2026.1", 10, 34, "aware"),
        ("2026.1", 10, 35, "ready"),
        ("2026.1", 10, 45, "ready"),
        ("2026.1", 10, 46, "competent"),
        ("2026.2", 15, 36, "unaware"),  # 2.4 exactly
        ("2026.2", 15, 37, "aware"),  # 2.466... prints as 2.5
        ("2026.2", 15, 51, "aware"),  # 3.4 exactly
        ("2026.2", 15, 52, "ready"),  # 3.466... prints as 3.5
        ("2026.2", 15, 68, "ready"),  # 4.533... prints as 4.5
        ("2026.2", 15, 69, "competent"),  # 4.6 exactly
        ("2026.2", 14, 34, "unaware"),  # 2.428... prints as 2.4
        ("2026.2", 14, 35, "aware"),  # 2.5
        ("2026.2", 14, 48, "aware"),  # 3.428... prints as 3.4
        ("2026.2", 14, 49, "ready"),  # 3.5
        ("2026.2", 14, 63, "ready"),  # 4.5 is still Ready
        ("2026.2", 14, 64, "competent"),  # 4.571... prints as 4.6
        ("2026.2", 13, 31, "unaware"),  # 2.384... prints as 2.4
        ("2026.2", 13, 32, "aware"),  # 2.461... prints as 2.5
        ("2026.2", 13, 44, "aware"),  # 3.384... prints as 3.4
        ("2026.2", 13, 45, "ready"),  # 3.461... prints as 3.5
        ("2026.2", 13, 59, "ready"),  # 4.538... prints as 4.5
        ("2026.2", 13, 60, "competent"),  # 4.615... prints as 4.6
        ("2026.2", 12, 29, "unaware"),  # 2.416... prints as 2.4
        ("2026.2", 12, 30, "aware"),  # 2.5
        ("2026.2", 12, 41, "aware"),  # 3.416... prints as 3.4
        ("2026.2", 12, 42, "ready"),  # 3.5
        ("2026.2", 12, 54, "ready"),  # 4.5 is still Ready
        ("2026.2", 12, 55, "competent"),  # 4.583... prints as 4.6
    ],
)
def test_both_sides_of_a_cut_off_have_vectors(number: str, count: int, total: int, band: str) -> None:
    edges = read_yaml(HERE / "vectors" / number / f"edges_of_{count}_scored.yaml")

    bands = {
        vector["result"]["band"]
        for vector in edges
        if sum(level for level in vector["result"]["dimensions"].values() if level is not None) == total
    }

    assert bands == {band}
