"""What the company does about its plan: the actions, each with who, by when, how far, and what shows it."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as Redirect

from readiness.documents.words import Words
from readiness.models import ActionState
from readiness.services import again, following
from readiness.services.action_views import action_line, calendar_of, state_name
from readiness.services.database import db
from readiness.services.following import ActionChanged
from readiness.services.opening import Opened
from readiness.services.planning import today
from readiness.services.reminder_mails import reminder_mails
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.action_forms import action_form, form_data, reminder_form, said_in
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import seen_version
from readiness.web.owner.opening import open_link


@blueprint.get("/assessments/<token>/actions")
def actions(token: str) -> str:
    """List the actions of the newest plan, and those of earlier ones of which something was said.

    :raise 404: if the link does not exist.
    """
    return page(token)


@blueprint.get("/assessments/<token>/actions/<action_id>")
def action(token: str, action_id: str) -> str:
    """Ask how far an action is.

    :raise 404: if the link does not exist, or no plan of the company has this action.
    """
    opened = open_link(token)
    followed = _find(opened, action_id)
    form = as_sent(action_form(words()), "owner.action_submit", form_data(followed.said, followed.changes))
    return _form_page(token, opened, followed, form)


@blueprint.post("/assessments/<token>/actions/<action_id>")
@limiter.limit(CHANGE, key_func=by_link)
def action_submit(token: str, action_id: str) -> str | Redirect | tuple[str, int]:
    """Save what is said of an action.

    :raise 404: if the link does not exist, or no plan of the company has this action.
    :raise 409: if something else was saved meanwhile; both are shown.
    """
    opened = open_link(token)
    followed = _find(opened, action_id)
    form = action_form(words())()
    if not form.validate_on_submit():
        return _form_page(token, opened, followed, form), 422
    try:
        following.save(token, action_id, said_in(form), seen=seen_version(form) or 0)
    except ActionChanged as conflict:
        again_form = action_form(words())(formdata=None, data=form_data(conflict.yours, conflict.version))
        meanwhile = [_saved(form[name].label.text, value, words()) for name, value in conflict.saved.items()]
        return _form_page(token, opened, followed, again_form, meanwhile=meanwhile), 409
    return redirect(url_for("owner.actions", token=token, saved=action_id, _anchor=f"action-{action_id}"))


@blueprint.post("/assessments/<token>/actions/<action_id>/again")
@limiter.limit(CHANGE, key_func=by_link)
def action_again(token: str, action_id: str) -> Redirect:
    """Ask again what an action was to raise; the answer stays until it is saved again.

    :raise 404: if the link does not exist, or no plan of the company has this action.
    """
    question = again.answer_again(token, action_id)
    if question is None:
        return redirect(url_for("owner.check", token=token))
    return redirect(url_for("owner.question", token=token, question_id=question.id))


@blueprint.get("/assessments/<token>/actions.ics")
@blueprint.get("/assessments/<token>/actions/<action_id>.ics")
def actions_ics(token: str, action_id: str | None = None) -> Response:
    """Give the days of the actions as a calendar file, and with all of them the day to assess again.

    :raise 404: if the link does not exist, or no plan of the company has this action.
    """
    opened = open_link(token)
    family = opened.assessment.family_id
    company = opened.profile.name or ""
    if action_id is not None:
        content = calendar_of([_find(opened, action_id)], family, company, words())
        return _calendar(content, f"ai-readiness-{action_id}.ics")
    review = following.review_of(db.session, family)
    # What an earlier plan asked for and is done or dropped stays in: a calendar that holds it takes it out.
    followed = [each for each in following.of_family(db.session, family) if each.in_plan or each.settled]
    return _calendar(calendar_of(followed, family, company, words(), review), "ai-readiness-actions.ics")


def page(token: str, *, asking: FlaskForm | None = None, **more: Any) -> str:
    """Return the page of a company's actions, with the form for reminders as it was sent."""
    opened = open_link(token)
    followed = following.of_family(db.session, opened.assessment.family_id)
    lines = [action_line(each, opened, today(), words()) for each in followed]
    # A consultant neither sees nor changes where the company's mails go.
    mails = current_app.config["MAILS"] and g.get("engagement") is None
    return render_template(
        "owner/actions.html",
        token=token,
        opened=opened,
        progress=following.progress(followed, today()),
        planned=[line for line in lines if line.in_plan],
        earlier=[line for line in lines if not line.in_plan],
        asking=(asking or as_sent(reminder_form(words()), "owner.reminder_ask")) if mails else None,
        reminded=reminder_mails.asked(opened) if mails else None,
        saved=request.args.get("saved"),
        **more,
    )


def _find(opened: Opened, action_id: str) -> following.Followed:
    return following.find(following.of_family(db.session, opened.assessment.family_id), action_id)


def _form_page(token: str, opened: Opened, followed: following.Followed, form: FlaskForm, **more: Any) -> str:
    return render_template(
        "owner/action.html",
        token=token,
        form=form,
        line=action_line(followed, opened, today(), words()),
        texts=followed.version.texts[words().language],
        key=f"actions.{followed.action.id}",
        planned_for=words().day(followed.planned_for) if followed.planned_for else "",
        **more,
    )


def _saved(label: str, value: Any, words: Words) -> tuple[str, str]:
    """Return what is saved now, in words."""
    if isinstance(value, ActionState):
        return label, state_name(value, words)
    if isinstance(value, date):
        return label, words.day(value)
    return label, value or words.gettext("left open")


def _calendar(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type="text/calendar; charset=utf-8; method=PUBLISH", headers=headers)
