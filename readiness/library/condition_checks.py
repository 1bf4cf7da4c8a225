"""Whether the conditions of questions name what exists, go in a circle, or could never hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from typing import Any

from readiness.core.answers import Mark
from readiness.core.conditions import All, AnyOf, Condition, Not, Test, holds, questions_in
from readiness.core.rubric import Kind
from readiness.library.conditions import read_condition
from readiness.library.findings import Finding, Findings
from readiness.library.rubric_files import QuestionForm, RubricForm

#: Combinations of answers that are tried before a condition is taken to be possible.
MOST_TRIED = 50_000
#: Tests of one question; with more of them a condition is taken to be possible.
MOST_TESTED = 12


def check_conditions(form: RubricForm) -> Findings:
    """Yield what is wrong with each ``show_when``."""
    questions = {question.id: question for question in form.questions}
    conditions: dict[str, Condition] = {}
    for question in form.questions:
        if question.show_when is not None:
            try:
                conditions[question.id] = read_condition(question.show_when)
            except ValueError as error:
                yield Finding(_place(question.id), "is no condition", str(error))
    circle = _circle(conditions, questions)
    if circle:
        problem = "conditions go in a circle: " + " -> ".join(circle)
        yield Finding(_place(circle[-1]), problem, "let a question depend on earlier ones only")
    sound = True
    for id, condition in conditions.items():
        wrong = list(_wrong(form, id, condition, questions, circle))
        sound = sound and not wrong
        yield from wrong
    if sound and not circle:
        for id, condition in conditions.items():
            if not _can_hold(form, condition, conditions, questions):
                problem = "can never hold: whatever is answered, the question is not shown"
                yield Finding(_place(id), problem, "mend the condition, or remove the question")


def _place(id: str) -> str:
    return f"questions.{id}.show_when"


def _circle(conditions: Mapping[str, Condition], questions: Mapping[str, QuestionForm]) -> list[str]:
    """Return the ids of questions that depend on each other, the first one again at the end, or nothing."""
    after = {id: questions_in(condition) & questions.keys() for id, condition in conditions.items()}
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _wrong(
    form: RubricForm, id: str, condition: Condition, questions: Mapping[str, QuestionForm], circle: list[str]
) -> Findings:
    order = list(questions)
    for test in _tests(condition):
        asked = questions.get(test.question)
        if asked is None:
            yield Finding(_place(id), f"there is no question {test.question}", "name an earlier question")
        elif order.index(test.question) >= order.index(id):
            if test.question not in circle:
                yield Finding(
                    _place(id), f"{test.question} is not asked before it", "move the question, or the condition"
                )
        else:
            allowed = _takes(form, asked, test)
            if allowed is not None:
                problem = f"{test.question} {test.operator} {test.value} can never hold"
                yield Finding(_place(id), problem, allowed)


def _takes(form: RubricForm, asked: QuestionForm, test: Test) -> str | None:
    """Say what a test of this question may be, or None if it may be what it is."""
    scale = form.scoring.scale
    levels = range(scale.lowest, scale.highest + 1)
    options = [option.id for option in asked.options]
    match asked.kind, test.operator:
        case Kind.LEVEL, "equals":
            right = test.value in (*levels, Mark.NOT_SURE) or (
                test.value == Mark.NOT_APPLICABLE and asked.not_applicable
            )
            return (
                None
                if right
                else f"a level from {scale.lowest} to {scale.highest}, not_sure or, if offered, not_applicable"
            )
        case Kind.LEVEL, "at_least":
            return None if test.value in levels else f"a level from {scale.lowest} to {scale.highest}"
        case (Kind.SINGLE, "equals") | (Kind.MULTIPLE, "includes"):
            return None if test.value in options else f"one of {', '.join(options)}"
        case (Kind.NUMBER, "equals") | (Kind.NUMBER, "at_least"):
            return None if isinstance(test.value, int) else "a whole number"
        case Kind.SHORT_TEXT, "equals":
            return None if isinstance(test.value, str) and test.value else "a text"
    return {
        Kind.LEVEL: "test a level by equals or at_least",
        Kind.SINGLE: "test a single choice by equals",
        Kind.MULTIPLE: "test a multiple choice by includes",
        Kind.NUMBER: "test a number by equals or at_least",
        Kind.SHORT_TEXT: "test a short text by equals",
        Kind.MATRIX: "a matrix cannot be tested",
    }[asked.kind]


def _can_hold(
    form: RubricForm,
    condition: Condition,
    conditions: Mapping[str, Condition],
    questions: Mapping[str, QuestionForm],
) -> bool:
    """Return whether some answers make *condition* hold, hidden questions being unanswered."""
    needed, waiting = set[str](), [condition]
    while waiting:
        for id in questions_in(waiting.pop()) - needed:
            needed.add(id)
            if id in conditions:
                waiting.append(conditions[id])
    order = [id for id in questions if id in needed]
    tests = [
        test for each in (condition, *(conditions[id] for id in order if id in conditions)) for test in _tests(each)
    ]
    if any(sum(test.question == id for test in tests) > MOST_TESTED for id in order):
        return True
    values = {id: _values(form, questions[id], [test for test in tests if test.question == id]) for id in order}
    tried = 0

    def possible(place: int, answers: dict[str, Any]) -> bool:
        nonlocal tried
        if place == len(order):
            tried += 1
            return tried > MOST_TRIED or holds(condition, answers)
        id = order[place]
        shown = id not in conditions or holds(conditions[id], answers)
        return any(possible(place + 1, {**answers, id: value}) for value in (values[id] if shown else [None]))

    return possible(0, {})


def _values(form: RubricForm, question: QuestionForm, tests: list[Test]) -> list[Any]:
    """Return an answer for each way in which the tests can tell answers apart; None is no answer."""
    named = sorted({test.value for test in tests}, key=str)
    match question.kind:
        case Kind.LEVEL:
            scale = form.scoring.scale
            marks = [Mark.NOT_SURE] + ([Mark.NOT_APPLICABLE] if question.not_applicable else [])
            return [*range(scale.lowest, scale.highest + 1), *marks, None]
        case Kind.SINGLE:
            return [*(option.id for option in question.options), None]
        case Kind.MULTIPLE:
            picked = [tuple(each) for size in range(len(named) + 1) for each in combinations(named, size)]
            return [*picked, None]
        case Kind.NUMBER:
            return [*sorted({int(number) + step for number in named for step in (-1, 0, 1)}), None]
        case _:
            return [*named, None]


def _tests(condition: Condition) -> Iterator[Test]:
    match condition:
        case All(conditions) | AnyOf(conditions):
            for each in conditions:
                yield from _tests(each)
        case Not(inner):
            yield from _tests(inner)
        case Test():
            yield condition
