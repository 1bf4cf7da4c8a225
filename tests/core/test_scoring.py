"""What must hold of every score: on rubric 2026.1, and on small rubrics with weights, gates and other scales."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from math import floor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from readiness.core.answers import Answer, Mark
from readiness.core.records import result_record
from readiness.core.rubric import Band, Dimension, Gate, Kind, Pillar, Question, Rubric, Scoring
from readiness.core.scoring import band_for, rounded, score
from readiness.library.rubrics import read_rubric_folder

RUBRIC_FOLDER = Path(__file__).parents[2] / "rubric" / "versions" / "2026.1"

PROPERTY = settings(deadline=None, derandomize=True, max_examples=100)

Answers = dict[str, Answer]


@cache
def shipped() -> Rubric:
    return read_rubric_folder(RUBRIC_FOLDER).rubric


def small_rubric(
    dimensions: Mapping[str, list[int]],
    *,
    weights: Mapping[str, int] | None = None,
    floors: tuple[str, ...] = ("2.5", "3.5", "4.6"),
    gates: tuple[Gate, ...] = (),
    scale: tuple[int, int] = (1, 5),
    minimum_coverage: str = "0.8",
) -> Rubric:
    """Return a rubric with a level question for each number in *dimensions*, which is the question's weight.

    The questions of dimension ``a`` are ``a1``, ``a2`` and so on; the bands are ``band0``, ``band1`` and so on.
    """
    return Rubric(
        id="small",
        pillars=(Pillar("all"),),
        dimensions=tuple(Dimension(id, "all", Fraction((weights or {}).get(id, 1))) for id in dimensions),
        questions=tuple(
            Question(f"{id}{place}", Kind.LEVEL, id, Fraction(weight), not_applicable=True)
            for id, questions in dimensions.items()
            for place, weight in enumerate(questions, 1)
        ),
        bands=(Band("band0", None), *(Band(f"band{n}", Fraction(text)) for n, text in enumerate(floors, 1))),
        gates=gates,
        scoring=Scoring(scale[0], scale[1], 1, Fraction(minimum_coverage), scale[0]),
    )


@st.composite
def small_rubrics(draw: st.DrawFn) -> Rubric:
    """Rubrics of up to three dimensions and four questions, small enough to try every set of answers."""
    lowest = draw(st.sampled_from([0, 1]))
    highest = lowest + draw(st.integers(2, 3))
    counts = draw(st.sampled_from([(1,), (2,), (1, 1), (2, 1), (1, 2), (3, 1), (1, 1, 1), (1, 2, 1), (2, 1, 1)]))
    weight = st.sampled_from([1, 1, 2, 3])
    tenths = draw(st.sets(st.integers(10 * lowest + 1, 10 * highest), min_size=1, max_size=3))
    ids = "abc"[: len(counts)]
    gate = st.builds(
        Gate,
        id=st.just("gate"),
        dimension=st.sampled_from(ids),
        needs=st.integers(lowest + 1, highest),
        limit=st.sampled_from([f"band{n}" for n in range(len(tenths))]),
    )
    return small_rubric(
        {id: [draw(weight) for _ in range(count)] for id, count in zip(ids, counts, strict=True)},
        weights={id: draw(weight) for id in ids},
        floors=tuple(str(Decimal(tenth).scaleb(-1)) for tenth in sorted(tenths)),
        gates=tuple(replace(g, id=f"gate{n}") for n, g in enumerate(draw(st.lists(gate, max_size=2)))),
        scale=(lowest, highest),
        minimum_coverage=draw(st.sampled_from(["0.3", "0.6", "1"])),
    )


@st.composite
def answers_to(draw: st.DrawFn, rubric: Rubric, *, complete: bool = False) -> Answers:
    """Answers that the rubric takes; some are missing unless *complete*."""
    found: Answers = {}
    for question in rubric.questions:
        marks: list[Any] = [Mark.NOT_SURE]
        if not complete and question.not_applicable and question.dimension not in {g.dimension for g in rubric.gates}:
            marks.append(Mark.NOT_APPLICABLE)
        answer = draw(st.one_of(st.sampled_from([*rubric.scoring.levels]), st.sampled_from(marks)))
        if complete or draw(st.integers(0, 9)) < 9:
            found[question.id] = answer
    return found


def shipped_answers(*, complete: bool = False) -> st.SearchStrategy[Answers]:
    return st.deferred(lambda: answers_to(shipped(), complete=complete))


@st.composite
def small_cases(draw: st.DrawFn, *, complete: bool = False) -> tuple[Rubric, Answers]:
    rubric = draw(small_rubrics())
    return rubric, draw(answers_to(rubric, complete=complete))


def levels_of(rubric: Rubric, answers: Mapping[str, Answer]) -> dict[str, int]:
    """Return the level that each answer counts as."""
    counted = {id: rubric.scoring.not_sure if answer is Mark.NOT_SURE else answer for id, answer in answers.items()}
    return {id: level for id, level in counted.items() if isinstance(level, int)}


def band_by_definition(rubric: Rubric, answers: Mapping[str, Answer]) -> str:
    """Return the band after gates, worked out from the design's words alone."""
    of_dimension: dict[str, Fraction] = {}
    for dimension in rubric.dimensions:
        questions = [q for q in rubric.questions if q.dimension == dimension.id]
        if any(q.id not in answers for q in questions):
            continue
        levels = levels_of(rubric, answers)
        counted = [q for q in questions if q.id in levels]
        if counted:
            total = sum(q.weight * levels[q.id] for q in counted)
            of_dimension[dimension.id] = Fraction(total) / sum(q.weight for q in counted)
    weights = {d.id: d.weight for d in rubric.dimensions if d.id in of_dimension}
    mean = Fraction(sum(weights[id] * of_dimension[id] for id in weights)) / sum(weights.values())
    tenths = floor(mean * 10 + Fraction(1, 2))
    rank = sum(1 for band in rubric.bands[1:] if band.floor is not None and 10 * band.floor <= tenths)
    for gate in rubric.gates:
        if gate.dimension not in of_dimension or of_dimension[gate.dimension] < gate.needs:
            rank = min(rank, rubric.rank(gate.limit))
    return rubric.bands[rank].id


