"""A real result, made by the real rules from invented answers, for the start page."""

from __future__ import annotations

from datetime import date

from readiness.core import answers as answer_rules
from readiness.core.scoring import score
from readiness.documents.views import ResultView
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.services.result_views import result_view

#: Levels in rubric order, taken again from the start where a version has more questions.
LEVELS = (4, 3, 3, 4, 3, 2, 2, 4, 4, 3, 3, 4)


def example_result(version: RubricVersion, words: Words) -> ResultView:
    """Return the result of an invented company."""
    questions = version.rubric.questions
    answers = {
        question.id: answer_rules.read(version.rubric, question.id, LEVELS[index % len(LEVELS)])
        for index, question in enumerate(questions)
    }
    return result_view(
        version,
        score(version.rubric, answers),
        answers,
        words.gettext("Harbour Foods (an invented example)"),
        date(2026, 11, 23),
        words,
        score_after=None,
    )
