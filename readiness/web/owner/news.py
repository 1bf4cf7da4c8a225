"""Mails about schemes that change: asked for beside the links, confirmed and stopped by what the mails lead to."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import abort, current_app, redirect, render_template, url_for
from itsdangerous import BadData
from werkzeug.wrappers import Response

from readiness.core.languages import Language
from readiness.services.asked_mails import NobodyAsks
from readiness.services.links import MailNotSent
from readiness.services.mailing import news_signer, send_news_question
from readiness.services.news_mails import news_mails
from readiness.web.language import words
from readiness.web.limits import CHANGE, MAIL, by_link, limiter
from readiness.web.owner import links
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import news_form


@blueprint.post("/assessments/<token>/links/news")
@limiter.limit(MAIL)
@limiter.limit("5 per day", key_func=by_link)
def news_ask(token: str) -> tuple[str, int]:
    """Ask for mails when a scheme of the plan changes: one goes out now, to be confirmed.

    :raise 404: if the link does not exist, or this site sends no mails.
    """
    if not current_app.config["MAILS"]:
        abort(404)
    form = news_form(words())()
    if not form.validate():
        return links.page(token, asking=form), 422
    try:
        news_mails.ask(token, str(form["news_address"].data), Language(words().language), send_news_question)
    except MailNotSent:
        return links.page(token, problem="not_sent", asking=form), 502
    return links.page(token, news_asked=True), 200


@blueprint.post("/assessments/<token>/links/news/stop")
@limiter.limit(CHANGE, key_func=by_link)
def news_stop(token: str) -> Response:
    """Stop the mails and forget the address.

    :raise 404: if the link does not exist.
    """
    news_mails.stop(token)
    return redirect(url_for("owner.links", token=token, _anchor="news"))


@blueprint.get("/news/<code>")
def news(code: str) -> str:
    """Show what a mail leads to: to say yes to the mails, or to stop them.

    :raise 404: if nobody asks for these mails any more.
    """
    try:
        return render_template("owner/news.html", code=code, asked=news_mails.found(_id_of(code)))
    except NobodyAsks:
        return render_template("owner/news.html", code=code, asked=None)


@blueprint.post("/news/<code>")
@limiter.limit(MAIL)
def news_confirm(code: str) -> Response:
    """Say yes to the mails.

    :raise 404: if the address was never sent.
    """
    with suppress(NobodyAsks):
        news_mails.confirm(_id_of(code))
    return redirect(url_for("owner.news", code=code))


@blueprint.post("/news/<code>/stop")
@limiter.limit(MAIL)
def news_leave(code: str) -> Response:
    """Stop the mails and forget the address.

    :raise 404: if the address was never sent.
    """
    news_mails.leave(_id_of(code))
    return redirect(url_for("owner.news", code=code))


def _id_of(code: str) -> UUID:
    try:
        return UUID(news_signer().loads(code))
    except (BadData, ValueError, TypeError, AttributeError):
        abort(404)