def fewest_raises(rubric: Rubric, answers: Answers, band: str) -> int:
    """Return the fewest raises to a higher band, by trying every set of levels that is nowhere lower.

    A gated dimension without an answer counts as answered with the lowest level where its gate is in the way.
    """
    start: Answers = {**answers, **levels_of(rubric, answers)}
    for gate in rubric.gates:
        if rubric.rank(gate.limit) <= rubric.rank(band):
            for question in rubric.questions_by_dimension[gate.dimension]:
                start.setdefault(question.id, rubric.scoring.lowest)
    levels = levels_of(rubric, start)
    raised = product(*(range(level, rubric.scoring.highest + 1) for level in levels.values()))
    return min(
        sum(combination) - sum(levels.values())
        for combination in raised
        if rubric.rank(band_by_definition(rubric, {**start, **dict(zip(levels, combination, strict=True))}))
        > rubric.rank(band)
    )


def values_in(thing: Any) -> Iterator[Any]:
    """Yield every plain value inside dataclasses, mappings, lists and tuples."""
    if is_dataclass(thing) and not isinstance(thing, type):
        for field in fields(thing):
            yield from values_in(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from values_in(key)
            yield from values_in(value)
    elif isinstance(thing, list | tuple | set | frozenset):
        for each in thing:
            yield from values_in(each)
    else:
        yield thing


# Order


@PROPERTY
@given(answers=shipped_answers(), data=st.data())
def test_the_order_of_the_answers_changes_nothing(answers: Answers, data: st.DataObject) -> None:
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))

    result = score(shipped(), shuffled)

    assert result_record(result, "d") == result_record(score(shipped(), answers), "d")
    assert result.missing == score(shipped(), answers).missing


@PROPERTY
@given(levels=st.lists(st.integers(1, 5), min_size=12, max_size=12), data=st.data())
def test_it_does_not_matter_which_dimension_has_which_level(levels: list[int], data: st.DataObject) -> None:
    ids = [question.id for question in shipped().questions]
    moved = data.draw(st.permutations(levels))

    before = score(shipped(), dict(zip(ids, levels, strict=True)))
    after = score(shipped(), dict(zip(ids, moved, strict=True)))

    assert (after.mean, after.score, after.band, after.spread) == (
        before.mean,
        before.score,
        before.band,
        before.spread,
    )
    assert (after.next_band, after.firm) == (before.next_band, before.firm)


# Monotone


@PROPERTY
@given(answers=shipped_answers(), data=st.data())
def test_raising_one_level_never_lowers_the_score_or_the_band(answers: Answers, data: st.DataObject) -> None:
    levels = levels_of(shipped(), answers)
    raisable = sorted(id for id, level in levels.items() if level < 5)
    assume(raisable)
    question = data.draw(st.sampled_from(raisable))
    before = score(shipped(), answers)
    assume(before.band is not None)

    after = score(shipped(), {**answers, question: levels[question] + 1})

    assert after.mean > before.mean
    assert after.score >= before.score
    assert shipped().rank(after.band) >= shipped().rank(before.band)


