"""What owners would see of a draft, or of a version in review: any question, the result, the plan as a PDF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
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
from readiness.services.version_files import packed
from readiness.web.language import words
from readiness.web.limits import PRINT, limiter
from readiness.web.maintainer.access import found_draft, reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.comparing import stored
from readiness.web.owner.forms import choices_of, question_form


@dataclass(frozen=True)
class Previewed:
    """A version that is looked at before it is published."""

    version: RubricVersion
    #: Where it comes from: None for what is, or was, in review.
    draft: Draft | None = None

    @property
    def home(self) -> str:
        """The page that the preview belongs to."""
        if self.draft is None:
            return url_for("maintainer.review", number=self.version.id)
        return url_for("maintainer.draft", draft_id=self.draft.id)

    def question(self, thing: str) -> str:
        """Return the address of a question's preview."""
        if self.draft is None:
            return url_for("maintainer.review_question", number=self.version.id, thing=thing)
        return url_for("maintainer.preview_question", draft_id=self.draft.id, thing=thing)

    @property
    def result(self) -> str:
        """The address of the result's preview."""
        if self.draft is None:
            return url_for("maintainer.review_result", number=self.version.id)
        return url_for("maintainer.preview_result", draft_id=self.draft.id)


@blueprint.get("/rubrics/<uuid:draft_id>/preview/questions/<thing>")
def preview_question(draft_id: UUID, thing: str) -> str | tuple[str, int]:
    """Show a question of a draft as owners would see it.

    :raise 404: if there is no such draft or question.
    """
    reader()
    draft = found_draft(draft_id)
    try:
        previewed = Previewed(draft.version(), draft)
    except FileProblems as error:
        return _unfinished(draft, error)
    return _question(previewed, thing, url_for("maintainer.page", draft_id=draft_id, part="questions", thing=thing))


@blueprint.get("/rubrics/review/<number>/preview/questions/<thing>")
def review_question(number: str, thing: str) -> str:
    """Show a question of a version in review as owners would see it.

    :raise 404: if there is no such version or question.
    """
    reader()
    previewed = Previewed(stored(number))
    return _question(previewed, thing, previewed.home)


@blueprint.post("/rubrics/<uuid:draft_id>/preview/questions/<thing>")
def preview_question_submit(draft_id: UUID, thing: str) -> Redirect | tuple[str, int]:
    """Go on to the next question; nothing is saved.

    :raise 404: if there is no such draft.
    """
    reader()
    draft = found_draft(draft_id)
    try:
        return _onward(Previewed(draft.version(), draft), thing)
    except FileProblems as error:
        return _unfinished(draft, error)


@blueprint.post("/rubrics/review/<number>/preview/questions/<thing>")
def review_question_submit(number: str, thing: str) -> Redirect:
    """Go on to the next question; nothing is saved.

    :raise 404: if there is no such version.
    """
    reader()
    return _onward(Previewed(stored(number)), thing)


@blueprint.get("/rubrics/<uuid:draft_id>/preview/result")
def preview_result(draft_id: UUID) -> str | tuple[str, int]:
    """Show a result under a draft as an owner would see it, with invented answers.

    :raise 404: if there is no such draft.
    """
    reader()
    draft = found_draft(draft_id)
    try:
        return _result(Previewed(draft.version(), draft))
    except FileProblems as error:
        return _unfinished(draft, error)


@blueprint.get("/rubrics/review/<number>/preview/result")
def review_result(number: str) -> str:
    """Show a result under a version in review as an owner would see it, with invented answers.

    :raise 404: if there is no such version.
    """
    reader()
    return _result(Previewed(stored(number)))


@blueprint.get("/rubrics/<uuid:draft_id>/preview/plan-<language_tag>.pdf")
@limiter.limit(PRINT)
def preview_pdf(draft_id: UUID, language_tag: str) -> Response | tuple[str, int]:
    """Give the plan of an invented company under a draft as a PDF file.

    :raise 404: if there is no such draft or language.
    """
    reader()
    draft = found_draft(draft_id)
    try:
        return _pdf(draft.version(), language_tag, f"draft-{draft.number}")
    except FileProblems as error:
        return _unfinished(draft, error)


@blueprint.get("/rubrics/review/<number>/preview/plan-<language_tag>.pdf")
@limiter.limit(PRINT)
def review_pdf(number: str, language_tag: str) -> Response:
    """Give the plan of an invented company under a version in review as a PDF file.

    :raise 404: if there is no such version or language.
    """
    reader()
    return _pdf(stored(number), language_tag, f"review-{number}")


@blueprint.get("/rubrics/review/<number>/files.zip")
@limiter.limit(PRINT)
def review_files(number: str) -> Response:
    """Give the files of a version in review, as ``rubric export`` writes them.

    :raise 404: if there is no such version.
    """
    reader()
    return _file(packed(stored(number)), "application/zip", f"rubric-{number}.zip")


def _question(previewed: Previewed, thing: str, back: str) -> str:
    version = previewed.version
    order = list(version.rubric.questions_by_id)
    if thing not in order:
        abort(404)
    asked = version.rubric.questions_by_id[thing]
    texts = version.texts[words().language]
    dimension = next((d for d in version.rubric.dimensions if d.id == asked.dimension), None)
    form = question_form(version, asked, words())(formdata=None)
    return _page(
        "maintainer/preview_question.html",
        previewed,
        opened=previewing.opened(version, words(), {}, submitted=False),
        question=asked,
        texts=texts,
        number=order.index(thing) + 1,
        of=len(order),
        pillar=texts[f"pillars.{dimension.pillar}.name"] if dimension else "",
        back=back,
        choices=choices_of(form, version, asked, words()),
        note="",
        version="0",
    )


def _onward(previewed: Previewed, thing: str) -> Redirect:
    order = list(previewed.version.rubric.questions_by_id)
    following = order[order.index(thing) + 1 :] if thing in order else []
    return redirect(previewed.question(following[0]) if following else previewed.result)


def _result(previewed: Previewed) -> str:
    opened, shown = previewing.sample_result(db.session, previewed.version, words())
    return _page(
        "maintainer/preview_result.html",
        previewed,
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


def _pdf(version: RubricVersion, language_tag: str, name: str) -> Response:
    if language_tag not in set(Language):
        abort(404)
    content = previewing.sample_pdf(db.session, version, words_in(Language(language_tag)))
    return _file(content, "application/pdf", f"{name}-{language_tag}.pdf")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(template: str, previewed: Previewed, **more: Any) -> str:
    token = "preview"  # noqa: S105  (it opens nothing)
    return render_template(template, previewed=previewed, token=token, **more)


def _unfinished(draft: Draft, error: FileProblems) -> tuple[str, int]:
    return render_template("maintainer/unfinished.html", draft=draft, problems=error.problems), 409
