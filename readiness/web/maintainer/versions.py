"""Every version with its state, the open drafts, and what can be done to them."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.services import drafts, publishing
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.services.publishing import LastVersion, VersionNotPublished
from readiness.web.language import words
from readiness.web.maintainer.access import reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.labels import state_label, step_label
from readiness.web.staff import actor, fresh


@blueprint.get("/rubrics", strict_slashes=False)
def versions() -> str:
    """List versions and drafts.

    :raise 403: if the account neither edits drafts nor publishes.
    """
    reader()
    return _page()


@blueprint.post("/rubrics/drafts")
def draft_begin() -> Response:
    """Begin a draft from the version in use.

    :raise 404: if none is published.
    """
    current = next((each for each in publishing.listed(db.session) if each.current), None)
    if current is None:
        abort(404)
    return redirect(url_for("maintainer.draft", draft_id=drafts.create(actor(), current.number)))


@blueprint.post("/rubrics/versions/<number>/retire")
def retire(number: str) -> Response | tuple[str, int]:
    """Let a published version go.

    :raise 404: if it is not published.
    """
    fresh(url_for("maintainer.versions"))
    try:
        publishing.retire(actor(), number)
    except VersionNotPublished:
        abort(404)
    except LastVersion as error:
        return _page(
            problem=words().gettext("%(number)s is the only published version.") % {"number": error.number}
        ), 409
    return redirect(url_for("maintainer.versions"))


def _page(**more: Any) -> str:
    here = actor()
    return render_template(
        "maintainer/versions.html",
        versions=publishing.listed(db.session),
        drafts=drafts.listed(db.session),
        may_edit=Capability.EDIT_DRAFTS in here.capabilities,
        may_publish=Capability.PUBLISH in here.capabilities,
        label=lambda state: state_label(state, words()),
        step_label=lambda step: step_label(step, words()),
        **more,
    )
