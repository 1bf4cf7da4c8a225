"""The quick way for very many assessments gives what the full rules give, whatever the versions and answers are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer
from readiness.core.impact import Comparison, record
from readiness.core.moving import move
from readiness.core.quick_scores import mover, reader, scorer
from readiness.core.rubric import Gate, Rubric
from readiness.core.scoring import score
from readiness.services.versions import shipped_versions
from tests.core.pairs import answers_to, newer, rubrics

VERSIONS = shipped_versions(Path(__file__).parents[2] / "rubric")


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_score_and_band_of_a_shipped_version_are_those_of_the_full_rules(version: Any, data: st.DataObject) -> None:
    answers = data.draw(_answers(version.rubric))

    _agree(version.rubric, answers)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_so_they_are_of_any_version(data: st.DataObject) -> None:
    rubric = data.draw(rubrics())

    _agree(rubric, data.draw(answers_to(rubric)))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_so_they_are_with_gates(data: st.DataObject) -> None:
    shipped = VERSIONS[0].rubric
    gates = data.draw(
        st.lists(
            st.builds(
                Gate,
                id=st.just("g"),
                dimension=st.sampled_from([d.id for d in shipped.dimensions]),
                needs=st.integers(2, 5),
                limit=st.sampled_from([band.id for band in shipped.bands]),
            ),
            max_size=3,
        )
    )
    rubric = Rubric(
        shipped.id, shipped.pillars, shipped.dimensions, shipped.questions, shipped.bands, tuple(gates), shipped.scoring
    )

    _agree(rubric, data.draw(_answers(rubric)))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_answers_move_as_the_full_rules_move_them(data: st.DataObject) -> None:
    old = data.draw(rubrics())
    new, map = data.draw(newer(old, 2))
    answers = data.draw(answers_to(old))

    assert mover(old, new, map)(answers) == move(old, answers, new, map).answers


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_stored_values_are_read_as_the_full_rules_read_them(data: st.DataObject) -> None:
    rubric = data.draw(rubrics())
    answers = data.draw(answers_to(rubric))
    stored = json.loads(json.dumps({id: answer_rules.plain(answer) for id, answer in answers.items()}))

    assert reader(rubric)(stored) == {id: answer_rules.read(rubric, id, value) for id, value in stored.items()}


def test_what_cannot_be_read_is_left_out() -> None:
    rubric = VERSIONS[0].rubric

    assert reader(rubric)(
        {"ai_talent": True, "ai_literacy": 3.0, "data_quality": "3", "gone": 3, "ai_governance": 2}
    ) == {"ai_governance": 2}


def test_nothing_moves_from_a_version_to_itself() -> None:
    rubric = VERSIONS[0].rubric
    comparison = Comparison(rubric, rubric, None)
    for level in range(1, 6):
        comparison.add({question.id: level for question in rubric.questions}, "education", "10-19")

    found = record(comparison.result(), decimals=1)

    assert (found["compared"], found["moved"], found["cases"]) == (5, 0, [])


def test_small_numbers_by_sector_and_size_are_hidden_and_cannot_be_worked_out() -> None:
    rubric = VERSIONS[0].rubric
    comparison = Comparison(rubric, rubric, None)
    for level, times in ((2, 4), (3, 20), (5, 5)):
        for _ in range(times):
            comparison.add({question.id: level for question in rubric.questions}, "education", None)

    found = record(comparison.result(), decimals=1)["sectors"]["education"]

    assert found["total"] is None
    assert found["before"] == {"unaware": None, "aware": 20, "competent": 5}


def _agree(rubric: Rubric, answers: Mapping[str, Answer]) -> None:
    full = score(rubric, answers)
    quick = scorer(rubric)(answers)

    unit = 10**rubric.scoring.decimals
    assert (quick.score, quick.band) == (None if full.score is None else int(full.score * unit), full.band)


def _answers(rubric: Rubric) -> st.SearchStrategy[dict[str, Answer]]:
    values = {
        question.id: st.sampled_from(
            [*rubric.scoring.levels, "not_sure", *(["not_applicable"] if question.not_applicable else [])]
        ).map(lambda value, id=question.id: answer_rules.read(rubric, id, value))
        for question in rubric.questions
    }
    few = st.fixed_dictionaries({}, optional=values)
    return st.one_of(st.fixed_dictionaries(values), few)
