"""One question a page."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.core import answers as answer_rules
from readiness.core.answers import AnswersError
from readiness.core.rubric import Question
from readiness.documents.words import words_in
from readiness.services import assessing
from readiness.services.assessing import AlreadySubmitted, AnswerChanged, Opened
from readiness.web.language import current, remember
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import answer_from, question_form
from readiness.web.owner.steps import address_after, address_before, language_asked


@blueprint.get("/assessments/<token>/questions/<question_id>")
def question(token: str, question_id: str) -> str | Response:
    """Ask one question.

    :raise 404: if the link or the question does not exist.
    """
    opened = assessing.open_with(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    asked = _question_or_404(opened, question_id)
    given = opened.answers.get(question_id)
    form = question_form(opened.version, asked, g.words)(
        data={
            "answer": None if given is None else str(answer_rules.plain(given)),
            "version": str(opened.versions.get(question_id, 0)),
        }
    )
    return _page(opened, asked, form, token)


@blueprint.post("/assessments/<token>/questions/<question_id>")
def question_submit(token: str, question_id: str) -> str | Response | tuple[str, int]:
    """Save one answer and go on.

    :raise 404: if the link or the question does not exist.
    :raise 409: if someone saved another answer meanwhile; both are shown.
    """
    opened = assessing.open_with(token)
    asked = _question_or_404(opened, question_id)
    form = question_form(opened.version, asked, g.words)()
    if request.form.get("language") and request.form.get("pending") and question_id in opened.answers:
        return _conflict_in_another_language(opened, asked, token)
    if request.form.get("language") and not form["answer"].data:
        return language_asked() or abort(400)
    if request.form.get("then") == "leave" and not form["answer"].data:
        return redirect(url_for("owner.left", token=token))
    if not form.validate_on_submit():
        return _page(opened, asked, form, token), 422
    seen = form["version"].data or "0"
    try:
        assessing.answer(
            token, question_id, answer_from(form["answer"].data), seen=int(seen) if seen.isdecimal() else 0
        )
    except AnswerChanged as conflict:
        return _conflict(opened, asked, conflict, token), 409
    except AlreadySubmitted:
        return redirect(url_for("owner.result", token=token))
    if (other_language := language_asked()) is not None:
        return other_language
    if request.form.get("then") == "leave":
        return redirect(url_for("owner.left", token=token))
    if request.form.get("then") == "check":
        return redirect(url_for("owner.check", token=token))
    return redirect(address_after(assessing.open_with(token), asked, token))


@blueprint.get("/assessments/<token>/left")
def left(token: str) -> str:
    """Say that all is saved, and how to come back.

    :raise 404: if the link does not exist.
    """
    return render_template("owner/left.html", opened=assessing.open_with(token), token=token)


@blueprint.get("/assessments/<token>")
def resume(token: str) -> Response:
    """Go on where the person left.

    :raise 404: if the link does not exist.
    """
    opened = assessing.open_with(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    if not opened.assessment.company_asked:
        return redirect(url_for("owner.company", token=token))
    unanswered = opened.next_unanswered()
    if unanswered is None:
        return redirect(url_for("owner.check", token=token))
    return redirect(url_for("owner.question", token=token, question_id=unanswered.id))


def _question_or_404(opened: Opened, question_id: str) -> Question:
    return next((each for each in opened.questions if each.id == question_id), None) or abort(404)


def _page(opened: Opened, asked: Question, form: FlaskForm, token: str) -> str:
    return render_template("owner/question.html", form=form, token=token, **_place(opened, asked, token))


def _conflict(opened: Opened, asked: Question, conflict: AnswerChanged, token: str) -> str:
    """Show both answers; the person chooses, and the choice is posted with the version now seen."""
    return render_template(
        "owner/conflict.html",
        token=token,
        saved=str(answer_rules.plain(conflict.saved)),
        yours=str(answer_rules.plain(conflict.yours)),
        seen=conflict.version,
        **_place(opened, asked, token),
    )


def _conflict_in_another_language(opened: Opened, asked: Question, token: str) -> tuple[str, int]:
    """Show both answers again, in the language that was asked for; neither is lost on the way."""
    remember(request.form.get("language"))
    g.words = words_in(current())
    g.language = current()
    try:
        pending = answer_rules.read(opened.version.rubric, asked.id, answer_from(request.form["pending"]))
    except AnswersError:
        abort(400)
    conflict = AnswerChanged(asked.id, opened.answers[asked.id], opened.versions[asked.id], pending)
    return _conflict(opened, asked, conflict, token), 409


def _place(opened: Opened, asked: Question, token: str) -> dict[str, Any]:
    questions = list(opened.questions)
    texts = opened.version.texts[g.language]
    dimension = next(d for d in opened.version.rubric.dimensions if d.id == asked.dimension)
    return {
        "opened": opened,
        "question": asked,
        "question_form": opened.version.question_form(asked.id),
        "texts": texts,
        "number": [each.id for each in questions].index(asked.id) + 1,
        "of": len(questions),
        "pillar": texts[f"pillars.{dimension.pillar}.name"],
        "back": address_before(opened, asked, token),
    }
