"""Evidence: what shows each answer, added by company and consultant; graded by the consultant alone."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import abort, g, redirect, render_template, request, send_file, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.core.evidence import Grade, Held
from readiness.core.file_kinds import KINDS, FileRefused
from readiness.services import evidence as rules
from readiness.services import evidence_files
from readiness.services.accounts import Actor
from readiness.services.database import db
from readiness.services.evidence import (
    FileTooLarge,
    Frozen,
    GradeChanged,
    Judgement,
    LinkNotAllowed,
    NoRoom,
    NotAnswered,
    NotHeldBack,
    NothingAdded,
    ReasonMissing,
    Upload,
)
from readiness.services.evidence_views import AnswerEvidence, evidence_view, gradable
from readiness.services.opening import Opened
from readiness.web import staff
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import ADD, CHANGE, PRINT, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.evidence_forms import STANDS, add_form, judge_form, refusal_words
from readiness.web.owner.opening import open_link


@blueprint.get("/assessments/<token>/evidence")
def evidence(token: str) -> str:
    """List all answers with what shows them.

    :raise 404: if the link does not exist.
    """
    opened = open_link(token)
    return render_template("owner/evidence.html", token=token, opened=opened, view=_view(opened))


@blueprint.get("/assessments/<token>/evidence/<question_id>")
def evidence_question(token: str, question_id: str) -> str:
    """Show what shows one answer, and take more.

    :raise 404: if the link does not exist, or the question has no answer.
    """
    return _page(token, question_id)


@blueprint.post("/assessments/<token>/evidence/<question_id>")
@limiter.limit(ADD, key_func=by_link)
def evidence_add(token: str, question_id: str) -> Response | tuple[str, int]:
    """Add a note, a link or a file to an answer.

    :raise 404: if the link does not exist, or the question has no answer.
    """
    _answer_or_404(open_link(token), question_id)
    form = add_form(words())()
    if not form.validate():
        return _page(token, question_id, adding=form), 422
    note, link = form["note"].data or "", form["link"].data or ""
    try:
        rules.add(token, question_id, _consultant(), note=note, link=link, upload=_upload())
    except NotAnswered:
        abort(404)
    except (NothingAdded, LinkNotAllowed, FileTooLarge, FileRefused, NoRoom) as error:
        field, said = _what_is_wrong(error)
        form[field].errors = [said]
        return _page(token, question_id, adding=form), 409 if isinstance(error, NoRoom) else 422
    return redirect(url_for("owner.evidence_question", token=token, question_id=question_id, added=1, _anchor="added"))


@blueprint.post("/assessments/<token>/evidence/<question_id>/grade")
@limiter.limit(CHANGE, key_func=by_link)
def evidence_judge(token: str, question_id: str) -> Response | tuple[str, int]:
    """Grade an answer, and hold its level back or let it stand: the consultant alone.

    :raise 403: if it is not the consultant who asks.
    :raise 404: if the link does not exist, or the question has no answer.
    :raise 409: if the answer or its grade was changed meanwhile, or the assessment was finished.
    """
    opened = open_link(token)
    consultant = _consultant() or abort(403)
    answer = _answer_or_404(opened, question_id)
    form = judge_form(answer, words())()
    if not form.validate():
        return _page(token, question_id, judging=form), 422
    _ = words().gettext
    level = form["level"].data if "level" in form else ""
    held = Held(int(level), form["reason"].data or "") if level else None
    seen = form["seen"].data or "0"
    try:
        rules.judge(
            token,
            question_id,
            consultant,
            Judgement(Grade(form["grade"].data), held),
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1,
            answer=_plain(form["answer"].data),
        )
    except NotAnswered:
        abort(404)
    except NotHeldBack:
        form["level"].errors = [_("Choose a level below the answer.")]
        return _page(token, question_id, judging=form), 422
    except ReasonMissing:
        form["reason"].errors = [_("Write the reason why the level is held back.")]
        return _page(token, question_id, judging=form), 422
    except (GradeChanged, Frozen) as error:
        return _page(token, question_id, problem="finished" if isinstance(error, Frozen) else "changed"), 409
    following = _view(opened).beside(question_id)[1] if request.form.get("then") == "next" else None
    if following is not None:
        return redirect(url_for("owner.evidence_question", token=token, question_id=following.id))
    return redirect(url_for("owner.evidence", token=token, _anchor=f"answer-{question_id}"))


@blueprint.post("/assessments/<token>/evidence/items/<uuid:item_id>/remove")
@limiter.limit(CHANGE, key_func=by_link)
def evidence_remove(token: str, item_id: UUID) -> Response:
    """Remove a piece of evidence; a file goes from the disk.

    :raise 403: if a consultant removes what somebody else added.
    :raise 404: if the link does not exist, or the company has no such piece.
    """
    open_link(token)
    question = rules.remove(token, item_id, _consultant())
    if "question" in request.form:
        return redirect(url_for("owner.evidence_question", token=token, question_id=question))
    return redirect(url_for("owner.evidence", token=token))


@blueprint.get("/assessments/<token>/evidence/files/<uuid:item_id>")
@limiter.limit(PRINT, key_func=by_link)
def evidence_file(token: str, item_id: UUID) -> Response:
    """Give a file, to be saved: no browser opens it as a part of this site.

    :raise 404: if the link does not exist, or the company has no such file.
    :raise 410: if the file is not there any more as it was added.
    """
    item = rules.item_of(db.session, open_link(token), item_id)
    kind = KINDS.get(item.media_type or "") or abort(404)
    content = evidence_files.content_of(item)
    return send_file(BytesIO(content), kind.media_type, as_attachment=True, download_name=item.text, etag=False)


evidence_file.talisman_view_options = {  # type: ignore[attr-defined]
    "content_security_policy": {"default-src": "'none'", "frame-ancestors": "'none'", "sandbox": ""}
}


def _consultant() -> Actor | None:
    """Return the consultant who asks, or None for the company."""
    return staff.actor() if g.get("engagement") else None


def _upload() -> Upload | None:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return None
    return Upload(sent.filename, sent.stream.read(rules.LARGEST_FILE + 1))


def _plain(sent: str | None) -> Any:
    try:
        return json.loads(sent or "null")
    except (ValueError, RecursionError):
        return None


def _what_is_wrong(error: Exception) -> tuple[str, str]:
    _ = words().gettext
    if isinstance(error, FileRefused):
        return "file", refusal_words(error.why, words())
    if isinstance(error, FileTooLarge):
        return "file", _("The file is larger than 5 MB. Choose a smaller one, or only the pages that matter.")
    if isinstance(error, LinkNotAllowed):
        return "link", _("Write the whole address of a page, such as https://example.com/page.")
    if isinstance(error, NoRoom):
        return "file", _("There is room for 20 files, 50 MB in all, and 200 notes and links. Remove some first.")
    return "note", _("Write a note, or give a link or a file.")


def _view(opened: Opened) -> Any:
    consultant = _consultant()
    return evidence_view(opened, words(), consultant=None if consultant is None else consultant.id)


def _answer_or_404(opened: Opened, question_id: str) -> AnswerEvidence:
    found: AnswerEvidence | None = _view(opened).of(question_id)
    return found or abort(404)


def _page(
    token: str, question_id: str, *, adding: FlaskForm | None = None, judging: FlaskForm | None = None, **more: Any
) -> str:
    opened = open_link(token)
    view = _view(opened)
    answer: AnswerEvidence = view.of(question_id) or abort(404)
    can_judge = _consultant() is not None and not opened.submitted and gradable(answer, opened)
    if can_judge and judging is None:
        level = STANDS if answer.held_level is None else str(answer.held_level)
        saved = {"grade": answer.grade.value, "level": level, "reason": answer.held_reason}
        saved |= {"seen": str(answer.version), "answer": json.dumps(answer.value)}
        form = judge_form(answer, words())
        # What a conflict answers with is what is saved by now.
        judging = (
            form(formdata=None, data=saved) if more.get("problem") else as_sent(form, "owner.evidence_judge", saved)
        )
    return render_template(
        "owner/evidence_question.html",
        token=token,
        opened=opened,
        answer=answer,
        beside=view.beside(question_id),
        adding=adding or as_sent(add_form(words()), "owner.evidence_add"),
        judging=judging if can_judge else None,
        added="added" in request.args,
        **more,
    )