@PROPERTY
@given(case=small_cases(), data=st.data())
def test_raising_one_level_never_lowers_a_band_under_weights_and_gates(
    case: tuple[Rubric, Answers], data: st.DataObject
) -> None:
    rubric, answers = case
    levels = levels_of(rubric, answers)
    raisable = sorted(id for id, level in levels.items() if level < rubric.scoring.highest)
    assume(raisable)
    question = data.draw(st.sampled_from(raisable))
    before = score(rubric, answers)
    assume(before.band is not None)

    after = score(rubric, {**answers, question: levels[question] + 1})

    assert after.score >= before.score
    assert rubric.rank(after.band) >= rubric.rank(before.band)


@PROPERTY
@given(answers=shipped_answers(complete=True))
def test_could_be_is_never_below_the_band(answers: Answers) -> None:
    result = score(shipped(), answers)

    assert shipped().rank(result.could_be) >= shipped().rank(result.band)
    if not result.not_sure:
        assert result.could_be == result.band


# One band for every mean


@pytest.mark.parametrize("count", range(1, 13))
def test_every_mean_of_whole_levels_falls_in_exactly_one_band(count: int) -> None:
    twentieth = Fraction(1, 20)
    starts = [band.floor - twentieth if band.floor is not None else Fraction(0) for band in shipped().bands]
    ends = [*starts[1:], Fraction(6)]

    for total in range(count, 5 * count + 1):
        mean = Fraction(total, count)
        around = [
            band.id for band, start, end in zip(shipped().bands, starts, ends, strict=True) if start <= mean < end
        ]
        assert around == [band_for(mean, shipped()).id], mean


@PROPERTY
@given(mean=st.fractions(1, 5, max_denominator=10_000))
def test_any_mean_falls_in_the_band_that_its_printed_score_names(mean: Fraction) -> None:
    printed = rounded(mean, shipped().scoring)

    band = band_for(mean, shipped())

    assert abs(Fraction(printed) - mean) <= Fraction(1, 20)
    assert band == band_for(Fraction(printed), shipped())
    expected = 0 + (printed >= Decimal("2.5")) + (printed >= Decimal("3.5")) + (printed > Decimal("4.5"))
    assert shipped().rank(band.id) == expected


@pytest.mark.parametrize(
    ("mean", "printed"),
    [
        ("9/4", "2.3"),  # 2.25: half to even would give 2.2
        ("49/20", "2.5"),  # 2.45
        ("69/20", "3.5"),  # 3.45
        ("91/20", "4.6"),  # 4.55
        ("2449/1000", "2.4"),
        ("90999/20000", "4.5"),  # 4.54995
        ("1", "1.0"),
        ("5", "5.0"),
    ],
)
def test_a_score_is_rounded_half_up_to_one_decimal(mean: str, printed: str) -> None:
    assert str(rounded(Fraction(mean), shipped().scoring)) == printed


# Exact


@PROPERTY
@given(answers=shipped_answers())
def test_no_float_appears_in_a_result_or_its_record(answers: Answers) -> None:
    result = score(shipped(), answers)
    record = result_record(result, "sha256:0")

    assert [value for value in values_in(result) if isinstance(value, float)] == []
    plain = (str, int, Decimal, type(None))
    assert [value for value in values_in(record) if not isinstance(value, plain)] == []


@PROPERTY
@given(case=small_cases())
def test_no_float_appears_under_weights_and_gates(case: tuple[Rubric, Answers]) -> None:
    result = score(*case)

    assert [value for value in values_in(result) if isinstance(value, float)] == []
    assert [value for value in values_in(result_record(result, "d")) if isinstance(value, float | Fraction)] == []


# The next band, and whether the band is firm


