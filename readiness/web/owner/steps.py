"""Where a person is on the way, and where to go next."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from readiness.core.rubric import Question
from readiness.services.opening import Opened


def address_after_company(opened: Opened, token: str) -> str:
    """Return where to go on: the first unanswered question, else the check page, else the result."""
    if opened.submitted:
        return url_for("owner.result", token=token)
    question = opened.next_unanswered()
    if question is None:
        return url_for("owner.check", token=token)
    return url_for("owner.question", token=token, question_id=question.id)


def address_after(opened: Opened, question_id: str, token: str) -> str:
    """Return the address of the question after this one, or of the check page."""
    following = opened.next_after(question_id)
    if following is None:
        return url_for("owner.check", token=token)
    return url_for("owner.question", token=token, question_id=following.id)


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
    return redirect(request.path) if request.form.get("language") else None
