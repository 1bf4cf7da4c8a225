"""Without network: questionnaires and workbooks to take along, and the way back for a filled workbook."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import Any

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as Redirect

from readiness.core.languages import Language
from readiness.documents.questionnaire import QuestionnaireView, questionnaire_pdf
from readiness.documents.spreadsheets import LARGEST, FileRefused
from readiness.documents.workbook import workbook_xlsx
from readiness.services import taking_in
from readiness.services.assessing import AlreadySubmitted
from readiness.services.database import db
from readiness.services.opening import Opened, hash_of
from readiness.services.questionnaires import empty_questionnaire, filled_questionnaire
from readiness.services.review_views import review_view
from readiness.services.taking_in import SAVED, WORKBOOK, ChoiceMissing, NoWay, SavedSince
from readiness.services.versions import current_rubric, rubric_of
from readiness.services.workbook_words import refusal_words
from readiness.services.workbooks import Filled, NewerFormat, NotOurWorkbook, VersionNotHere, read_workbook
from readiness.web.language import words
from readiness.web.limits import CHANGE, PRINT_ANSWERS, TAKE, UPLOAD, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_link

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Seconds for which what was read waits to be saved: a day.
READ_FOR = 24 * 3600
#: What may keep a workbook from being read at all.
REFUSALS = (FileRefused, NotOurWorkbook, NewerFormat, VersionNotHere, NoWay)


@blueprint.get("/without-network")
def without_network() -> str:
    """Offer the questions on paper and as a workbook, to whoever has not begun."""
    version = rubric_of(current_rubric(db.session))
    return render_template("owner/without_network.html", rubric=version.id)


@blueprint.get("/questionnaire/<language_tag>.pdf")
@limiter.limit(TAKE)
def questionnaire(language_tag: str) -> Response:
    """Give the current questions to print.

    :raise 404: if the language does not exist.
    """
    return _pdf(_empty(language_tag))


@blueprint.get("/questionnaire/<language_tag>.xlsx")
@limiter.limit(TAKE)
def workbook(language_tag: str) -> Response:
    """Give the current questions as a workbook.

    :raise 404: if the language does not exist.
    """
    return _xlsx(_empty(language_tag))


@blueprint.get("/assessments/<token>/questionnaire-<language_tag>.pdf")
@limiter.limit(PRINT_ANSWERS, key_func=by_link)
def own_questionnaire(token: str, language_tag: str) -> Response:
    """Give the questions of an assessment to print, with what is answered ticked.

    :raise 404: if the link or the language does not exist.
    """
    return _pdf(_own(token, language_tag))


@blueprint.get("/assessments/<token>/workbook-<language_tag>.xlsx")
@limiter.limit(PRINT_ANSWERS, key_func=by_link)
def own_workbook(token: str, language_tag: str) -> Response:
    """Give the questions of an assessment as a workbook, with what is answered filled in.

    :raise 404: if the link or the language does not exist.
    """
    return _xlsx(_own(token, language_tag))


@blueprint.get("/assessments/<token>/offline")
def offline(token: str) -> str:
    """Offer what to take along, and take back a filled workbook.

    :raise 404: if the link does not exist.
    """
    taken = request.args.get("taken", "")
    number = int(taken) if taken.isascii() and taken.isdigit() and len(taken) < 5 else None
    # Where the form could not be taken just now, its file is gone.
    return _page(open_link(token), token, taken=number, file_lost=request.endpoint != "owner.offline")


@blueprint.post("/assessments/<token>/offline")
@limiter.limit(UPLOAD, key_func=by_link)
def offline_read(token: str) -> str | Redirect | tuple[str, int]:
    """Read a filled workbook and show what saving it would do; nothing is saved yet.

    :raise 404: if the link does not exist.
    """
    opened = open_link(token)
    if opened.submitted:
        return redirect(url_for("owner.offline", token=token))
    file = request.files.get("workbook")
    if file is None or not file.filename:
        return _page(opened, token, problem=words().gettext("Choose the workbook that you filled in.")), 422
    try:
        filled = read_workbook(db.session, file.read(LARGEST + 1))
        return _review(opened, token, filled)
    except REFUSALS as refused:
        return _page(opened, token, problem=refusal_words(refused, words())), 422


@blueprint.post("/assessments/<token>/offline/save")
@limiter.limit(CHANGE, key_func=by_link)
def offline_save(token: str) -> str | Redirect | tuple[str, int]:
    """Save what was read and shown, all of it or nothing.

    :raise 404: if the link does not exist.
    :raise 409: if something else was saved meanwhile; both are shown, and nothing is saved.
    """
    opened = open_link(token)
    sent = _unsealed(token, request.form.get("read", ""))
    if sent is None:
        return _page(opened, token, file_lost=True, problem=_read_again()), 422
    filled = Filled.from_record(sent["filled"])
    chosen = {key: value for key, value in request.form.items() if value in (WORKBOOK, SAVED)}
    try:
        if request.form.get("language"):
            return _review(opened, token, filled, chosen=chosen)
        number = taking_in.take_in(token, filled, sent["shown"], chosen)
    except SavedSince:
        return _review(open_link(token), token, filled, chosen=chosen, meanwhile=True), 409
    except ChoiceMissing as missing:
        return _review(open_link(token), token, filled, chosen=chosen, missing=missing.keys, problem="choose"), 422
    except AlreadySubmitted:
        return _page(open_link(token), token, problem=_finished()), 409
    except REFUSALS as refused:
        # The assessment went on to another version meanwhile.
        return _page(open_link(token), token, problem=refusal_words(refused, words())), 409
    return redirect(url_for("owner.offline", token=token, taken=number))


def _empty(language_tag: str) -> QuestionnaireView:
    if language_tag not in set(Language):
        abort(404)
    version = rubric_of(current_rubric(db.session))
    return empty_questionnaire(version, Language(language_tag), current_app.config["PUBLIC_URL"])


def _own(token: str, language_tag: str) -> QuestionnaireView:
    if language_tag not in set(Language):
        abort(404)
    return filled_questionnaire(open_link(token), Language(language_tag), current_app.config["PUBLIC_URL"])


def _pdf(view: QuestionnaireView) -> Response:
    # Printing takes a second: no transaction stays open meanwhile.
    db.session.rollback()
    return _file(questionnaire_pdf(view), PDF, f"ai-readiness-questionnaire-{view.language}.pdf")


def _xlsx(view: QuestionnaireView) -> Response:
    return _file(workbook_xlsx(view), XLSX, f"ai-readiness-workbook-{view.language}.xlsx")


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _page(opened: Opened, token: str, **more: Any) -> str:
    return render_template("owner/offline.html", opened=opened, token=token, **more)


def _review(opened: Opened, token: str, filled: Filled, **more: Any) -> str:
    found = taking_in.review(opened, filled)
    return render_template(
        "owner/offline_review.html",
        opened=opened,
        token=token,
        review=review_view(opened, found, words()),
        read=_sealed(token, {"filled": filled.record(), "shown": found.shown}),
        **{"chosen": {}, "missing": [], **more},
    )


def _sealed(token: str, content: dict[str, Any]) -> str:
    """Return what was read, for a hidden field: nothing is kept here, and only this link in this session sends it."""
    return str(_seal().dumps({"by": _who(token), **content}))


def _unsealed(token: str, sealed: str) -> dict[str, Any] | None:
    """Return what :func:`_sealed` made here, None for anything else."""
    try:
        content = _seal().loads(sealed, max_age=READ_FOR)
    except BadData:
        return None
    return content if compare_digest(content["by"], _who(token)) else None


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="workbook")


def _who(token: str) -> str:
    # Asking for the token of the form makes sure that the session has its own.
    generate_csrf()
    return sha256(f"{session['csrf_token']} {hash_of(token).hex()}".encode()).hexdigest()


def _read_again() -> str:
    return words().gettext(
        "What was read waited for too long, or for another window. Nothing was saved: choose the workbook once more."
    )


def _finished() -> str:
    return words().gettext(
        "The assessment was finished in another window meanwhile. Nothing of the workbook was saved."
    )
