"""Moving to a newer version of the questions: looking first, then doing it, then perhaps undoing it."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.services import moving
from readiness.services.move_views import move_view
from readiness.services.moving import NewerVersion, SaidSince
from readiness.web.language import words
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_link


@blueprint.get("/assessments/<token>/move")
def move(token: str) -> str | Response:
    """Show what moving to the newest version would do to every answer, to the score and to the band.

    :raise 404: if the link does not exist.
    """
    return _preview(token)


@blueprint.post("/assessments/<token>/move")
@limiter.limit(CHANGE, key_func=by_link)
def move_confirmed(token: str) -> str | Response | tuple[str | Response, int]:
    """Move, and show the answers on the newer version.

    :raise 404: if the link does not exist.
    :raise 409: if a still newer version was published since it was shown; that one is shown.
    """
    open_link(token)
    to = _version_asked()
    if to is None:
        return _preview(token)
    try:
        moving.move(token, to)
    except NewerVersion:
        return _preview(token, newer_still=True), 409
    return redirect(url_for("owner.check", token=token))


@blueprint.get("/assessments/<token>/move/undo")
def undo_move(token: str) -> str | Response:
    """Say what going back would do, and ask.

    :raise 404: if the link does not exist.
    """
    return _undoing(token)


@blueprint.post("/assessments/<token>/move/undo")
@limiter.limit(CHANGE, key_func=by_link)
def undo_move_confirmed(token: str) -> str | Response | tuple[str | Response, int]:
    """Go back to the answers as they were before the move.

    :raise 404: if the link does not exist.
    :raise 409: if more was said since than was shown; it is shown.
    """
    open_link(token)
    seen = request.form.get("seen", "")
    try:
        moving.undo(token, int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1)
    except SaidSince:
        return _undoing(token, more=True), 409
    return redirect(url_for("owner.check", token=token))


def _preview(token: str, *, newer_still: bool = False) -> str | Response:
    opened = open_link(token)
    way = moving.offered(opened)
    if way is None:
        return redirect(url_for("owner.resume", token=token))
    view = move_view(opened, moving.preview(opened, way), words())
    return render_template(
        "owner/move.html", token=token, opened=opened, view=view, to=way.ids[-1], newer_still=newer_still
    )


def _undoing(token: str, *, more: bool = False) -> str | Response:
    opened = open_link(token)
    undoing = moving.undoing(opened)
    if undoing is None:
        return redirect(url_for("owner.resume", token=token))
    texts = opened.version.texts[words().language]
    return render_template("owner/undo_move.html", token=token, opened=opened, undoing=undoing, texts=texts, more=more)


def _version_asked() -> UUID | None:
    try:
        return UUID(request.form.get("to", ""))
    except ValueError:
        return None
