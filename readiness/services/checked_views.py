"""What a consultant checked and held back, in words."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import floor

from readiness.core.answers import Answer
from readiness.core.evidence import Checked, Grade
from readiness.core.scoring import Result
from readiness.documents.views import CheckedView
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion


def checked_view(version: RubricVersion, checked: Checked, own: Result, words: Words) -> CheckedView:
    """Return how much of the score is evidenced, and both scores where they may differ.

    :param own: what the company's answers come to by themselves.
    """
    shares = []
    if checked.checked or not checked.shown:
        shares.append(words.say("Checked by a consultant: %(share)s of the score.", share=share_text(checked.checked)))
    if checked.shown:
        shares.append(words.say("Only shown to a consultant: %(share)s.", share=share_text(checked.shown)))
    return CheckedView(tuple(shares), _both_scores(version, checked, own, words) if checked.held_back else "")


def share_text(share: Fraction) -> str:
    """Return a share exactly, and in per cent, rounded down: never more than it is."""
    if share in (0, 1):
        return f"{floor(share * 100)} %"
    return f"{share} ({floor(share * 100)} %)"


def graded(version: RubricVersion, dimension: str, checked: Checked | None, words: Words) -> str:
    """Return how the answers of a dimension are evidenced, or "" where they are only said."""
    if checked is None:
        return ""
    questions = [question.id for question in version.rubric.questions_by_dimension[dimension]]
    numbers = {
        grade: sum(checked.grades.get(id) is grade for id in questions) for grade in (Grade.CHECKED, Grade.SHOWN)
    }
    for grade, number in numbers.items():
        if number == len(questions):
            return grade_name(grade, words)
    return words.listed(
        [
            words.say(
                "%(grade)s: %(number)s of %(of)s answers", grade=grade_name(grade, words), number=n, of=len(questions)
            )
            for grade, n in numbers.items()
            if n
        ]
    )


def grade_name(grade: Grade, words: Words) -> str:
    """Return a grade in words."""
    _ = words.gettext
    return {
        Grade.SAID: _("said by the company"),
        Grade.SHOWN: _("shown to a consultant"),
        Grade.CHECKED: _("checked by a consultant"),
    }[grade]


def held_back(
    version: RubricVersion, dimension: str, answers: Mapping[str, Answer], checked: Checked | None, words: Words
) -> tuple[str, ...]:
    """Return which levels of a dimension a consultant counts instead, and why.

    :param answers: what the company answered.
    """
    if checked is None:
        return ()
    return tuple(
        words.say(
            "You answered level %(said)s; the consultant counts level %(level)s: %(reason)s",
            said=answers[question.id],
            level=checked.held_back[question.id].level,
            reason=checked.held_back[question.id].reason,
        )
        for question in version.rubric.questions_by_dimension[dimension]
        if question.id in checked.held_back
    )


def _both_scores(version: RubricVersion, checked: Checked, own: Result, words: Words) -> str:
    return words.say(
        "By your answers %(own)s; as checked by the consultant %(checked)s.",
        own=_standing(version, own, words),
        checked=_standing(version, checked.result, words),
    )


def _standing(version: RubricVersion, result: Result, words: Words) -> str:
    if result.band is None:
        return words.gettext("no band")
    return f"{result.score} {version.texts[words.language][f'bands.{result.band}.name']}"
