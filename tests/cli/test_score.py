"""``readiness score FILE``: exactly the JSON that design.md section 8 names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

NULL_WITHOUT_A_BAND = ("score", "mean", "band", "band_by_score", "could_be", "next_band", "firm", "spread")


def exact(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def levelled(answers: dict[str, Any], *levels: int) -> dict[str, Any]:
    """Answer the first dimensions with *levels*, and no others."""
    return {**answers, "answers": dict(zip(answers["answers"], levels, strict=False))}


def test_score_prints_the_whole_result_and_nothing_else(
    command: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    path = write(answers)

    done = command("score", path)

    result = exact(done.out)
    digest = result.pop("digest")
    assert (done.status, done.err) == (0, "")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", digest)
    assert result == {
        "rubric": "2026.1",
        "score": Decimal("2.5"),
        "mean": "27/11",
        "band": "aware",
        "band_by_score": "aware",
        "could_be": "aware",
        "coverage": Decimal("0.9167"),
        "not_sure": ["ai_talent"],
        "not_applicable": ["reference_data"],
        "missing": [],
        "dimensions": {
            "management_support": 3,
            "ai_literacy": 2,
            "ai_talent": 1,
            "employee_acceptance": 4,
            "experimentation_culture": 3,
            "ai_governance": 2,
            "ai_risk_control": 1,
            "business_use_case": 3,
            "data_quality": 3,
            "reference_data": None,
            "ml_infrastructure": 2,
            "data_infrastructure": 3,
        },
        "pillars": {
            "organisation": {"mean": "13/5"},
            "ethics_governance": {"mean": "3/2"},
            "business_value": {"mean": "3"},
            "data": {"mean": "3"},
            "infrastructure": {"mean": "5/2"},
        },
        "weakest": ["ai_talent", "ai_risk_control"],
        "spread": 3,
        "next_band": {"band": "ready", "steps": 11},
        "firm": False,
        "gates": [],
    }


def test_what_score_prints_has_the_types_of_the_contract(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    path = write(answers)

    result = exact(run("score", path).out)

    # 1 == Decimal(1) == True in Python, so equality alone would let a level be printed as 3.0 or true.
    assert {type(level) for level in result["dimensions"].values()} == {int, type(None)}
    assert {type(pillar["mean"]) for pillar in result["pillars"].values()} == {str}
    assert [type(result[key]) for key in ("score", "coverage", "mean", "spread", "firm")] == [
        Decimal,
        Decimal,
        str,
        int,
        bool,
    ]
    assert type(result["next_band"]["steps"]) is int


@pytest.mark.parametrize(
    ("count", "coverage"),
    [
        (12, "1"),
        (11, "0.9167"),
        (10, "0.8333"),
        (9, "0.75"),
        (8, "0.6667"),
        (7, "0.5833"),
        (5, "0.4167"),
        (1, "0.0833"),
        (0, "0"),
    ],
)
def test_coverage_is_printed_with_four_decimals(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any], count: int, coverage: str
) -> None:
    path = write(levelled(answers, *[3] * count))

    done = run("score", path)

    assert exact(done.out)["coverage"] == Decimal(coverage)


@pytest.mark.parametrize(
    ("levels", "mean", "score", "band"),
    [
        ((3,) * 12, "3", "3.0", "aware"),
        ((5,) * 12, "5", "5.0", "competent"),
        ((3,) * 5 + (2,) * 6, "27/11", "2.5", "aware"),
        ((2,) * 7 + (3,) * 5, "29/12", "2.4", "unaware"),
        ((4,) * 5 + (3,) * 6, "38/11", "3.5", "ready"),
        ((5,) * 6 + (4,) * 5, "50/11", "4.5", "ready"),
        ((5,) * 7 + (4,) * 5, "55/12", "4.6", "competent"),
    ],
)
def test_the_mean_is_a_fraction_as_text_and_the_score_has_one_decimal(
    run: Callable[..., Any],
    write: Callable[..., Path],
    answers: dict[str, Any],
    levels: tuple[int, ...],
    mean: str,
    score: str,
    band: str,
) -> None:
    path = write(levelled(answers, *levels))

    result = exact(run("score", path).out)

    assert (result["mean"], str(result["score"]), result["band"]) == (mean, score, band)


@pytest.mark.parametrize("count", [0, 9])
def test_too_few_answers_are_a_result_without_a_band(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any], count: int
) -> None:
    path = write(levelled(answers, *[3] * count))

    done = run("score", path)

    result = exact(done.out)
    assert (done.status, done.err) == (0, "")
    assert {key: result[key] for key in NULL_WITHOUT_A_BAND} == dict.fromkeys(NULL_WITHOUT_A_BAND)
    assert result["weakest"] == []
    assert result["missing"] == list(answers["answers"])[count:]


def test_ten_of_twelve_dimensions_are_enough_for_a_band(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    path = write(levelled(answers, *[3] * 10))

    result = exact(run("score", path).out)

    assert (result["band"], result["missing"]) == ("aware", ["ml_infrastructure", "data_infrastructure"])


def test_at_competent_there_is_no_next_band(
    run: Callable[..., Any], write: Callable[..., Path], answers: dict[str, Any]
) -> None:
    path = write(levelled(answers, *[5] * 12))

    result = exact(run("score", path).out)

    assert (result["next_band"], result["firm"], result["spread"]) == (None, True, 0)


def test_a_file_with_a_rubric_alone_is_read(run: Callable[..., Any], write: Callable[..., Path]) -> None:
    path = write({"rubric": "2026.1"})

    done = run("score", path)

    assert (done.status, exact(done.out)["coverage"]) == (0, 0)


def test_a_byte_order_mark_is_accepted(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    plain = write(few_answers, "plain.json")
    marked = write(b"\xef\xbb\xbf" + plain.read_bytes(), "marked.json")

    done = run("score", marked, rubric=small_rubric)

    assert done == run("score", plain, rubric=small_rubric)
    assert done.status == 0


def test_score_ignores_what_an_export_adds(
    run: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    bare = write(few_answers, "bare.json")
    more = write(
        {**few_answers, "digest": 1, "result": [], "plan": "x", "catalogue": None, "exported_at": False}, "more.json"
    )

    done = run("score", more, rubric=small_rubric)

    assert done == run("score", bare, rubric=small_rubric)
    assert done.status == 0


@pytest.mark.parametrize(("level", "holds", "band"), [(2, True, "unaware"), (3, False, "aware")])
def test_a_gate_is_printed_with_the_level_that_it_looks_at(
    run: Callable[..., Any],
    write: Callable[..., Path],
    edited: Callable[..., Path],
    level: int,
    holds: bool,
    band: str,
) -> None:
    def add_gate(rubric: Any) -> None:
        rubric["gates"] = [
            {"id": "rules", "dimension": "ai_governance", "needs": 3, "limit": "unaware", "explanation": "Rules first."}
        ]

    edited("versions/2026.1/rubric.yaml", add_gate)
    for language in ("zh-Hant", "zh-Hans"):
        folder = edited(
            f"versions/2026.1/{language}.yaml", lambda texts: texts.update(gates={"rules": {"explanation": "先定規則"}})
        )
    ids = ("management_support", "ai_talent", "data_quality", "reference_data")
    path = write({"rubric": "2026.1", "answers": {**dict.fromkeys(ids, 3), "ai_governance": level}})

    result = exact(run("score", path, rubric=folder).out)

    gate = {
        "id": "rules",
        "limit": "unaware",
        "dimension": "ai_governance",
        "needs": 3,
        "level": level,
        "holds": holds,
    }
    assert result["gates"] == [gate]
    assert (result["band"], result["band_by_score"]) == (band, "aware")


def test_the_rubric_folder_of_the_environment_is_read(
    command: Callable[..., Any], write: Callable[..., Path], small_rubric: Path, few_answers: dict[str, Any]
) -> None:
    path = write(few_answers)

    done = command("score", path, READINESS_RUBRIC_FOLDER=str(small_rubric))

    assert (done.status, done.err) == (0, "")
    assert exact(done.out)["mean"] == "9/4"


def test_without_a_rubric_folder_no_version_is_known(
    run: Callable[..., Any], write: Callable[..., Path], tmp_path: Path, few_answers: dict[str, Any]
) -> None:
    path = write(few_answers)

    done = run("score", path, rubric=tmp_path / "nowhere")

    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("rubric: ")
