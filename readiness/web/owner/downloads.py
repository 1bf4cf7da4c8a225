"""The plan as a PDF file, and everything as a JSON file that can be recomputed."""

from __future__ import annotations

from itertools import chain

from flask import Response, abort, redirect, url_for
from werkzeug.wrappers import Response as Redirect

from readiness.core.languages import Language
from readiness.documents.words import words_in
from readiness.models import Access
from readiness.services import engagement_notes, exporting, results
from readiness.services.opening import is_consultants
from readiness.web.limits import PRINT, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_link, open_result


@blueprint.get("/assessments/<token>/plan-<language_tag>.pdf")
@blueprint.get("/assessments/<token>/results/<int(max=999999):revision>/plan-<language_tag>.pdf")
@limiter.limit(PRINT, key_func=by_link)
def plan_pdf(token: str, language_tag: str, revision: int | None = None) -> Response | Redirect:
    """Give the plan in the language asked for.

    :raise 404: if the link or the language does not exist, or there is no plan.
    """
    if language_tag not in set(Language):
        abort(404)
    opened = open_result(token, revision)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    content = results.printed(opened, words_in(Language(language_tag)))
    if content is None:
        abort(404)
    return _file(content, "application/pdf", f"ai-readiness-plan-{language_tag}.pdf")


@blueprint.get("/assessments/<token>/export.json")
@blueprint.get("/assessments/<token>/results/<int(max=999999):revision>/export.json")
@limiter.limit(PRINT, key_func=by_link)
def export(token: str, revision: int | None = None) -> Response:
    """Give the answers, the result and the plan as a file that ``readiness verify`` recomputes.

    Without a revision it is the newest one, which may be a draft.

    :raise 404: if the link does not exist or shows no such result.
    """
    opened = open_link(token) if revision is None else open_result(token, revision)
    # A consultant's file holds nothing of other consultants, and a reader's none of any.
    to_company = opened.access is Access.EDIT and not is_consultants(token)
    shared = chain(*engagement_notes.shared_with(opened).values()) if to_company else ()
    return _file(exporting.export_of(opened, shared).encode(), "application/json", "ai-readiness.json")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