@PROPERTY
@given(answers=shipped_answers())
def test_the_steps_of_the_shipped_rubric_are_the_levels_short_of_the_next_cut_off(answers: Answers) -> None:
    result = score(shipped(), answers)
    assume(result.band is not None)
    levels = levels_of(shipped(), answers).values()
    place = shipped().rank(result.band)
    # The smallest sums whose mean prints as 2.5, 3.5 and 4.6: 2.45, 3.45 and 4.55 times the count, rounded up.
    needed = [-(-cut * len(levels) // 100) for cut in (245, 345, 455)]

    steps = None if result.next_band is None else result.next_band.steps

    assert steps == (None if place == 3 else needed[place] - sum(levels))


@settings(PROPERTY, max_examples=300)
@given(case=small_cases(complete=True))
def test_the_steps_to_the_next_band_are_the_fewest_under_weights_and_gates(case: tuple[Rubric, Answers]) -> None:
    rubric, answers = case

    result = score(rubric, answers)

    assert result.band == band_by_definition(rubric, answers)
    if result.band == rubric.bands[-1].id:
        assert result.next_band is None
    else:
        assert result.next_band is not None
        assert result.next_band.band == rubric.bands[rubric.rank(result.band) + 1].id
        assert result.next_band.steps == fewest_raises(rubric, answers, result.band)


@settings(PROPERTY, max_examples=300)
@given(case=small_cases())
def test_the_steps_to_the_next_band_are_the_fewest_with_answers_missing(case: tuple[Rubric, Answers]) -> None:
    rubric, answers = case
    result = score(rubric, answers)
    assume(result.next_band is not None)

    steps = result.next_band.steps

    assert steps == fewest_raises(rubric, answers, result.band)


def test_a_raise_in_an_unscored_dimension_is_not_counted_as_a_step() -> None:
    # a2 is missing, so a is not scored and raising a1 changes nothing: b and c alone must come from 2 to 2.45.
    rubric = small_rubric({"a": [1, 1], "b": [1], "c": [1]}, weights={"a": 3}, minimum_coverage="0.6")

    result = score(rubric, {"a1": 1, "b1": 2, "c1": 2})

    assert result.mean == 2
    assert result.next_band.steps == 1  # (3 + 2) / 2 = 2.5


@settings(PROPERTY, max_examples=200)
@given(case=small_cases())
def test_a_band_is_firm_when_no_single_move_and_no_unsure_answer_changes_it(case: tuple[Rubric, Answers]) -> None:
    rubric, answers = case
    result = score(rubric, answers)
    assume(result.band is not None)
    moved = {
        band_by_definition(rubric, {**answers, id: level + move})
        for id, level in levels_of(rubric, answers).items()
        for move in (-1, 1)
        if level + move in rubric.scoring.levels
    }
    known = {id: rubric.scoring.highest if a is Mark.NOT_SURE else a for id, a in answers.items()}

    firm = result.firm

    assert result.could_be == band_by_definition(rubric, known)
    assert firm == (moved <= {result.band} and result.could_be == result.band)


# Gates


@settings(PROPERTY, max_examples=200)
@given(case=small_cases())
def test_a_band_is_at_most_the_limit_of_every_gate_that_holds(case: tuple[Rubric, Answers]) -> None:
    rubric, answers = case

    result = score(rubric, answers)

    assume(result.band is not None)
    limits = [rubric.rank(state.gate.limit) for state in result.gates if state.holds]
    assert rubric.rank(result.band) == min([rubric.rank(result.band_by_score), *limits])
    for state in result.gates:
        level = result.dimensions[state.gate.dimension]
        assert state.holds == (level is None or level < state.gate.needs)


@PROPERTY
@given(answers=shipped_answers(complete=True), limit=st.sampled_from(["unaware", "aware", "ready"]))
def test_a_gate_on_the_shipped_rubric_holds_the_band_down_and_leaves_the_score(answers: Answers, limit: str) -> None:
    gated = replace(shipped(), gates=(Gate("governed", "ai_governance", 3, limit),))
    ungated = score(shipped(), answers)

    result = score(gated, answers)

    assert (result.score, result.band_by_score) == (ungated.score, ungated.band)
    if result.dimensions["ai_governance"] < 3:
        assert gated.rank(result.band) == min(gated.rank(ungated.band), gated.rank(limit))
    else:
        assert result.band == ungated.band


@pytest.mark.parametrize(
    ("governance", "band", "steps", "firm"),
    [
        (1, "band2", 2, True),  # 1 to 3 opens the gate; a single step does not
        (2, "band2", 1, False),  # one step opens it: 58/12 would be band3
        (3, "band3", None, False),  # one step down closes it
        (4, "band3", None, True),
    ],
)
def test_steps_and_firm_refer_to_the_band_after_gates(
    governance: int, band: str, steps: int | None, firm: bool
) -> None:
    names = "abcdefghijkl"
    rubric = small_rubric({id: [1] for id in names}, gates=(Gate("governed", "a", 3, "band2"),))
    answers = {f"{id}1": 5 for id in names} | {"a1": governance}

    result = score(rubric, answers)

    assert (result.band_by_score, result.band) == ("band3", band)
    assert (result.next_band.steps if result.next_band else None, result.firm) == (steps, firm)


def test_an_unanswered_gated_dimension_counts_as_below() -> None:
    rubric = small_rubric({id: [1] for id in "abcde"}, gates=(Gate("governed", "a", 2, "band1"),))

    result = score(rubric, {"b1": 5, "c1": 5, "d1": 5, "e1": 5})

    assert (result.band_by_score, result.band) == ("band3", "band1")
    assert (result.gates[0].level, result.gates[0].holds) == (None, True)


def test_the_record_of_a_gate_names_its_limit_and_its_level() -> None:
    rubric = small_rubric({"a": [1, 1], "b": [1]}, gates=(Gate("governed", "a", 4, "band1"),))

    record = result_record(score(rubric, {"a1": 3, "a2": 4, "b1": 5}), "d")

    assert record["gates"] == [
        {"id": "governed", "limit": "band1", "dimension": "a", "needs": 4, "level": "7/2", "holds": True}
    ]
    assert (record["band_by_score"], record["band"]) == ("band2", "band1")  # (7/2 + 5) / 2 = 17/4, 4.3


# Several questions, weights, other scales


def test_a_dimension_is_the_weighted_mean_of_its_questions() -> None:
    rubric = small_rubric({"a": [2, 1], "b": [1]})

    result = score(rubric, {"a1": 4, "a2": 1, "b1": 2})

    assert result.dimensions == {"a": Fraction(3), "b": Fraction(2)}  # (2 x 4 + 1 x 1) / 3
    assert result.mean == Fraction(5, 2)


def test_a_heavier_dimension_counts_more() -> None:
    rubric = small_rubric({"a": [1], "b": [1]}, weights={"a": 3, "b": 1})

    result = score(rubric, {"a1": 4, "b1": 1})

    assert result.mean == Fraction(13, 4)  # (3 x 4 + 1 x 1) / 4
    assert result.pillars == {"all": Fraction(13, 4)}
    assert result.score == Decimal("3.3")
    assert result.next_band.steps == 1  # a to 5: 16/4 = 4.0; b to 2 would give 14/4 = 3.5 as well


def test_a_dimension_with_an_unanswered_question_is_not_scored() -> None:
    rubric = small_rubric({"a": [1, 1], "b": [1]}, minimum_coverage="0.5")

    result = score(rubric, {"a1": 5, "b1": 2})

    assert result.dimensions == {"a": None, "b": Fraction(2)}
    assert (result.mean, result.coverage, result.missing) == (2, Fraction(1, 2), ("a2",))


def test_a_question_that_is_not_applicable_leaves_its_dimension_to_the_others() -> None:
    rubric = small_rubric({"a": [1, 1], "b": [1]})

    result = score(rubric, {"a1": Mark.NOT_APPLICABLE, "a2": 4, "b1": 2})

    assert result.dimensions == {"a": Fraction(4), "b": Fraction(2)}
    assert (result.coverage, result.not_applicable, result.missing) == (1, ("a1",), ())


def test_a_scale_from_0_scores_0_as_a_level() -> None:
    rubric = small_rubric({"a": [1], "b": [1]}, scale=(0, 4), floors=("1", "3"))

    result = score(rubric, {"a1": 0, "b1": 1})

    assert (result.mean, result.score, result.band) == (Fraction(1, 2), Decimal("0.5"), "band0")
    assert (result.weakest, result.spread, result.coverage) == (("a",), 1, 1)
    assert result.next_band.steps == 1  # 2/2 = 1.0


def test_not_sure_counts_as_the_level_that_the_version_says() -> None:
    rubric = small_rubric({"a": [1], "b": [1]}, scale=(0, 4), floors=("1", "3"))
    rubric = replace(rubric, scoring=replace(rubric.scoring, not_sure=2))

    result = score(rubric, {"a1": Mark.NOT_SURE, "b1": 3})

    assert result.dimensions["a"] == 2
    assert result.could_be == "band2"  # (4 + 3) / 2 = 3.5


def test_a_fraction_of_a_level_is_recorded_as_text() -> None:
    rubric = small_rubric({"a": [1, 1], "b": [1]})

    record = result_record(score(rubric, {"a1": 3, "a2": 4, "b1": 1}), "d")

    assert record["dimensions"] == {"a": "7/2", "b": 1}
    assert (record["mean"], record["spread"]) == ("9/4", "5/2")
    assert record["score"] == Decimal("2.3")
