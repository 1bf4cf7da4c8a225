"""What owners would see of a draft: any question, the result, the plan as a PDF; in any language."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as Redirect

from readiness.core.languages import Language
from readiness.documents.words import words_in
from readiness.library.rubrics import RubricVersion
from readiness.library.yaml_files import FileProblems
from readiness.services import previewing
from readiness.services.database import db
from readiness.services.drafts import Draft
from readiness.web.language import words
from readiness.web.limits import PRINT, limiter
from readiness.web.maintainer.access import found_draft, reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.owner.forms import choices_of, question_form


@blueprint.get("/rubrics/<uuid:draft_id>/preview/questions/<thing>")
def preview_question(draft_id: UUID, thing: str) -> str | tuple[str, int]:
    """Show a question as owners would see it.

    :raise 404: if there is no such draft or question.
    """
    reader()
    draft = found_draft(draft_id)
    version = _version(draft)
    if isinstance(version, FileProblems):
        return _unfinished(draft, version)
    order = list(version.rubric.questions_by_id)
    if thing not in order:
        abort(404)
    asked = version.rubric.questions_by_id[thing]
    texts = version.texts[words().language]
    dimension = next((d for d in version.rubric.dimensions if d.id == asked.dimension), None)
    form = question_form(version, asked, words())(formdata=None)
    return render_template(
        "maintainer/preview_question.html",
        draft=draft,
        opened=previewing.opened(version, words(), {}, submitted=False),
        token="preview",  # noqa: S106  (it opens nothing)
        question=asked,
        texts=texts,
        number=order.index(thing) + 1,
        of=len(order),
        pillar=texts[f"pillars.{dimension.pillar}.name"] if dimension else "",
        back=url_for("maintainer.page", draft_id=draft_id, part="questions", thing=thing),
        choices=choices_of(form, version, asked, words()),
        note="",
        version="0",
    )


@blueprint.post("/rubrics/<uuid:draft_id>/preview/questions/<thing>")
def preview_question_submit(draft_id: UUID, thing: str) -> Redirect:
    """Go on to the next question; nothing is saved.

    :raise 404: if there is no such draft.
    """
    reader()
    order = [question["id"] for question in found_draft(draft_id).document["rubric"]["questions"]]
    following = order[order.index(thing) + 1 :] if thing in order else []
    if following:
        return redirect(url_for("maintainer.preview_question", draft_id=draft_id, thing=following[0]))
    return redirect(url_for("maintainer.preview_result", draft_id=draft_id))


@blueprint.get("/rubrics/<uuid:draft_id>/preview/result")
def preview_result(draft_id: UUID) -> str | tuple[str, int]:
    """Show a result as an owner would see it, with invented answers.

    :raise 404: if there is no such draft.
    """
    reader()
    draft = found_draft(draft_id)
    version = _version(draft)
    if isinstance(version, FileProblems):
        return _unfinished(draft, version)
    opened, shown = previewing.sample_result(db.session, version, words())
    return render_template(
        "maintainer/preview_result.html",
        draft=draft,
        token="preview",  # noqa: S106  (it opens nothing)
        opened=opened,
        result=shown.result,
        plan=shown.plan,
        revisions=shown.revisions,
        newest=True,
        changing=False,
        form=None,
        deciding_keys=(),
        fact_keys=(),
    )


@blueprint.get("/rubrics/<uuid:draft_id>/preview/plan-<language_tag>.pdf")
@limiter.limit(PRINT)
def preview_pdf(draft_id: UUID, language_tag: str) -> Response | tuple[str, int]:
    """Give the plan of an invented company as a PDF file.

    :raise 404: if there is no such draft or language.
    """
    reader()
    if language_tag not in set(Language):
        abort(404)
    draft = found_draft(draft_id)
    version = _version(draft)
    if isinstance(version, FileProblems):
        return _unfinished(draft, version)
    content = previewing.sample_pdf(db.session, version, words_in(Language(language_tag)))
    name = f"draft-{draft.number}-{language_tag}.pdf"
    return Response(
        content, mimetype="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _version(draft: Draft) -> RubricVersion | FileProblems:
    try:
        return draft.version()
    except FileProblems as error:
        return error


def _unfinished(draft: Draft, error: FileProblems) -> tuple[str, int]:
    return render_template("maintainer/unfinished.html", draft=draft, problems=error.problems), 409
