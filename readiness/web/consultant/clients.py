"""A consultant's clients, and what can be done with each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.models import Access
from readiness.services import (
    caseload,
    engagement_notes,
    engagements,
    following,
    guided_sessions,
    handing_over,
    sign_off,
)
from readiness.services.caseload import DUE, LATE, SORTS, AlreadyAccepted, Client, Wish
from readiness.services.checked_views import share_text
from readiness.services.database import db
from readiness.services.following import Progress
from readiness.services.planning import today
from readiness.web.consultant.blueprint import blueprint
from readiness.web.engagement_forms import (
    colleague_form,
    invite_form,
    name_form,
    next_form,
    note_form,
    proposed,
)
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import GIVE, limiter
from readiness.web.qr import qr
from readiness.web.staff import actor

#: Where the buttons of a client lead, beside the place where the company left.
WAYS = {
    "evidence": "owner.evidence",
    "result": "owner.result",
    "actions": "owner.actions",
    "trend": "owner.trend",
    "again": "owner.again",
}


@blueprint.get("/clients")
def clients() -> str:
    """List the consultant's clients, all or those looked for, and offer to invite one."""
    return _page(as_sent(invite_form(words()), "consultant.client_invite", proposed()))


@blueprint.post("/clients")
@limiter.limit(GIVE)
def client_invite() -> tuple[str, int]:
    """Invite a company, and show the link for it, this once."""
    form = invite_form(words())()
    if not form.validate():
        return _page(form), 422
    scope, until = Access(form["scope"].data), form["until"].data
    _, token = engagements.invite(actor(), form["company"].data, scope, until)
    again = invite_form(words())(formdata=None, data=proposed())
    return _page(again, **_made(token), invited=form["company"].data), 200


@blueprint.get("/clients/ended")
def ended() -> str:
    """List the clients of before, by name and days alone."""
    return render_template("consultant/ended.html", clients=caseload.ended(actor()))


@blueprint.get("/clients/<uuid:engagement_id>")
def client(engagement_id: UUID) -> str:
    """Show one client.

    :raise 404: if it is not this consultant's, or is over.
    """
    return client_page(engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/open")
def client_open(engagement_id: UUID) -> Response:
    """Go to the company's own pages, as far as it allows.

    :raise 404: if it is not this consultant's, or is over.
    """
    page = WAYS.get(request.form.get("then", ""), "owner.resume")
    return redirect(url_for(page, token=engagements.way_in(actor(), engagement_id)))


@blueprint.post("/clients/<uuid:engagement_id>/next")
def client_next(engagement_id: UUID) -> Response | tuple[str, int]:
    """Note when the two meet next.

    :raise 404: if it is not this consultant's, or is over.
    """
    form = next_form(words())()
    if not form.validate():
        return client_page(engagement_id, form), 422
    caseload.set_next(actor(), engagement_id, form["next_on"].data)
    return redirect(url_for("consultant.client", engagement_id=engagement_id))


@blueprint.post("/clients/<uuid:engagement_id>/name")
def client_rename(engagement_id: UUID) -> Response | tuple[str, int]:
    """Call a company that has not accepted yet by another name.

    :raise 404: if it is not this consultant's, or is over.
    """
    form = name_form(words())()
    if not form.validate():
        return client_page(engagement_id, form), 422
    try:
        caseload.rename(actor(), engagement_id, form["company"].data)
    except AlreadyAccepted:
        return client_page(engagement_id, problem="accepted"), 409
    return redirect(url_for("consultant.client", engagement_id=engagement_id))


@blueprint.post("/clients/<uuid:engagement_id>/invite")
@limiter.limit(GIVE)
def client_invite_again(engagement_id: UUID) -> tuple[str, int]:
    """Make a new link for a company that has not accepted yet, and show it, this once; the old one dies.

    :raise 404: if it is not this consultant's, or is over.
    """
    try:
        token = caseload.invite_again(actor(), engagement_id)
    except AlreadyAccepted:
        return client_page(engagement_id, problem="accepted"), 409
    return client_page(engagement_id, **_made(token)), 200


@blueprint.post("/clients/<uuid:engagement_id>/end")
def client_end(engagement_id: UUID) -> Response:
    """End the engagement from the consultant's side.

    :raise 404: if it is not this consultant's, or is over.
    """
    engagements.end_own(actor(), engagement_id)
    return redirect(url_for("consultant.clients"))


def client_page(engagement_id: UUID, form: FlaskForm | None = None, **more: Any) -> str:
    """Return the page of a client, with a form as it was sent where that could not be taken.

    :raise 404: if it is not this consultant's, or is over.
    """
    found = caseload.client(actor(), engagement_id, words())
    signed = sign_off.of_client(found.family_id)
    forms = {
        "next": as_sent(next_form(words()), "consultant.client_next", {"next_on": found.next_on}),
        "name": as_sent(name_form(words()), "consultant.client_rename", {"company": found.company}),
        "note": as_sent(note_form(words()), "consultant.note_add", {"kind": "private"}),
        "colleague": as_sent(colleague_form(words()), "consultant.client_propose"),
    }
    kinds = {"NextForm": "next", "NameForm": "name", "NewNoteForm": "note", "ColleagueForm": "colleague"}
    if form is not None:
        forms[kinds[type(form).__name__]] = form
    return render_template(
        "consultant/client.html",
        client=found,
        form=form,
        forms=forms,
        today=today(),
        notes=engagement_notes.of_client(actor(), engagement_id),
        proposed_to=handing_over.proposed_to(actor(), engagement_id),
        signed=signed,
        progress=_progress(found),
        sessions=guided_sessions.listed(actor(), engagement_id),
        checked_share=share_text(signed.shares.checked, signed.shares.of) if signed and signed.shares else "0 %",
        **more,
    )


def _made(token: str) -> dict[str, str]:
    made = f"{current_app.config['PUBLIC_URL']}{url_for('owner.engage', invitation=token)}"
    return {"made": made, "picture": qr(made)}


def _wish() -> Wish:
    """Return which clients the address asks for; what it says that we do not know counts as nothing."""
    state, sort = request.args.get("state", ""), request.args.get("sort", "")
    return Wish(
        name=" ".join(request.args.get("q", "").split())[:100],
        state=state if state in ("active", "invited") else "",
        band=request.args.get("band", "")[:64],
        due=DUE if request.args.get("due") == DUE else "",
        late=LATE if request.args.get("late") == LATE else "",
        sort=sort if sort in SORTS else SORTS[0],
    )


def _progress(client: Client) -> Progress | None:
    if client.family_id is None or client.scope is not Access.EDIT:
        return None
    return following.progress(following.of_family(db.session, client.family_id), today())


def _page(form: FlaskForm, **more: Any) -> str:
    all_clients, wish = caseload.listed(actor(), words()), _wish()
    bands = {each.band_id: each.band for each in all_clients if each.band_id}
    return render_template(
        "consultant/clients.html",
        form=form,
        clients=caseload.chosen(all_clients, wish, today()),
        number=len(all_clients),
        knows_overdue=any(each.overdue is not None for each in all_clients),
        wish=wish,
        bands=bands,
        today=today(),
        proposals=handing_over.proposals(actor()),
        **more,
    )
