"""Who may help with this assessment: offers to consultants, engagements, and their end; invitations by consultants."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.models import Access
from readiness.services import asking, engagement_notes, engagement_steps, engagements, handing_over
from readiness.services.asking import AlreadyAsked, Request
from readiness.services.database import db
from readiness.services.engagements import EngagementUnknown, TooManyEngagements
from readiness.services.opening import LinkUnknown, ReadOnly, is_consultants
from readiness.web.engagement_forms import ask_form, offer_form, proposed
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import ASK, ASK_BY_ADDRESS, CHANGE, GIVE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.labels import sector_label
from readiness.web.owner.opening import open_link
from readiness.web.qr import qr


@blueprint.get("/assessments/<token>/consultants")
def consultants(token: str) -> str:
    """Say who had and who has access, and offer it to a consultant.

    :raise 404: if the link does not exist.
    """
    return _page(token, _offering())


@blueprint.post("/assessments/<token>/consultants")
@limiter.limit(GIVE, key_func=by_link)
def consultant_offer(token: str) -> tuple[str, int]:
    """Make an offer and show its link, this once.

    :raise 404: if the link does not exist.
    """
    form = offer_form(words())()
    if not form.validate():
        return _page(token, form), 422
    try:
        made = engagements.offer(token, Access(form["scope"].data), form["until"].data)
    except TooManyEngagements:
        return _page(token, form, problem="too_many"), 409
    return _made(token, made), 200


@blueprint.post("/assessments/<token>/consultants/<uuid:engagement_id>/give-on")
@limiter.limit(GIVE, key_func=by_link)
def consultant_give_on(token: str, engagement_id: UUID) -> tuple[str, int]:
    """Give an engagement to another consultant, and show the link for them, this once.

    :raise 404: if the link does not exist.
    """
    try:
        made = handing_over.give_on(token, engagement_id)
    except EngagementUnknown:
        return _page(token, _offering(), problem="over"), 409
    return _made(token, made), 200


@blueprint.get("/assessments/<token>/consultants/ask")
def consultant_ask(token: str) -> str:
    """Ask for a consultant, and choose what the consultants see before one of them takes it.

    :raise 404: if the link does not exist.
    """
    return _asking(token, as_sent(ask_form(words()), "owner.consultant_ask_submit", proposed()))


@blueprint.post("/assessments/<token>/consultants/ask")
@limiter.limit(ASK_BY_ADDRESS)
@limiter.limit(ASK, key_func=by_link)
def consultant_ask_submit(token: str) -> Response | tuple[str, int]:
    """Put the company in the consultants' queue.

    :raise 404: if the link does not exist.
    """
    form = ask_form(words())()
    if not form.validate():
        return _asking(token, form), 422
    wish = Request(
        Access(form["scope"].data),
        form["until"].data,
        form["name"].data,
        form["contact"].data,
        form["message"].data,
        form["shows"].data or (),
    )
    try:
        asking.ask(token, wish)
    except TooManyEngagements:
        return _asking(token, form, problem="too_many"), 409
    except AlreadyAsked:
        return _asking(token, form, problem="asked"), 409
    return redirect(url_for("owner.consultants", token=token, asked=1))


@blueprint.post("/assessments/<token>/consultants/<uuid:engagement_id>/end")
@limiter.limit(CHANGE, key_func=by_link)
def consultant_end(token: str, engagement_id: UUID) -> Response:
    """End an engagement: from now on the consultant sees nothing.

    :raise 404: if the link does not exist.
    """
    engagements.end(token, engagement_id)
    return redirect(url_for("owner.consultants", token=token, ended=1))


@blueprint.get("/invited/<invitation>")
def engage(invitation: str) -> str:
    """Say which consultant asks for access, to what, and until when.

    :raise 404: if it was accepted already, or is too old.
    """
    return render_template("owner/engage.html", offer=engagements.found(invitation, "invited"))


@blueprint.post("/invited/<invitation>")
@limiter.limit(GIVE)
def engage_accept(invitation: str) -> Response | tuple[str, int]:
    """Accept, with a new assessment or the company's own.

    :raise 404: if it was accepted already, or is too old.
    """
    own = _token_in(request.form.get("own", ""))
    try:
        token = engagements.accept(invitation, own)
    except (LinkUnknown, ReadOnly):
        offer = engagements.found(invitation, "invited")
        return render_template("owner/engage.html", offer=offer, problem="own", own=request.form.get("own")), 422
    except TooManyEngagements:
        offer = engagements.found(invitation, "invited")
        return render_template("owner/engage.html", offer=offer, problem="too_many"), 409
    return redirect(url_for("owner.consultants", token=token, accepted=1))


def _token_in(address: str) -> str | None:
    """Return the token in a pasted link, "" if there is none in it, or None where nothing was pasted."""
    if not address.strip():
        return None
    token = address.partition("/assessments/")[2].partition("/")[0].partition("?")[0].strip()
    return "" if is_consultants(token) else token


def _offering() -> FlaskForm:
    return as_sent(offer_form(words()), "owner.consultant_offer", proposed())


def _made(token: str, offer: str) -> str:
    """Return the page with the link of an offer, which is shown this once."""
    address = f"{current_app.config['PUBLIC_URL']}{url_for('consultant.offer', offer=offer)}"
    again = offer_form(words())(formdata=None, data=proposed())
    return _page(token, again, made=address, picture=qr(address))


def _page(token: str, form: FlaskForm, **more: Any) -> str:
    opened = open_link(token)
    listed = engagements.of_company(opened)
    steps = engagement_steps.of(db.session, [each.id for each in listed])
    return render_template(
        "owner/consultants.html",
        token=token,
        opened=opened,
        form=form,
        active=[each for each in listed if each.state == "active"],
        open=[each for each in listed if each.runs and each.state != "active"],
        past=[each for each in listed if not each.runs],
        former=engagement_steps.former(steps),
        steps=steps,
        notes=engagement_notes.shared_with(opened),
        asking=any(each.state == "asked" for each in listed),
        accepted="accepted" in request.args,
        ended="ended" in request.args,
        asked="asked" in request.args,
        **more,
    )


def _asking(token: str, form: FlaskForm, **more: Any) -> str:
    opened = open_link(token)
    profile = opened.profile
    return render_template(
        "owner/ask.html",
        token=token,
        opened=opened,
        form=form,
        sector=sector_label(profile.sector, words()) if profile.sector else "",
        employees=(profile.employees or "").replace("-", "–"),
        **more,
    )
