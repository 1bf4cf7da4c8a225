"""The links of an assessment: who can open it, and until when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.models import Access, Given
from readiness.services import links as link_rules
from readiness.services.links import LinkInUse, MailNotSent, NothingToRead, TooManyLinks, TooManyMails
from readiness.services.mailing import send_link
from readiness.services.news_mails import news_mails
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import CHANGE, GIVE, MAIL, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import clean_name, link_form, mail_form, news_form
from readiness.web.owner.opening import open_link


@blueprint.get("/assessments/<token>/links")
def links(token: str) -> str:
    """List the links in force, and offer to give, mail or withdraw one.

    :raise 404: if the link does not exist.
    """
    return page(token)


@blueprint.post("/assessments/<token>/links")
@limiter.limit(GIVE, key_func=by_link)
def link_give(token: str) -> tuple[str, int]:
    """Make a link and show it, this once.

    :raise 404: if the link does not exist.
    """
    form = link_form(words())()
    if not form.validate():
        return page(token, giving=form), 422
    access = Access(form["access"].data)
    try:
        made = link_rules.give(token, access, Given.SHARE, clean_name(form["label"].data or "") or "")
    except NothingToRead:
        return page(token, problem="nothing_to_read"), 409
    except TooManyLinks:
        return page(token, problem="too_many_links"), 409
    endpoint = "owner.result" if access is Access.READ else "owner.resume"
    return page(token, made=_public(made, endpoint), made_access=access), 200


@blueprint.post("/assessments/<token>/links/mail")
@limiter.limit(MAIL)
def link_mail(token: str) -> tuple[str, int]:
    """Mail an editing link to one address, which is not kept.

    :raise 404: if the link does not exist, or this site sends no mails.
    """
    if not current_app.config["MAILS"]:
        abort(404)
    form = mail_form(words())()
    if not form.validate():
        return page(token, mailing=form), 422
    address = str(form["address"].data)
    try:
        link_rules.mail(token, lambda made: send_link(address, _public(made, "owner.resume"), words()))
    except TooManyLinks:
        return page(token, problem="too_many_links"), 409
    except TooManyMails:
        return page(token, problem="too_many_mails"), 429
    except MailNotSent:
        return page(token, problem="not_sent", mailing=form), 502
    return page(token, mailed=address), 200


@blueprint.post("/assessments/<token>/links/<uuid:link_id>/withdraw")
@limiter.limit(CHANGE, key_func=by_link)
def link_withdraw(token: str, link_id: UUID) -> Response | tuple[str, int]:
    """Withdraw a link: from now on it opens nothing.

    :raise 404: if the link does not exist.
    """
    try:
        link_rules.withdraw(token, link_id)
    except LinkInUse:
        return page(token, problem="in_use"), 409
    return redirect(url_for("owner.links", token=token, _anchor="given"))


def page(
    token: str,
    *,
    giving: FlaskForm | None = None,
    mailing: FlaskForm | None = None,
    asking: FlaskForm | None = None,
    **more: Any,
) -> str:
    """Return the page of an assessment's links, with the forms as they were sent."""
    opened = open_link(token)
    mails = current_app.config["MAILS"]
    return render_template(
        "owner/links.html",
        token=token,
        opened=opened,
        links=link_rules.listed(opened),
        can_be_read=opened.submitted or opened.revising,
        giving=giving or as_sent(link_form(words()), "owner.link_give"),
        mailing=(mailing or as_sent(mail_form(words()), "owner.link_mail")) if mails else None,
        asking=(asking or as_sent(news_form(words()), "owner.news_ask")) if mails else None,
        news=news_mails.asked(opened),
        **more,
    )


def _public(token: str, endpoint: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}{url_for(endpoint, token=token)}"
