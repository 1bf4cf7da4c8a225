"""A consultant's notes on a client."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.services import engagement_notes
from readiness.services.engagement_notes import Note, NoteChanged, TooManyNotes
from readiness.web.consultant.blueprint import blueprint
from readiness.web.consultant.clients import client_page
from readiness.web.engagement_forms import note_form
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.staff import actor


@blueprint.post("/clients/<uuid:engagement_id>/notes")
def note_add(engagement_id: UUID) -> Response | tuple[str, int]:
    """Write a note.

    :raise 404: if the client is not this consultant's, or is over.
    """
    form = note_form(words())()
    if not form.validate():
        return client_page(engagement_id, form), 422
    try:
        engagement_notes.add(actor(), engagement_id, form["text"].data, shared=form["kind"].data == "shared")
    except TooManyNotes:
        return client_page(engagement_id, form, problem="too_many_notes"), 409
    return _to_notes(engagement_id)


@blueprint.get("/clients/<uuid:engagement_id>/notes/<uuid:note_id>")
def note(engagement_id: UUID, note_id: UUID) -> str:
    """Show one's own note, to write it anew.

    :raise 404: if the client is not this consultant's, or there is no such note of one's own.
    """
    found = engagement_notes.one(actor(), engagement_id, note_id)
    form = note_form(words(), shared=found.shared)
    return _page(found, as_sent(form, "consultant.note_edit", {"text": found.text, "seen": str(found.number)}))


@blueprint.post("/clients/<uuid:engagement_id>/notes/<uuid:note_id>")
def note_edit(engagement_id: UUID, note_id: UUID) -> Response | str | tuple[str, int]:
    """Write a note anew; what it said before is kept.

    :raise 404: if the client is not this consultant's, or there is no such note of one's own.
    :raise 409: if it was written anew elsewhere meanwhile; both are shown.
    """
    found = engagement_notes.one(actor(), engagement_id, note_id)
    form = note_form(words(), shared=found.shared)()
    if not form.validate():
        return _page(found, form), 422
    seen = str(form["seen"].data or "")
    try:
        number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
        engagement_notes.edit(actor(), engagement_id, note_id, form["text"].data, seen=number)
    except NoteChanged as changed:
        form["seen"].process_data(str(changed.number))
        return _page(found, form, changed), 409
    return _to_notes(engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/notes/<uuid:note_id>/delete")
def note_delete(engagement_id: UUID, note_id: UUID) -> Response:
    """Mark a note as deleted.

    :raise 404: if the client is not this consultant's, or there is no such note of one's own.
    """
    engagement_notes.delete(actor(), engagement_id, note_id)
    return _to_notes(engagement_id)


def _to_notes(engagement_id: UUID) -> Response:
    return redirect(url_for("consultant.client", engagement_id=engagement_id, _anchor="notes"))


def _page(found: Note, form: FlaskForm, changed: NoteChanged | None = None) -> str:
    return render_template("consultant/note.html", note=found, form=form, changed=changed, problem=changed is not None)
