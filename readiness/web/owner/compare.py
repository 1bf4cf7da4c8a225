"""Results side by side, with what the rubric changed and what the person changed told apart."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.services import comparing
from readiness.web.language import words
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_result


@blueprint.get("/assessments/<token>/compare")
def compare(token: str) -> str | Response:
    """Show the newest result beside what its answers would give under the newest version.

    :raise 404: if the link does not exist.
    """
    opened = open_result(token)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    comparison = comparing.compare_with_newest(opened, words())
    if comparison is None:
        return redirect(url_for("owner.result", token=token))
    return render_template("owner/compare.html", token=token, comparison=comparison)


@blueprint.get("/assessments/<token>/compare/<int(max=999999):revision>/<int(max=999999):other>")
def compare_two(token: str, revision: int, other: int) -> str:
    """Show two results, the earlier first.

    :raise 404: if the link does not exist or shows no such results.
    """
    if revision == other:
        abort(404)
    first, second = (open_result(token, number) for number in sorted((revision, other)))
    comparison = comparing.compare(first, second, words())
    return render_template("owner/compare.html", token=token, comparison=comparison)
