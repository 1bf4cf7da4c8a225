"""A consultant's clients, and what can be done with each."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.models import Access
from readiness.services import caseload, engagements, guided_sessions
from readiness.web.consultant.blueprint import blueprint
from readiness.web.engagement_forms import invite_form, proposed
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import GIVE, limiter
from readiness.web.qr import qr
from readiness.web.staff import actor


@blueprint.get("/clients")
def clients() -> str:
    """List the consultant's clients, and offer to invite one."""
    return _page(as_sent(invite_form(words()), "consultant.client_invite", proposed()))


@blueprint.post("/clients")
@limiter.limit(GIVE)
def client_invite() -> tuple[str, int]:
    """Invite a company, and show the link for it, this once."""
    form = invite_form(words())()
    if not form.validate():
        return _page(form), 422
    scope, until = Access(form["scope"].data), form["until"].data
    _, token = engagements.invite(actor(), form["company"].data.strip(), scope, until)
    made = f"{current_app.config['PUBLIC_URL']}{url_for('owner.engage', invitation=token)}"
    again = invite_form(words())(formdata=None, data=proposed())
    return _page(again, made=made, picture=qr(made), invited=form["company"].data), 200


@blueprint.get("/clients/<uuid:engagement_id>")
def client(engagement_id: UUID) -> str:
    """Show one client.

    :raise 404: if it is not this consultant's, or is over.
    """
    return render_template(
        "consultant/client.html",
        client=caseload.client(actor(), engagement_id, words()),
        sessions=guided_sessions.listed(actor(), engagement_id),
    )


@blueprint.post("/clients/<uuid:engagement_id>/open")
def client_open(engagement_id: UUID) -> Response:
    """Go to the company's own pages, as far as it allows.

    :raise 404: if it is not this consultant's, or is over.
    """
    return redirect(url_for("owner.resume", token=engagements.way_in(actor(), engagement_id)))


@blueprint.post("/clients/<uuid:engagement_id>/end")
def client_end(engagement_id: UUID) -> Response:
    """End the engagement from the consultant's side.

    :raise 404: if it is not this consultant's, or is over.
    """
    engagements.end_own(actor(), engagement_id)
    return redirect(url_for("consultant.clients"))


def _page(form: FlaskForm, **more: Any) -> str:
    return render_template("consultant/clients.html", form=form, clients=caseload.listed(actor(), words()), **more)
