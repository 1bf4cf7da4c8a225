"""Conditions that decide whether a question is shown: data, never evaluated code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Test:
    """A test of one other question's answer."""

    question: str
    operator: Literal["equals", "includes", "at_least"]
    value: str | int


@dataclass(frozen=True, slots=True)
class All:
    """True when every condition is."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one condition is."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when the condition is not."""

    condition: Condition


Condition = Test | All | AnyOf | Not


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Return whether *condition* holds; a test of an answer that is absent does not."""
    match condition:
        case All(conditions):
            return all(holds(each, answers) for each in conditions)
        case AnyOf(conditions):
            return any(holds(each, answers) for each in conditions)
        case Not(inner):
            return not holds(inner, answers)
        case Test():
            return _passes(condition, answers.get(condition.question))


def questions_in(condition: Condition) -> set[str]:
    """Return the ids of the questions that *condition* looks at."""
    match condition:
        case All(conditions) | AnyOf(conditions):
            return set().union(*(questions_in(each) for each in conditions))
        case Not(inner):
            return questions_in(inner)
        case Test(question):
            return {question}


def _passes(test: Test, answer: Any) -> bool:
    if answer is None:
        return False
    match test.operator:
        case "equals":
            return bool(answer == test.value)
        case "includes":
            return isinstance(answer, tuple) and test.value in answer
        case "at_least":
            return isinstance(answer, int) and isinstance(test.value, int) and answer >= test.value
