"""Moving answers to a newer version: what each map says is done, and nothing that was said is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core import answers as answer_rules
from readiness.core.answers import LONGEST_NOTE, Answer, Mark
from readiness.core.moving import Aside, Moved, Outcome, Reason, Step, move, move_along
from readiness.core.rubric import Kind, Question, Rubric, Scoring
from readiness.core.scoring import score
from readiness.core.version_maps import NEW, Change, Origin, Take, VersionMap
from readiness.library.rubrics import RubricVersion
from readiness.services.versions import shipped_versions
from tests.core.pairs import answers_to, newer, notes_on, rubric_of, rubrics

SHIPPED = {version.id: version for version in shipped_versions(Path(__file__).parents[2] / "rubric")}

FIVE = Scoring(1, 5, 1, Fraction(4, 5), 1)
SAME = Origin(Change.SAME, ("a",))
FRUIT = ("apple", "pear", "plum")


def level(id: str, **more: Any) -> Question:
    return Question(id, Kind.LEVEL, f"d_{id}", **more)


def moved(
    before: Question | list[Question],
    answers: Mapping[str, Answer],
    after: Question | list[Question],
    *,
    scoring: Scoring = FIVE,
    notes: Mapping[str, str] | None = None,
    retired: tuple[str, ...] = (),
    **origins: Origin,
) -> Moved:
    """Move answers from some questions to others."""
    old = rubric_of("1", before if isinstance(before, list) else [before], FIVE)
    new = rubric_of("2", after if isinstance(after, list) else [after], scoring)
    return move(old, answers, new, VersionMap("1", origins, retired), notes=notes)


def outcome(moved: Moved, id: str = "a") -> Outcome:
    return next(effect.outcome for effect in moved.effects if effect.question == id)


# What each word of a map does


def test_the_answer_to_the_same_question_is_carried() -> None:
    done = moved(level("a"), {"a": 4}, level("a"), a=SAME)

    assert (done.answers, done.aside, outcome(done)) == ({"a": 4}, (), Outcome.CARRIED)


def test_the_answer_to_a_reworded_question_is_carried_and_to_be_confirmed() -> None:
    done = moved(level("a"), {"a": 4}, level("a"), a=Origin(Change.REWORDED, ("a",)))

    assert (done.answers, done.to_confirm) == ({"a": 4}, {"a"})


def test_a_new_question_has_no_answer() -> None:
    done = moved(level("a"), {"a": 4}, [level("a"), level("b")], a=SAME, b=NEW)

    assert (done.answers, outcome(done, "b")) == ({"a": 4}, Outcome.NEW)


def test_what_was_not_answered_stays_so() -> None:
    assert outcome(moved(level("a"), {}, level("a"), a=SAME)) is Outcome.UNANSWERED


def test_a_retired_question_is_kept_aside_with_its_note() -> None:
    done = moved([level("a"), level("b")], {"b": 2}, level("a"), a=SAME, retired=("b",), notes={"b": "Ask Mei."})

    assert done.aside == (Aside("1", "b", 2, "Ask Mei.", Reason.RETIRED),)


def test_levels_are_mapped_to_their_counterparts() -> None:
    options: dict[str, int | str | None] = {"1": 1, "2": 1, "3": 3, "4": None, "5": 5}
    origin = Origin(Change.OPTIONS, ("a",), options)

    assert moved(level("a"), {"a": 2}, level("a"), a=origin).answers == {"a": 1}
    assert outcome(moved(level("a"), {"a": 2}, level("a"), a=origin)) is Outcome.MAPPED
    assert moved(level("a"), {"a": Mark.NOT_SURE}, level("a"), a=origin).answers == {"a": Mark.NOT_SURE}
    gone = moved(level("a"), {"a": 4}, level("a"), a=origin)
    assert (gone.answers, outcome(gone)) == ({}, Outcome.DROPPED)
    assert gone.aside == (Aside("1", "a", 4, "", Reason.LEVEL_GONE),)


def test_a_question_may_come_from_one_with_another_id() -> None:
    origin = Origin(Change.OPTIONS, ("a",), {str(each): each for each in range(1, 6)})

    assert moved(level("a"), {"a": 4}, level("b"), b=origin).answers == {"b": 4}


def test_one_choice_may_become_a_level() -> None:
    fruit = Question("a", Kind.SINGLE, options=FRUIT)
    origin = Origin(Change.OPTIONS, ("a",), {"apple": 1, "pear": 5, "plum": None})

    assert moved(fruit, {"a": "pear"}, level("b"), b=origin).answers == {"b": 5}
    assert moved(fruit, {"a": "plum"}, level("b"), b=origin).aside[0].reason is Reason.OPTION_GONE


def test_of_several_options_those_that_remain_are_carried_and_the_whole_is_kept_aside() -> None:
    many = Question("a", Kind.MULTIPLE, options=FRUIT, other=True)
    origin = Origin(Change.OPTIONS, ("a",), {"apple": "apple", "pear": "apple", "plum": None})
    chosen = ("pear", "plum", "other: kiwi", "apple")

    done = moved(many, {"a": chosen}, replace(many, options=("apple", "fig")), a=origin)

    assert done.answers == {"a": ("apple", "other: kiwi")}
    assert done.aside == (Aside("1", "a", chosen, "", Reason.OPTION_GONE),)


def test_what_was_written_in_is_kept_aside_where_nothing_can_be_written_any_more() -> None:
    many = Question("a", Kind.MULTIPLE, options=FRUIT, other=True)

    done = moved(many, {"a": ("other: kiwi",)}, replace(many, other=False), a=SAME)

    assert (done.answers, done.aside[0].answer) == ({}, ("other: kiwi",))


def test_that_nothing_was_chosen_of_several_is_an_answer_too() -> None:
    many = Question("a", Kind.MULTIPLE, options=FRUIT)

    assert moved(many, {"a": ()}, many, a=SAME).answers == {"a": ()}


def test_a_matrix_keeps_the_rows_and_options_that_remain() -> None:
    before = Question("a", Kind.MATRIX, options=FRUIT, rows=("morning", "evening"))
    chosen = (("morning", "plum"), ("evening", "apple"))

    done = moved(before, {"a": chosen}, replace(before, rows=("evening", "night")), a=Origin(Change.REWORDED, ("a",)))

    assert done.answers == {"a": (("evening", "apple"),)}
    assert done.aside == (Aside("1", "a", chosen, "", Reason.OPTION_GONE),)


@pytest.mark.parametrize(("kind", "value"), [(Kind.NUMBER, 12), (Kind.SHORT_TEXT, "We sell fish.")])
def test_numbers_and_texts_are_carried(kind: Kind, value: Answer) -> None:
    assert moved(Question("a", kind), {"a": value}, Question("a", kind), a=SAME).answers == {"a": value}


def test_an_answer_of_another_kind_is_kept_aside() -> None:
    done = moved(Question("a", Kind.NUMBER), {"a": 3}, level("a"), a=Origin(Change.REWORDED, ("a",)))

    assert done.aside == (Aside("1", "a", 3, "", Reason.OTHER_KIND),)


def test_a_level_outside_the_new_scale_is_kept_aside() -> None:
    done = moved(level("a"), {"a": 5}, level("a"), scoring=replace(FIVE, highest=4), a=SAME)

    assert (done.answers, done.aside) == ({}, (Aside("1", "a", 5, "", Reason.LEVEL_GONE),))


def test_not_applicable_is_kept_aside_where_it_is_offered_no_more() -> None:
    before = level("a", not_applicable=True)

    done = moved(before, {"a": Mark.NOT_APPLICABLE}, level("a"), a=Origin(Change.REWORDED, ("a",)))

    assert (done.answers, done.aside[0].reason) == ({}, Reason.NOT_APPLICABLE_GONE)


# Merged and split


@pytest.mark.parametrize(
    ("answers", "take", "merged", "left"),
    [
        ((2, 4), Take.LOWEST, 2, {"b": 4}),
        ((2, 4), Take.HIGHEST, 4, {"a": 2}),
        ((3, 3), Take.LOWEST, 3, {}),
        ((Mark.NOT_SURE, 4), Take.LOWEST, Mark.NOT_SURE, {"b": 4}),
        ((Mark.NOT_SURE, 1), Take.LOWEST, Mark.NOT_SURE, {"b": 1}),
        ((Mark.NOT_SURE, 1), Take.HIGHEST, 1, {"a": Mark.NOT_SURE}),
        ((Mark.NOT_APPLICABLE, 4), Take.LOWEST, 4, {"a": Mark.NOT_APPLICABLE}),
        ((Mark.NOT_APPLICABLE, Mark.NOT_APPLICABLE), Take.LOWEST, Mark.NOT_APPLICABLE, {}),
    ],
)
def test_of_merged_answers_one_counts_and_is_to_be_confirmed_and_the_other_is_kept_aside(
    answers: tuple[Answer, Answer], take: Take, merged: Answer, left: dict[str, Answer]
) -> None:
    before = [level("a", not_applicable=True), level("b", not_applicable=True)]
    origin = Origin(Change.MERGED, ("a", "b"), take=take)

    done = moved(before, dict(zip("ab", answers, strict=True)), level("c", not_applicable=True), c=origin)

    assert (done.answers, done.to_confirm) == ({"c": merged}, {"c"})
    assert {each.question: each.answer for each in done.aside} == left
    assert {each.reason for each in done.aside} <= {Reason.MERGED}


def test_half_of_what_was_merged_is_no_answer() -> None:
    done = moved([level("a"), level("b")], {"a": 3}, level("c"), c=Origin(Change.MERGED, ("a", "b")))

    assert (done.answers, outcome(done, "c")) == ({}, Outcome.DROPPED)
    assert done.aside == (Aside("1", "a", 3, "", Reason.MERGE_INCOMPLETE),)


def test_notes_of_merged_questions_stand_together_as_far_as_there_is_room() -> None:
    origin = Origin(Change.MERGED, ("a", "b", "c"))
    long = "x" * (LONGEST_NOTE - 5)

    done = moved(
        [level("a"), level("b"), level("c")],
        {"a": 2, "b": 2, "c": 2},
        level("d"),
        d=origin,
        notes={"a": "One.", "b": long, "c": "Two."},
    )

    assert done.notes == {"d": f"One.\n{long}"}
    assert done.aside == (Aside("1", "c", None, "Two.", Reason.NOTE_TOO_LONG),)


def test_each_part_of_a_split_question_has_its_answer_and_note_to_be_confirmed() -> None:
    split = Origin(Change.SPLIT, ("a",))

    done = moved(level("a"), {"a": 3}, [level("b"), level("c")], b=split, c=split, notes={"a": "Ask Mei."})

    assert done.answers == {"b": 3, "c": 3}
    assert done.notes == {"b": "Ask Mei.", "c": "Ask Mei."}
    assert done.to_confirm == {"b", "c"}
    assert done.aside == ()


# Several versions


def test_several_versions_are_gone_through_one_after_the_other() -> None:
    first = rubric_of("1", [level("a"), level("b"), level("c")], FIVE)
    second = rubric_of("2", [level("a"), level("b"), level("d")], FIVE)
    third = rubric_of("3", [level("a"), level("e"), level("f")], FIVE)
    half: dict[str, int | str | None] = {"1": 1, "2": 1, "3": 2, "4": 2, "5": 3}
    steps = [
        Step(second, VersionMap("1", {"a": Origin(Change.REWORDED, ("a",)), "b": Origin(Change.OPTIONS, ("b",), half),
                                      "d": NEW}, ("c",))),
        Step(third, VersionMap("2", {"a": SAME, "e": Origin(Change.OPTIONS, ("b",), half),
                                     "f": Origin(Change.SPLIT, ("d",))})),
    ]  # fmt: skip

    done = move_along(first, {"a": 4, "b": 5, "c": 2}, steps)

    assert done.answers == {"a": 4, "e": 2}
    assert [(effect.question, effect.outcome, effect.sources) for effect in done.effects] == [
        ("a", Outcome.TO_CONFIRM, ("a",)),
        ("e", Outcome.MAPPED, ("b",)),
        ("f", Outcome.NEW, ()),
    ]
    assert done.aside == (Aside("1", "c", 2, "", Reason.RETIRED),)


def test_what_was_to_be_confirmed_stays_so() -> None:
    rubric = rubric_of("1", [level("a")], FIVE)
    step = Step(rubric_of("2", [level("a")], FIVE), VersionMap("1", {"a": SAME}))

    assert move_along(rubric, {"a": 4}, [step], to_confirm={"a"}).to_confirm == {"a"}


# What holds of every map


@st.composite
def cases(draw: Callable[[Any], Any]) -> tuple[Rubric, dict[str, Answer], dict[str, str], list[Step]]:
    """Make up a rubric, what was said under it, and up to three later versions."""
    first = draw(rubrics())
    steps, last = [], first
    for number in range(2, 2 + draw(st.integers(1, 3))):
        rubric, map = draw(newer(last, number))
        steps.append(Step(rubric, map))
        last = rubric
    return first, draw(answers_to(first)), draw(notes_on(first)), steps


@settings(deadline=None, max_examples=300)
@given(cases())
def test_moving_never_fails_and_loses_nothing(
    case: tuple[Rubric, dict[str, Answer], dict[str, str], list[Step]],
) -> None:
    first, answers, notes, steps = case

    old, answers_before, notes_before = first, answers, notes
    for step in steps:
        done = move(old, answers_before, step.rubric, step.map, notes=notes_before)
        assert_nothing_lost(old, answers_before, notes_before, step, done)
        old, answers_before, notes_before = step.rubric, done.answers, dict(done.notes)

    assert move_along(first, answers, steps, notes=notes).answers == answers_before


@settings(deadline=None, max_examples=300)
@given(cases())
def test_what_is_moved_can_be_read_scored_and_moved_again_with_the_same_outcome(
    case: tuple[Rubric, dict[str, Answer], dict[str, str], list[Step]],
) -> None:
    first, answers, notes, steps = case
    newest = steps[-1].rubric

    done = move_along(first, answers, steps, notes=notes)
    again = move_along(newest, done.answers, [], notes=done.notes, to_confirm=done.to_confirm)

    for id, answer in done.answers.items():
        assert answer_rules.read(newest, id, answer_rules.plain(answer)) == answer
    assert score(newest, done.answers).rubric == newest.id
    assert [effect.question for effect in done.effects] == [question.id for question in newest.questions]
    assert move_along(first, answers, steps, notes=notes) == done
    assert (again.answers, again.notes, again.to_confirm, again.aside) == (
        done.answers, done.notes, done.to_confirm, (),
    )  # fmt: skip


def assert_nothing_lost(
    old: Rubric, answers: Mapping[str, Answer], notes: Mapping[str, str], step: Step, done: Moved
) -> None:
    """Assert that each answer and each note is carried by a successor, or kept aside."""
    successors: dict[str, list[str]] = {}
    for id, origin in step.map.questions.items():
        for source in origin.sources:
            successors.setdefault(source, []).append(id)
    for id, answer in answers.items():
        kept = (id, answer) in {(each.question, each.answer) for each in done.aside}
        carried = any(_holds(step, successor, id, answer, done) for successor in successors.get(id, ()))
        assert kept or carried, (id, answer, done)
    for id, note in notes.items():
        kept = any(each.question == id and each.note == note for each in done.aside)
        carried = any(note in done.notes.get(successor, "") for successor in successors.get(id, ()))
        assert kept or carried, (id, note, done)
    assert all(each.rubric == old.id for each in done.aside)


def _holds(step: Step, successor: str, source: str, answer: Answer, done: Moved) -> bool:
    """Return whether the whole of an answer stands in a successor, by the words of the map alone."""
    now = done.answers.get(successor)
    origin = step.map.questions[successor]
    if now is None or origin.change is not Change.OPTIONS or isinstance(answer, Mark):
        return now == answer
    if not isinstance(answer, tuple):
        return now == origin.options[str(answer)]
    plain = [each if isinstance(each, tuple) else ("", each) for each in answer]
    expected = {(row, option if option.startswith("other: ") else origin.options[option]) for row, option in plain}
    assert isinstance(now, tuple)
    return {each if isinstance(each, tuple) else ("", each) for each in now} == expected


# The shipped versions


def test_every_shipped_version_with_a_map_has_its_predecessor_beside_it() -> None:
    assert all(version.map is None or version.map.before in SHIPPED for version in SHIPPED.values())


@pytest.mark.parametrize("number", SHIPPED)
@settings(deadline=None)
@given(data=st.data())
def test_moving_from_any_shipped_version_to_any_later_one_never_fails_and_loses_nothing(
    number: str, data: st.DataObject
) -> None:
    old, steps = way_to(SHIPPED[number], data.draw(st.integers(0, len(SHIPPED))))
    answers, notes = data.draw(answers_to(old)), data.draw(notes_on(old))

    done = move_along(old, answers, steps, notes=notes)

    for step in steps:
        moved = move(old, answers, step.rubric, step.map, notes=notes)
        assert_nothing_lost(old, answers, notes, step, moved)
        old, answers, notes = step.rubric, moved.answers, dict(moved.notes)
    assert (done.answers, done.notes) == (answers, notes)
    assert score(SHIPPED[number].rubric, done.answers).rubric == number


def way_to(version: RubricVersion, length: int) -> tuple[Rubric, list[Step]]:
    """Return the version up to so many maps before *version*, and the steps from there."""
    steps: list[Step] = []
    while version.map is not None and len(steps) < length:
        steps.insert(0, Step(version.rubric, version.map))
        version = SHIPPED[version.map.before]
    return version.rubric, steps
