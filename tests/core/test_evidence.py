"""How much of a score is evidenced, exactly, and what a level that is held back changes."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.answers import Answer, Mark
from readiness.core.evidence import Grade, Held, Shares, can_be_held, check, counted, percent, shares
from readiness.core.evidence_records import CheckedUnreadable, checked_record, read_checked, read_judgement
from readiness.core.rubric import Rubric
from readiness.core.scoring import score
from readiness.library.canonical import readable
from tests.core.test_scoring import PROPERTY, shipped, small_rubric, small_rubrics
from tests.web.conftest import LEVELS

CHECKED, SHOWN = Grade.CHECKED, Grade.SHOWN


def test_the_share_is_that_of_the_levels_and_not_of_the_answers() -> None:
    # 41 levels in all; the two that were checked are 4 and 1 of them.
    grades = {"management_support": CHECKED, "ai_governance": CHECKED, "ai_talent": SHOWN}

    found = check(shipped(), LEVELS, {}, grades)

    assert (found.checked, found.shown) == (Fraction(5, 41), Fraction(3, 41))


def test_both_shares_are_printed_over_all_levels_and_never_reduced() -> None:
    # 41 levels; 4 held back to 2 leaves 39, of which 3 are not said as 1/13.
    held = {"management_support": Held(2, "No budget")}
    found = check(shipped(), LEVELS, held, {"management_support": CHECKED, "ai_talent": SHOWN})

    assert found.shown == Fraction(1, 13)
    assert shares(shipped(), found) == Shares(checked=2, shown=3, of=39)


def test_a_share_that_is_no_whole_number_of_levels_is_printed_over_a_multiple_of_them() -> None:
    rubric = small_rubric({"a": [1, 1], "b": [1]})

    found = check(rubric, {"a1": 1, "a2": 2, "b1": 4}, {}, {"a1": CHECKED, "b1": SHOWN})

    # Of 5 1/2 levels, 3/4 and 4.
    assert shares(rubric, found) == Shares(checked=3, shown=16, of=22)


@pytest.mark.parametrize(
    ("part", "of", "printed"),
    [(4, 27, 15), (9, 28, 32), (1, 8, 13), (0, 27, 0), (1, 1000, 1), (27, 27, 100), (999, 1000, 99), (0, 0, 0)],
)
def test_per_cent_are_rounded_half_up_and_only_all_is_a_hundred(part: int, of: int, printed: int) -> None:
    assert percent(part, of) == printed


def test_a_level_that_is_held_back_counts_as_what_it_is_held_back_to() -> None:
    found = check(shipped(), LEVELS, {"management_support": Held(2, "No budget")}, {"management_support": CHECKED})

    assert found.result.mean == Fraction(39, 12)
    assert found.checked == Fraction(2, 39)
    assert score(shipped(), LEVELS).mean == Fraction(41, 12)


def test_of_several_questions_the_evidenced_ones_count_by_their_weight() -> None:
    rubric = small_rubric({"a": [1, 3], "b": [1]})
    answers: dict[str, Answer] = {"a1": 1, "a2": 5, "b1": 4}

    found = check(rubric, answers, {}, {"a1": CHECKED, "b1": SHOWN})

    # a is at level 4; a quarter of it was checked: 1 of 8.
    assert (found.checked, found.shown) == (Fraction(1, 8), Fraction(1, 2))


def test_an_answer_that_nobody_knows_or_that_is_left_out_is_never_evidenced() -> None:
    rubric = small_rubric({"a": [1, 1], "b": [1], "c": [1]}, minimum_coverage="0.5")
    answers: dict[str, Answer] = {"a1": 3, "a2": Mark.NOT_SURE, "b1": 4, "c1": Mark.NOT_APPLICABLE}

    found = check(rubric, answers, {}, {"a1": CHECKED, "a2": CHECKED, "c1": CHECKED})

    # a is at level 2, half of it from the answer that is known.
    assert found.checked == Fraction(1, 6)


@pytest.mark.parametrize(
    ("level", "held"), [(1, True), (3, True), (4, False), (5, False), (0, False), (True, False), ("1", False)]
)
def test_a_level_is_held_back_to_a_lower_one_that_is_offered(level: object, held: bool) -> None:
    assert can_be_held(shipped(), "management_support", 4, level) is held


@pytest.mark.parametrize("answer", [Mark.NOT_SURE, None, "4"])
def test_only_a_level_can_be_held_back(answer: Answer | None) -> None:
    assert not can_be_held(shipped(), "management_support", answer, 1)


@st.composite
def judged(draw: st.DrawFn) -> tuple[Rubric, dict[str, Answer], dict[str, Held], dict[str, Grade]]:
    rubric = draw(small_rubrics())
    levels = st.sampled_from(list(rubric.scoring.levels))
    answers: dict[str, Answer] = {question.id: draw(levels) for question in rubric.questions}
    held = {
        id: Held(level, "why")
        for id, answer in answers.items()
        if draw(st.booleans()) and can_be_held(rubric, id, answer, level := draw(levels))
    }
    grades = {id: draw(st.sampled_from([CHECKED, SHOWN])) for id in answers if draw(st.booleans())}
    return rubric, answers, held, grades


@PROPERTY
@given(judged())
def test_no_share_is_more_than_the_whole_and_holding_back_raises_nothing(
    case: tuple[Rubric, dict[str, Answer], dict[str, Held], dict[str, Grade]],
) -> None:
    rubric, answers, held, grades = case
    own = score(rubric, answers)

    found = check(rubric, answers, held, grades)

    assert 0 <= found.checked + found.shown <= 1
    assert all(level <= (own.dimensions[id] or 0) for id, level in found.result.dimensions.items() if level is not None)
    assert found.result.mean is None or found.result.mean <= (own.mean or 0)
    if sum(level or 0 for level in found.result.dimensions.values()):
        assert check(rubric, answers, held, dict.fromkeys(answers, CHECKED)).checked == 1
    again = json.loads(readable(checked_record(found, "sha256:0")), parse_float=Decimal)
    assert read_checked(again, rubric) == found
    assert read_judgement(again, rubric, answers) == (held, grades)


def test_what_the_company_said_stays_as_it_was() -> None:
    answers = dict(LEVELS)

    assert counted(answers, {"ai_talent": Held(1, "why")})["ai_talent"] == 1
    assert answers == LEVELS


@pytest.mark.parametrize(
    ("record", "place"),
    [
        (None, "checked:"),
        ([], "checked:"),
        ({"evidence": {}}, "checked.held_back:"),
        ({"held_back": {}, "evidence": []}, "checked.evidence:"),
        ({"held_back": {"none": {"level": 1, "reason": "x"}}, "evidence": {}}, "checked.held_back.none:"),
        ({"held_back": {"ai_talent": {"level": 3, "reason": "x"}}, "evidence": {}}, "checked.held_back.ai_talent:"),
        ({"held_back": {"ai_talent": {"level": 2, "reason": ""}}, "evidence": {}}, "checked.held_back.ai_talent:"),
        ({"held_back": {"ai_talent": {"level": True, "reason": "x"}}, "evidence": {}}, "checked.held_back.ai_talent:"),
        ({"held_back": {"ai_talent": 2}, "evidence": {}}, "checked.held_back.ai_talent:"),
        ({"held_back": {}, "evidence": {"ai_talent": "said"}}, "checked.evidence.ai_talent:"),
        ({"held_back": {}, "evidence": {"ai_talent": ["checked"]}}, "checked.evidence.ai_talent:"),
        ({"held_back": {}, "evidence": {"none": "checked"}}, "checked.evidence.none:"),
    ],
)
def test_a_judgement_that_cannot_be_is_named(record: object, place: str) -> None:
    with pytest.raises(CheckedUnreadable) as refused:
        read_judgement(record, shipped(), LEVELS)

    assert [problem.split(" ")[0] for problem in refused.value.problems] == [place]
