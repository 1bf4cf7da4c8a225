"""One question a page."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer, AnswerNotAllowed, UnknownQuestion
from readiness.core.rubric import Question
from readiness.services import again, assessing, moving
from readiness.services.answer_words import answer_words
from readiness.services.assessing import AlreadySubmitted, AnswerChanged, NoteTooLong, Said
from readiness.services.opening import Opened, is_consultants
from readiness.services.unclear import LONGEST, say_unclear
from readiness.services.version_ways import VersionChanged
from readiness.web.language import words
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import answer_from, choices_drawn, choices_of, question_form
from readiness.web.owner.opening import open_link
from readiness.web.owner.steps import address_after, address_before, language_asked


@blueprint.get("/assessments/<token>/questions/<question_id>")
def question(token: str, question_id: str) -> str | Response:
    """Ask one question.

    :raise 404: if the link or the question does not exist.
    """
    opened = open_link(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    asked = _question_or_404(opened, question_id)
    if request.endpoint == "owner.question_submit" and request.form.get("rubric") in (None, opened.version.id):
        # What was sent, which could not be taken just now.
        choice, note, version = (request.form.get(name, "") for name in ("answer", "note", "version"))
    else:
        choice, note = _plain(opened.answers.get(question_id)), opened.notes.get(question_id, "")
        version = str(opened.versions.get(question_id, 0))
    drawn = choices_drawn(opened.version, asked, words(), choice)
    return _page(opened, asked, token, choices=drawn, note=note, version=version)


@blueprint.post("/assessments/<token>/questions/<question_id>")
@limiter.limit(CHANGE, key_func=by_link)
def question_submit(token: str, question_id: str) -> str | Response | tuple[str, int]:
    """Save what is said on one question and go on.

    :raise 404: if the link or the question does not exist.
    :raise 409: if something else was saved meanwhile; both are shown.
    """
    choice, note = request.form.get("answer") or None, request.form.get("note")
    unclear = request.form.get("unclear", "")
    try:
        # First, so that it is kept whatever becomes of the answer.
        if unclear.strip() or request.form.get("then") == "unclear":
            say_unclear(token, question_id, unclear)
    except UnknownQuestion:
        abort(404)
    going_on = not (request.form.get("language") or request.form.get("then") in ("leave", "unclear"))
    if going_on and choice is None and not is_consultants(token):
        return _refused(token, question_id)
    value = None if choice is None else answer_from(choice)
    try:
        rubric = request.form.get("rubric")
        opened = assessing.answer(token, question_id, value, seen=_seen(), note=note, rubric=rubric)
    except AnswerChanged as conflict:
        return _conflict(token, conflict), 409
    except VersionChanged as changed:
        return _moved_meanwhile(token, question_id, changed, value, note), 409
    except AlreadySubmitted:
        return _finished_meanwhile(token, question_id, choice, note)
    except (AnswerNotAllowed, NoteTooLong):
        return _refused(token, question_id)
    except UnknownQuestion:
        abort(404)
    return language_asked() or redirect(_address(opened, question_id, token))


@blueprint.get("/assessments/<token>/left")
def left(token: str) -> str:
    """Say that all is saved, and how to come back.

    :raise 404: if the link does not exist.
    """
    return render_template("owner/left.html", opened=open_link(token), token=token)


@blueprint.get("/assessments/<token>")
def resume(token: str) -> Response:
    """Go on where the person left.

    :raise 404: if the link does not exist.
    """
    opened = open_link(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    if not opened.assessment.company_asked:
        return redirect(url_for("owner.company", token=token))
    unanswered = opened.next_unanswered()
    if unanswered is None:
        return redirect(url_for("owner.check", token=token))
    return redirect(url_for("owner.question", token=token, question_id=unanswered.id))


def _seen() -> int:
    """Return the version that the person saw; on the page of two answers, the one that they chose over."""
    seen = request.form.get("confirmed") or request.form.get("version") or "0"
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0


def _address(opened: Opened, question_id: str, token: str) -> str:
    match request.form.get("then"):
        case "leave":
            return url_for("owner.left", token=token)
        case "unclear":
            return url_for("owner.question", token=token, question_id=question_id, told=1, _anchor="told")
        case "check":
            return url_for("owner.check", token=token)
    return address_after(opened, question_id, token)


def _question_or_404(opened: Opened, question_id: str) -> Question:
    return next((each for each in opened.questions if each.id == question_id), None) or abort(404)


def _refused(token: str, question_id: str) -> tuple[str, int] | Response:
    """Show the form as it was sent, with what is wrong with it."""
    opened = open_link(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    asked = _question_or_404(opened, question_id)
    form = question_form(opened.version, asked, words())()
    form.validate()
    drawn = choices_of(form, opened.version, asked, words())
    note, version = form["note"].data or "", request.form.get("version", "0")
    return _page(opened, asked, token, choices=drawn, note=note, version=version, form=form), 422


def _page(opened: Opened, asked: Question, token: str, **shown: Any) -> str:
    way = moving.offered(opened)
    reach = again.to_reach(opened, asked)
    texts = opened.version.texts[words().language]
    return render_template(
        "owner/question.html",
        token=token,
        way=way,
        told="told" in request.args,
        longest_unclear=LONGEST,
        reach=reach,
        reach_title=again.title(reach, words()) if reach else "",
        reach_text=again.level_text(opened, asked, reach, texts) if reach else "",
        **shown,
        **_place(opened, asked, token),
    )


def _conflict(token: str, conflict: AnswerChanged) -> str:
    """Show both; the person chooses, and the choice is posted with the version now seen."""
    opened = open_link(token)
    return render_template(
        "owner/conflict.html",
        token=token,
        saved=_as_posted(conflict.saved),
        yours=_as_posted(conflict.yours),
        seen=_seen(),
        confirmed=conflict.version,
        **_place(opened, _question_or_404(opened, conflict.question), token),
    )


def _finished_meanwhile(token: str, question_id: str, choice: str | None, note: str | None) -> tuple[str, int]:
    """Say that the assessment was finished in another window, and show what was not saved."""
    opened = open_link(token)
    page = render_template(
        "owner/finished.html",
        token=token,
        choice=choice,
        note=note or "",
        **_place(opened, _question_or_404(opened, question_id), token),
    )
    return page, 409


def _moved_meanwhile(
    token: str, question_id: str, changed: VersionChanged, value: int | str | None, note: str | None
) -> str:
    """Say that the assessment is on another version by now, and show what was not saved."""
    opened = open_link(token)
    try:
        answer = None if value is None else answer_rules.read(changed.seen.rubric, question_id, value)
    except AnswerNotAllowed:
        answer = None
    return render_template(
        "owner/moved_meanwhile.html",
        token=token,
        opened=opened,
        question=changed.seen.texts[words().language][f"questions.{question_id}.text"],
        answer=answer_words(changed.seen, question_id, answer, words()),
        note=note or "",
        question_id=next((each.id for each in opened.questions if each.id == question_id), None),
    )


def _as_posted(said: Said) -> dict[str, str]:
    return {"answer": _plain(said.answer), "note": said.note}


def _plain(answer: Answer | None) -> str:
    return "" if answer is None else str(answer_rules.plain(answer))


def _place(opened: Opened, asked: Question, token: str) -> dict[str, Any]:
    questions = list(opened.questions)
    texts = opened.version.texts[words().language]
    dimension = next(d for d in opened.version.rubric.dimensions if d.id == asked.dimension)
    return {
        "opened": opened,
        "question": asked,
        "texts": texts,
        "number": [each.id for each in questions].index(asked.id) + 1,
        "of": len(questions),
        "pillar": texts[f"pillars.{dimension.pillar}.name"],
        "back": address_before(opened, asked, token),
    }
