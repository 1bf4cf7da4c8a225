"""Reading answers: from plain values to answers that the scoring trusts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from readiness.core import conditions
from readiness.core.rubric import Kind, Question, Rubric
from readiness.core.wording import shown, shown_key

LONGEST_TEXT = 500
#: Characters in a note.
LONGEST_NOTE = 1000
#: How an option begins that a person wrote in.
OTHER = "other: "


class Mark(StrEnum):
    """An answer to a level question that names no level."""

    NOT_SURE = "not_sure"
    NOT_APPLICABLE = "not_applicable"


#: A level, a mark, an option, several options, options by row, a number or a text.
Answer = int | Mark | str | tuple[str, ...] | tuple[tuple[str, str], ...]


class AnswersError(ValueError):
    """Something about the answers cannot be read."""


class UnknownQuestion(AnswersError):
    """An answer refers to a question that the rubric does not have."""

    def __init__(self, question: str, known: tuple[str, ...]) -> None:
        super().__init__(f"answers.{shown_key(question)}: there is no such question; allowed: {', '.join(known)}")
        #: The id that was not found.
        self.question = question
        #: The questions there are.
        self.known = known


class AnswerNotAllowed(AnswersError):
    """An answer is none of those that its question takes."""

    def __init__(self, question: str, value: object, allowed: str) -> None:
        super().__init__(f"answers.{question}: {shown(value)} is not an answer to it; allowed: {allowed}")
        #: The question whose answer cannot be read.
        self.question = question
        #: What it would take, in words.
        self.allowed = allowed


def read(rubric: Rubric, question_id: str, value: object) -> Answer:
    """Return *value* as an answer to the question.

    :raises UnknownQuestion: if the rubric has no such question.
    :raises AnswerNotAllowed: if the question does not take this value.
    """
    question = rubric.questions_by_id.get(question_id)
    if question is None:
        raise UnknownQuestion(question_id, tuple(rubric.questions_by_id))
    match question.kind:
        case Kind.LEVEL:
            return _level(rubric, question, value)
        case Kind.SINGLE:
            return _option(question, value)
        case Kind.MULTIPLE:
            return _options(question, value)
        case Kind.MATRIX:
            return _matrix(question, value)
        case Kind.NUMBER:
            return _number(question, value)
        case Kind.SHORT_TEXT:
            return _text(question, value)


def plain(answer: Answer) -> Any:
    """Return *answer* as the plain value that :func:`read` takes."""
    if isinstance(answer, Mark):
        return answer.value
    if isinstance(answer, tuple):
        pairs = [each for each in answer if isinstance(each, tuple)]
        return dict(pairs) if pairs else list(answer)
    return answer


def visible(rubric: Rubric, answers: Mapping[str, Answer]) -> tuple[Question, ...]:
    """Return the questions that are shown, given the other answers; the answer to a hidden question shows no other.

    A condition looks at earlier questions only, which the check of a rubric sees to.
    """
    shown: dict[str, Answer] = {}
    found = []
    for question in rubric.questions:
        if question.show_when is None or conditions.holds(question.show_when, shown):
            found.append(question)
            if question.id in answers:
                shown[question.id] = answers[question.id]
    return tuple(found)


def allowed_answers(rubric: Rubric, question: Question) -> str:
    """Say in words which answers a level question takes."""
    marks = [Mark.NOT_SURE.value] + ([Mark.NOT_APPLICABLE.value] if question.not_applicable else [])
    levels = rubric.scoring.levels
    return f"a whole number from {levels.start} to {levels.stop - 1}, " + ", ".join(f'"{mark}"' for mark in marks)


def _level(rubric: Rubric, question: Question, value: object) -> int | Mark:
    if type(value) is int and value in rubric.scoring.levels:
        return value
    if value == Mark.NOT_SURE.value and isinstance(value, str):
        return Mark.NOT_SURE
    if value == Mark.NOT_APPLICABLE.value and isinstance(value, str) and question.not_applicable:
        return Mark.NOT_APPLICABLE
    raise AnswerNotAllowed(question.id, value, allowed_answers(rubric, question))


def _option(question: Question, value: object) -> str:
    if isinstance(value, str) and value in question.options:
        return value
    raise AnswerNotAllowed(question.id, value, "one of " + ", ".join(question.options))


def _options(question: Question, value: object) -> tuple[str, ...]:
    allowed = "a list of " + ", ".join(question.options) + (' or "other: ..."' if question.other else "")
    if not isinstance(value, list | tuple) or len(set(map(str, value))) != len(value):
        raise AnswerNotAllowed(question.id, value, allowed)
    for each in value:
        other = question.other and isinstance(each, str) and each.startswith(OTHER) and len(each) <= LONGEST_TEXT
        if not isinstance(each, str) or (each not in question.options and not other):
            raise AnswerNotAllowed(question.id, each, allowed)
    return tuple(value)


def _matrix(question: Question, value: object) -> tuple[tuple[str, str], ...]:
    pairs = tuple(value.items()) if isinstance(value, dict) else ()
    if not pairs or any(row not in question.rows or option not in question.options for row, option in pairs):
        raise AnswerNotAllowed(question.id, value, "one of the options for each row")
    return pairs


def _number(question: Question, value: object) -> int:
    if type(value) is int:
        return value
    raise AnswerNotAllowed(question.id, value, "a whole number")


def _text(question: Question, value: object) -> str:
    if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT:
        return value
    raise AnswerNotAllowed(question.id, value, f"a text of at most {LONGEST_TEXT} characters")
