"""The desk's first page: what this account may do, and what waits."""

from __future__ import annotations

from flask import render_template

from readiness.web.account.blueprint import blueprint
from readiness.web.account.forms import capability_label
from readiness.web.language import words
from readiness.web.staff import DESK_PAGES, DESK_WAITING, actor


@blueprint.get("", strict_slashes=False)
def desk() -> str:
    """Lead to the pages that this account may open."""
    here = actor()
    pages: dict[str, str] = {}
    for endpoint, title, needs in DESK_PAGES:
        if needs in here.capabilities:
            # A page that two capabilities open is one page.
            pages.setdefault(endpoint, title(words()))
    waiting = {endpoint: DESK_WAITING[endpoint](here, words()) for endpoint in pages if endpoint in DESK_WAITING}
    capabilities = [capability_label(each, words()) for each in sorted(here.capabilities)]
    return render_template("account/desk.html", actor=here, pages=pages, waiting=waiting, capabilities=capabilities)
