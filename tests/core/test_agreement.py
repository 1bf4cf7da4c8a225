"""How far apart people were, exactly, and what may be shown without naming anyone."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.agreement import agreement, differ, may_be_shown, shown_by_role
from readiness.core.answers import Answer, Mark

ANSWERS: st.SearchStrategy[Answer] = st.one_of(st.integers(1, 5), st.sampled_from(Mark))
VOICES = st.lists(st.tuples(st.sampled_from(["owner", "sales", "it", "staff"]), ANSWERS), max_size=14)


@pytest.mark.parametrize(
    ("voices", "spread", "deviation", "low"),
    [
        ([3, 3], 0, "0", False),
        ([2, 3], 1, "1/2", False),
        ([2, 4], 2, "1", True),
        ([1, 2, 5], 4, "14/9", True),
        ([2, 3, 3, 4], 2, "1/2", False),
        # One voice far from eleven others is heard.
        ([*[3] * 11, 5], 2, "11/36", False),
        ([*[2] * 11, 5], 3, "11/24", True),
    ],
)
def test_agreement_is_reckoned_exactly(voices: list[Answer], spread: int, deviation: str, low: bool) -> None:
    found = agreement([voices])

    assert found is not None
    assert (found.range, found.deviation, found.is_low) == (spread, Fraction(deviation), low)


def test_who_is_not_sure_is_no_level() -> None:
    assert agreement([[2, Mark.NOT_SURE, 3, Mark.NOT_APPLICABLE]]) == agreement([[2, 3]])


@pytest.mark.parametrize("voices", [[], [4], [Mark.NOT_SURE] * 3, [4, Mark.NOT_SURE]])
def test_fewer_than_two_levels_are_neither_near_nor_far(voices: list[Answer]) -> None:
    assert agreement([voices]) is None


def test_each_question_of_a_dimension_is_compared_with_itself() -> None:
    found = agreement([[1, 1], [5, 5], [2, 4]])

    assert found is not None
    assert (found.levels, found.range, found.deviation) == (6, 2, Fraction(1, 3))


@given(st.lists(st.integers(1, 5), min_size=2, max_size=40))
def test_the_deviation_is_never_more_than_half_the_range(voices: list[int]) -> None:
    found = agreement([voices])

    assert found is not None
    assert 0 <= found.deviation <= Fraction(found.range, 2)
    assert (found.range == 0) == (not differ(voices))


@given(st.lists(st.integers(1, 5), min_size=2, max_size=40), st.randoms())
def test_who_spoke_first_changes_nothing(voices: list[int], random: object) -> None:
    shuffled = list(voices)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert agreement([shuffled]) == agreement([voices])


def test_a_role_is_shown_when_two_hold_it() -> None:
    voices: list[tuple[str, Answer]] = [("staff", 2), ("staff", 1), ("owner", 4), ("sales", 3), ("it", 3)]

    assert shown_by_role(voices) == {"staff": Counter({2: 1, 1: 1})}


@pytest.mark.parametrize("left", [("owner",), ("owner", "sales")])
def test_no_role_is_shown_where_one_or_two_voices_would_be_left_over(left: tuple[str, ...]) -> None:
    voices: list[tuple[str, Answer]] = [("staff", 2), ("staff", 1), ("staff", 1), *((role, 4) for role in left)]

    assert shown_by_role(voices) == {}


@given(VOICES)
def test_whoever_takes_the_shown_roles_and_their_own_voice_away_is_left_with_no_single_one(
    voices: list[tuple[str, Answer]],
) -> None:
    shown = shown_by_role(voices)

    left = Counter(answer for _, answer in voices)
    for role, answers in shown.items():
        assert sum(1 for each, _ in voices if each == role) == answers.total() >= 2
        left -= answers
    assert not shown or left.total() - 1 not in (0, 1)


@given(VOICES)
def test_nothing_of_a_role_is_shown_that_only_one_person_holds(voices: list[tuple[str, Answer]]) -> None:
    held = Counter(role for role, _ in voices)

    assert all(held[role] > 1 for role in shown_by_role(voices))


@pytest.mark.parametrize(("voices", "shown"), [(0, False), (1, False), (2, True)])
def test_one_voice_alone_is_not_shown(voices: int, shown: bool) -> None:
    assert may_be_shown(voices) is shown
