"""What a consultant checked and held back, in words."""

from __future__ import annotations

from readiness.core.answers import Answer
from readiness.core.evidence import Checked, Grade, percent, shares
from readiness.core.scoring import Result
from readiness.documents.views import CheckedView, StatementView
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion


def checked_view(
    version: RubricVersion, checked: Checked, own: Result, words: Words, *, to_consultant: bool
) -> CheckedView:
    """Return how much of the score is evidenced, and both scores where they may differ.

    :param own: what the company's answers come to by themselves.
    :param to_consultant: whether a consultant reads it.
    """
    parts = shares(version.rubric, checked)
    said = []
    if parts.checked or not parts.shown:
        share = share_text(parts.checked, parts.of)
        said.append(words.say("Checked by a consultant: %(share)s of the score.", share=share))
    if parts.shown:
        share = share_text(parts.shown, parts.of)
        said.append(words.say("Only shown to a consultant: %(share)s.", share=share))
    said.append(words.gettext("Shares count levels, not answers."))
    both = _both_scores(version, checked, own, words, to_consultant=to_consultant) if checked.held_back else ""
    return CheckedView(tuple(said), both)


def share_text(part: int, of: int) -> str:
    """Return a share as levels of all levels, and in per cent."""
    if part in (0, of):
        return f"{percent(part, of)} %"
    return f"{part}/{of} ({percent(part, of)} %)"


def grade_name(grade: Grade, words: Words) -> str:
    """Return a grade in words."""
    _ = words.gettext
    return {
        Grade.SAID: _("said by the company"),
        Grade.SHOWN: _("shown to a consultant"),
        Grade.CHECKED: _("checked by a consultant"),
    }[grade]


def statement(
    question_id: str, answer: Answer | None, text: str, checked: Checked | None, words: Words, *, to_consultant: bool
) -> StatementView:
    """Return what was said on a question: with its grade, or, where it was not confirmed, with what counts instead.

    A grade says how the consultant came to the level that counts: beside an answer that the consultant rejected it
    would be read as if that answer had been checked and found right.

    :param text: the answer in words.
    :param to_consultant: whether a consultant reads it.
    """
    if checked is None:
        return StatementView(text)
    held = checked.held_back.get(question_id)
    if held is None:
        grade = checked.grades.get(question_id)
        return StatementView(text, grade_name(grade, words) if grade else "")
    _ = words.gettext
    said = (
        _("The company’s answer, level %(level)s, was not confirmed: %(text)s")
        if to_consultant
        else _("Your answer, level %(level)s, was not confirmed: %(text)s")
    )
    return StatementView(
        said % {"level": answer, "text": text},
        counted=words.say("The consultant counts level %(level)s: %(reason)s", level=held.level, reason=held.reason),
    )


def _both_scores(version: RubricVersion, checked: Checked, own: Result, words: Words, *, to_consultant: bool) -> str:
    _ = words.gettext
    # Not "as checked": what is held back may have been shown alone, and most of the rest may be said alone.
    both = (
        _("By the company’s answers %(own)s; with the levels that the consultant counts lower: %(counted)s.")
        if to_consultant
        else _("By your answers %(own)s; with the levels that the consultant counts lower: %(counted)s.")
    )
    return both % {"own": _standing(version, own, words), "counted": _standing(version, checked.result, words)}


def _standing(version: RubricVersion, result: Result, words: Words) -> str:
    if result.band is None:
        return words.gettext("no band")
    return f"{result.score} {version.texts[words.language][f'bands.{result.band}.name']}"
