"""``show_when``: conditions that hide a question without losing its answer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core import conditions
from readiness.core.answers import Answer, Mark, visible
from readiness.core.conditions import All, AnyOf, Condition, Not, holds, questions_in
from readiness.core.rubric import Band, Dimension, Gate, Kind, Pillar, Question, Rubric, Scoring
from readiness.core.scoring import score

#: A test of one answer; under a name of its own, since pytest collects what is called Test.
asks = conditions.Test

USES_AI = asks("uses", "includes", "chatbot")
HAS_SHOP = asks("premises", "equals", "shop")
AT_LEAST_3 = asks("a", "at_least", 3)

#: Two choices that are not scored, then three dimensions, of which b and c may be hidden.
RUBRIC = Rubric(
    id="conditional",
    pillars=(Pillar("all"),),
    dimensions=(Dimension("a", "all"), Dimension("b", "all"), Dimension("c", "all")),
    questions=(
        Question("premises", Kind.SINGLE, options=("shop", "office")),
        Question("uses", Kind.MULTIPLE, options=("chatbot", "forecast"), other=True),
        Question("a", Kind.LEVEL, "a"),
        Question("b", Kind.LEVEL, "b", show_when=HAS_SHOP),
        Question("c", Kind.LEVEL, "c", show_when=AnyOf((USES_AI, AT_LEAST_3))),
    ),
    bands=(Band("low", None), Band("high", Fraction(3))),
    gates=(),
    scoring=Scoring(1, 5, 1, Fraction(1, 3), 1),
)

levels = st.one_of(st.integers(1, 5), st.just(Mark.NOT_SURE))
conditional_answers = st.fixed_dictionaries(
    {},
    optional={
        "premises": st.sampled_from(["shop", "office"]),
        "uses": st.sampled_from([("chatbot",), ("forecast",), ("forecast", "chatbot"), ("other: sorting",)]),
        "a": levels,
        "b": levels,
        "c": levels,
    },
)


@pytest.mark.parametrize(
    ("condition", "holds_now"),
    [
        (HAS_SHOP, True),
        (asks("premises", "equals", "office"), False),
        (asks("premises", "includes", "shop"), False),  # a single choice holds no list
        (USES_AI, True),
        (asks("uses", "includes", "forecast"), False),
        (asks("uses", "equals", "chatbot"), False),
        (AT_LEAST_3, True),
        (asks("a", "at_least", 4), False),
        (asks("a", "equals", 3), True),
        (asks("unsure", "equals", "not_sure"), True),
        (asks("unsure", "at_least", 1), False),  # "not sure" is no level
        (asks("absent", "equals", "shop"), False),
        (asks("absent", "at_least", 1), False),
        (asks("absent", "includes", "chatbot"), False),
        (Not(asks("absent", "equals", "shop")), True),
        (Not(HAS_SHOP), False),
        (All((HAS_SHOP, USES_AI)), True),
        (All((HAS_SHOP, asks("a", "at_least", 4))), False),
        (All(()), True),
        (AnyOf((asks("a", "at_least", 4), HAS_SHOP)), True),
        (AnyOf((asks("a", "at_least", 4), Not(HAS_SHOP))), False),
        (AnyOf(()), False),
    ],
)
def test_a_condition_looks_at_other_answers(condition: Condition, holds_now: bool) -> None:
    answers: dict[str, Answer] = {"premises": "shop", "uses": ("chatbot",), "a": 3, "unsure": Mark.NOT_SURE}

    assert holds(condition, answers) is holds_now


def test_a_condition_names_every_question_that_it_looks_at() -> None:
    condition = All((HAS_SHOP, Not(AnyOf((USES_AI, AT_LEAST_3)))))

    assert questions_in(condition) == {"premises", "uses", "a"}


def test_a_hidden_question_is_neither_scored_nor_missing() -> None:
    hidden = score(RUBRIC, {"premises": "office", "uses": ("chatbot",), "a": 4, "b": 1, "c": 2})

    assert hidden.dimensions == {"a": 4, "b": None, "c": 2}
    assert (hidden.mean, hidden.coverage, hidden.missing) == (3, Fraction(2, 3), ())


def test_a_hidden_not_sure_is_not_counted_as_one() -> None:
    result = score(RUBRIC, {"premises": "office", "uses": ("chatbot",), "a": 2, "b": Mark.NOT_SURE, "c": 2})

    assert (result.not_sure, result.could_be) == ((), "low")


def test_an_answer_that_was_hidden_counts_again_when_its_question_is_shown_again() -> None:
    answers: dict[str, Answer] = {"premises": "shop", "uses": ("chatbot",), "a": 4, "b": 1, "c": 2}
    kept = dict(answers)
    before = score(RUBRIC, answers)

    hidden = score(RUBRIC, {**answers, "premises": "office"})
    again = score(RUBRIC, {**answers, "premises": "shop"})

    assert hidden != before
    assert again == before
    assert answers == kept


@settings(deadline=None, derandomize=True, max_examples=200)
@given(answers=conditional_answers)
def test_a_hidden_answer_changes_nothing_in_the_result(answers: dict[str, Answer]) -> None:
    shown = {question.id for question in visible(RUBRIC, answers)}

    result = score(RUBRIC, answers)

    assert result == score(RUBRIC, {id: answer for id, answer in answers.items() if id in shown})
    assert set(result.not_sure) | set(result.missing) <= shown


def test_an_answer_that_is_itself_hidden_shows_no_other_question() -> None:
    # "uses" is asked of shops only, and c is asked of those who use a chatbot: an office is asked neither.
    questions = tuple(
        replace(question, show_when={"uses": HAS_SHOP, "c": USES_AI}.get(question.id)) for question in RUBRIC.questions
    )
    rubric = replace(RUBRIC, questions=questions)

    shown = visible(rubric, {"premises": "office", "uses": ("chatbot",), "a": 4, "b": 3, "c": 1})

    assert [question.id for question in shown] == ["premises", "a", "b"]


def test_a_gate_on_a_hidden_dimension_still_gives_a_result() -> None:
    rubric = replace(RUBRIC, gates=(Gate("shop_first", "b", 3, "low"),))

    result = score(rubric, {"premises": "office", "uses": ("chatbot",), "a": 5, "c": 5})

    assert (result.band_by_score, result.band) == ("high", "low")
