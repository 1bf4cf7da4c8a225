"""A result is read back from its record as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from readiness.core import answers as answer_rules
from readiness.core.records import read_result, result_record
from readiness.core.rubric import Gate, Rubric
from readiness.core.scoring import score
from readiness.library.canonical import readable
from readiness.library.rubrics import read_rubric_folder


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    shipped = read_rubric_folder(Path(__file__).resolve().parents[2] / "rubric" / "versions" / "2026.1").rubric
    return replace(shipped, gates=(Gate("governance", "ai_governance", 3, "aware"),))


@pytest.mark.parametrize(
    "values",
    [[1] * 12, [5] * 12, [4, 3, 3, 4, 4, 1, 3, 4, 3, 4, 4, 4], ["not_sure", 2, 5] * 4, [3] * 10, [3] * 9, []],
    ids=["lowest", "highest", "mixed", "not sure", "ten", "nine", "none"],
)
def test_what_was_written_is_read_back_the_same(rubric: Rubric, values: list[Any]) -> None:
    questions = [question.id for question in rubric.questions]
    answers = {id: answer_rules.read(rubric, id, value) for id, value in zip(questions, values, strict=False)}
    result = score(rubric, answers)

    text = readable(result_record(result, "sha256:0"))

    assert read_result(json.loads(text, parse_float=Decimal), rubric) == result
