"""Where a person is on the way, and where to go next."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from readiness.core.rubric import Question
from readiness.services.assessing import Opened
from readiness.web.language import remember


def address_after_company(opened: Opened, token: str) -> str:
    """Return where to go on: the first unanswered question, else the check page, else the result."""
    if opened.submitted:
        return url_for("owner.result", token=token)
    question = opened.next_unanswered()
    if question is None:
        return url_for("owner.check", token=token)
    return url_for("owner.question", token=token, question_id=question.id)


def address_after(opened: Opened, question: Question, token: str) -> str:
    """Return the address of the question after *question*, or of the check page."""
    questions = list(opened.questions)
    index = [each.id for each in questions].index(question.id)
    if index + 1 < len(questions):
        return url_for("owner.question", token=token, question_id=questions[index + 1].id)
    return url_for("owner.check", token=token)


def address_before(opened: Opened, question: Question, token: str) -> str:
    """Return the address of the question before *question*, or of the page about the company."""
    questions = list(opened.questions)
    index = [each.id for each in questions].index(question.id)
    if index:
        return url_for("owner.question", token=token, question_id=questions[index - 1].id)
    return url_for("owner.company", token=token)


def language_asked() -> Response | None:
    """Return the same page in the language that a form's language button asked for, or None.

    The button posts the form, so that what was chosen is saved before the language changes.
    """
    asked = request.form.get("language")
    if not asked:
        return None
    remember(asked)
    return redirect(request.path)
