"""Writing a draft: a page for each question and action, one for the bands, the gates and the policy.

A form sends each place with the mark of what the person saw there. What they did not touch is not sent on; what
somebody else changed meanwhile is shown with both values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from flask import abort, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core.languages import Language
from readiness.library.draft_documents import NoSuchPlace, mark_of, value_at
from readiness.library.draft_values import read_value, shown_value
from readiness.services import drafts
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.services.drafts import LONGEST_TEXT, DraftClosed, Edit, PlaceChanged
from readiness.web.language import words
from readiness.web.maintainer.access import found_draft, reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.fields import Section, paths_of, sections
from readiness.web.maintainer.labels import part_label
from readiness.web.staff import actor

VALUE, SEEN = "value:", "seen:"
PAGE = "/rubrics/<uuid:draft_id>/<part>"
PAGE_OF_ONE = "/rubrics/<uuid:draft_id>/<part>/<thing>"
#: The parts that are one page, and those that have a page for each thing.
WHOLE, OF_ONE = ("bands", "gates", "policy"), ("questions", "actions")


@blueprint.get(PAGE)
@blueprint.get(PAGE_OF_ONE)
def page(draft_id: UUID, part: str, thing: str | None = None) -> str:
    """Show a part of a draft to write in.

    :raise 404: if the draft or the thing does not exist.
    """
    reader()
    _require_part(part, thing)
    return _page(draft_id, part, thing)


@blueprint.post(PAGE)
@blueprint.post(PAGE_OF_ONE)
def page_submit(draft_id: UUID, part: str, thing: str | None = None) -> Response | tuple[Response | str, int]:
    """Save what was written; a script asks for JSON and sends one place at a time.

    :raise 404: if the draft or the thing does not exist.
    :raise 409: if somebody else changed one of the places meanwhile; both values are shown. So is what was written
        if the draft was published or put aside.
    """
    _require_part(part, thing)
    shown = sections(found_draft(draft_id), part, thing, words())
    if not shown:
        abort(404)
    edits = _edits(paths_of(shown))
    try:
        draft, conflicts = drafts.change(actor(), draft_id, edits)
    except NoSuchPlace:
        abort(400)
    except DraftClosed:
        if request.accept_mimetypes.best == "application/json":
            return jsonify(saved={}, conflicts=[], closed=True), 409
        return _page(draft_id, part, thing, sent=request.form, problem="closed"), 409
    if request.accept_mimetypes.best == "application/json":
        saved = {edit.path: mark_of(value_at(draft.document, edit.path)) for edit in edits}
        said = [{"path": each.path, "by": each.by, "saved": shown_value(each.path, each.saved)} for each in conflicts]
        standings = _standings(sections(draft, part, thing, words()), saved)
        return jsonify(saved=saved, conflicts=said, standings=standings), 409 if conflicts else 200
    if conflicts:
        return _page(draft_id, part, thing, conflicts=conflicts), 409
    return redirect(url_for("maintainer.page", draft_id=draft_id, part=part, thing=thing, saved=1))


@blueprint.post("/rubrics/<uuid:draft_id>/still-right")
def still_right(draft_id: UUID) -> Response:
    """Say that a translation is right although its English text changed.

    :raise 404: if there is no such draft.
    """
    found_draft(draft_id)
    language, _, key = request.form.get("text", "").partition("/")
    if language not in (Language.ZH_HANT, Language.ZH_HANS):
        abort(400)
    try:
        drafts.confirm_translation(actor(), draft_id, Language(language), key, request.form.get("seen", ""))
    except (NoSuchPlace, DraftClosed):
        abort(404)
    except PlaceChanged:
        # Its English text changed once more: the page shows the new one.
        pass
    part, _, rest = key.partition(".")
    thing = rest.partition(".")[0]
    if part in ("questions", "actions"):
        return redirect(url_for("maintainer.page", draft_id=draft_id, part=part, thing=thing))
    part = part if part in ("bands", "gates") else "policy"
    return redirect(url_for("maintainer.page", draft_id=draft_id, part=part))


@blueprint.post("/rubrics/<uuid:draft_id>/gates/add")
def gate_add(draft_id: UUID) -> Response:
    """Add a gate to write.

    :raise 404: if there is no such draft.
    """
    found = found_draft(draft_id)
    id = request.form.get("gate", "").strip()
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,60}", id) or value_at(found.document, f"gates.{id}") is not None:
        abort(400)
    rubric: dict[str, Any] = found.document["rubric"]
    gate = {
        "id": id,
        "dimension": rubric["dimensions"][0]["id"],
        "needs": rubric["scoring"]["scale"]["lowest"] + 1,
        "limit": rubric["bands"][0]["id"],
        "explanation": "",
    }
    edits = [] if "gates" in rubric else [Edit("gates", [], mark_of(None))]
    try:
        drafts.change(actor(), draft_id, [*edits, Edit(f"gates.{id}", gate, mark_of(None))])
    except DraftClosed:
        abort(404)
    return redirect(url_for("maintainer.page", draft_id=draft_id, part="gates"))


@blueprint.post("/rubrics/<uuid:draft_id>/gates/<thing>/remove")
def gate_remove(draft_id: UUID, thing: str) -> Response:
    """Take a gate out.

    :raise 404: if there is no such gate.
    """
    found = found_draft(draft_id)
    if value_at(found.document, f"gates.{thing}") is None:
        abort(404)
    seen = request.form.get("seen", "")
    edits = [Edit(f"gates.{thing}", None, seen)]
    for language in (Language.ZH_HANT, Language.ZH_HANS):
        path = f"{language.value}/gates.{thing}"
        edits.append(Edit(path, None, mark_of(value_at(found.document, path))))
    try:
        drafts.change(actor(), draft_id, edits)
    except DraftClosed:
        abort(404)
    return redirect(url_for("maintainer.page", draft_id=draft_id, part="gates"))


def _require_part(part: str, thing: str | None) -> None:
    """See that there is such a page.

    :raise 404: if there is not.
    """
    if part not in (WHOLE if thing is None else OF_ONE):
        abort(404)


def _edits(allowed: set[str]) -> list[Edit]:
    """Return what was touched among what a form sent.

    :raise 400: if it names a place that the page does not show.
    """
    edits = []
    for name, text in request.form.items():
        if not name.startswith(VALUE):
            continue
        path = name.removeprefix(VALUE)
        if path not in allowed or len(text) > LONGEST_TEXT:
            abort(400)
        seen = request.form.get(SEEN + path, "")
        value = read_value(path, text)
        if mark_of(value) != seen and not (text == "" and mark_of(None) == seen):
            edits.append(Edit(path, value, seen))
    return edits


def _standings(shown: list[Section], saved: Collection[str]) -> dict[str, list[str]]:
    """Return how the translations stand of each text that was saved in one of its languages."""
    rows = [row for section in shown for row in section.rows if any(field.path in saved for field in row.fields)]
    fields = [field for row in rows for field in row.fields]
    return {field.path: [field.state.value, field.standing] for field in fields if field.state is not None}


def _page(draft_id: UUID, part: str, thing: str | None, *, sent: Mapping[str, str] | None = None, **more: Any) -> str:
    # What could not be taken just now stands in the form as it was sent.
    sent = sent or (request.form if g.get("notice") else {})
    db.session.expire_all()
    draft = found_draft(draft_id)
    shown = sections(draft, part, thing, words())
    if not shown and part in ("questions", "actions"):
        abort(404)
    here = actor()
    return render_template(
        "maintainer/page.html",
        draft=draft,
        part=part,
        thing=thing,
        sections=shown,
        may_edit=Capability.EDIT_DRAFTS in here.capabilities and not draft.closed,
        label=lambda path: part_label(path, words()),
        shown_value=shown_value,
        mark=lambda path: mark_of(value_at(draft.document, path)),
        just_saved="saved" in request.args,
        sent=sent,
        **more,
    )
