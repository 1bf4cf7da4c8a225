"""How well answers are evidenced, what a consultant holds back, and how much of the score that makes up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor, lcm

from readiness.core.answers import Answer, visible
from readiness.core.rubric import Kind, Rubric
from readiness.core.scoring import Result, score


class Grade(StrEnum):
    """How an answer is evidenced."""

    #: The company says so.
    SAID = "said"
    #: The company showed it to the consultant.
    SHOWN = "shown"
    #: The consultant checked it.
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class Held:
    """A level that the consultant counts instead of a higher answer, and why."""

    level: int
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a consultant made of the answers: nothing of it changes what the company said."""

    held_back: Mapping[str, Held]
    #: The grade of each question that is more than said.
    grades: Mapping[str, Grade]
    #: What the answers come to with the levels that were held back.
    result: Result
    #: The share of that score, 0 to 1, whose answers were checked, and were shown.
    checked: Fraction
    shown: Fraction


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of a score is evidenced, over one denominator, so that both shares can be compared and added."""

    checked: int
    shown: int
    #: All scored levels; a multiple of them where a share is no whole number of levels.
    of: int


def can_be_held(rubric: Rubric, question_id: str, answer: Answer | None, level: object) -> bool:
    """Return whether *level* is one that an answer can be held back to: lower, and offered by the question."""
    question = rubric.questions_by_id.get(question_id)
    if question is None or question.kind is not Kind.LEVEL or type(answer) is not int or type(level) is not int:
        return False
    return level in rubric.scoring.levels and level < answer


def counted(answers: Mapping[str, Answer], held_back: Mapping[str, Held]) -> dict[str, Answer]:
    """Return the answers with the levels that are counted instead."""
    return {id: held_back[id].level if id in held_back else answer for id, answer in answers.items()}


def check(
    rubric: Rubric, answers: Mapping[str, Answer], held_back: Mapping[str, Held], grades: Mapping[str, Grade]
) -> Checked:
    """Return what comes of the answers with what a consultant held back and graded."""
    known = counted(answers, held_back)
    result = score(rubric, known)
    return Checked(
        held_back,
        grades,
        result,
        share(rubric, known, result, {id for id, grade in grades.items() if grade is Grade.CHECKED}),
        share(rubric, known, result, {id for id, grade in grades.items() if grade is Grade.SHOWN}),
    )


def share(rubric: Rubric, answers: Mapping[str, Answer], result: Result, evidenced: set[str]) -> Fraction:
    """Return how much of the score the questions in *evidenced* make up, exactly, from 0 to 1.

    It is the sum of the levels of their dimensions over the sum of all scored levels, each with the dimension's weight.
    Of a dimension with several scored questions, the evidenced ones count by their weight among them.
    """
    part = Fraction(0)
    asked = {question.id for question in visible(rubric, answers)}
    for dimension in rubric.dimensions:
        level = result.dimensions[dimension.id]
        if level is None:
            continue
        scored = [
            question
            for question in rubric.questions_by_dimension[dimension.id]
            if question.id in asked and (type(answers.get(question.id)) is int or question.id in result.not_sure)
        ]
        known = [question for question in scored if question.id not in result.not_sure]
        shown = sum((question.weight for question in known if question.id in evidenced), Fraction(0))
        part += dimension.weight * level * shown / sum((question.weight for question in scored), Fraction(0))
    whole = _levels(rubric, result)
    return part / whole if whole else Fraction(0)


def shares(rubric: Rubric, checked: Checked) -> Shares:
    """Return what was checked and shown of the scored levels: 4/28 stays 4/28 beside 9/28."""
    whole = _levels(rubric, checked.result)
    parts = (checked.checked * whole, checked.shown * whole, whole)
    finest = lcm(*(part.denominator for part in parts))
    return Shares(*(int(part * finest) for part in parts))


def percent(part: int, of: int) -> int:
    """Return a share in per cent, rounded half up to a whole number: 0 for nothing alone, 100 for all alone."""
    if part in (0, of):
        return 100 if part else 0
    return min(99, max(1, floor(Fraction(100 * part, of) + Fraction(1, 2))))


def _levels(rubric: Rubric, result: Result) -> Fraction:
    """Return the sum of the scored levels, each with its dimension's weight."""
    levels = ((dimension.weight, result.dimensions[dimension.id]) for dimension in rubric.dimensions)
    return sum((weight * level for weight, level in levels if level is not None), Fraction(0))
