"""A guided session as its consultant leads it: one page, which is also the room's screen."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any
from uuid import UUID

from flask import Response as Answered
from flask import abort, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core import answers as answer_rules
from readiness.core.answers import AnswersError
from readiness.services import caseload, guided_sessions, rooms
from readiness.services.answer_words import answer_words
from readiness.services.assessing import AlreadySubmitted, AnswerChanged
from readiness.services.guided_sessions import (
    LONGEST_REASON,
    AnswersMoved,
    Led,
    NotShown,
    ReasonMissing,
    ReasonTooLong,
    SessionUnknown,
)
from readiness.services.spreads import choices
from readiness.web.consultant.blueprint import blueprint
from readiness.web.language import current, words
from readiness.web.owner.forms import answer_from
from readiness.web.qr import qr
from readiness.web.staff import actor
from readiness.web.voices import answer_line, line, spread_shown


@blueprint.get("/clients/<uuid:engagement_id>/session")
def session(engagement_id: UUID) -> str:
    """Show the open session on the room's screen, or offer to open one.

    :raise 404: if it is not this consultant's client.
    """
    try:
        here = guided_sessions.led(actor(), engagement_id)
    except SessionUnknown:
        client = caseload.client(actor(), engagement_id, words())
        return render_template("consultant/session_closed.html", client=client, sessions=_listed(engagement_id))
    return _page(engagement_id, here)


@blueprint.post("/clients/<uuid:engagement_id>/session")
def session_open(engagement_id: UUID) -> Response:
    """Open a session, or go on with the open one.

    :raise 404: if it is not this consultant's client.
    """
    guided_sessions.open_session(actor(), engagement_id)
    return _to_session(engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/session/ask/<question_id>")
def session_ask(engagement_id: UUID, question_id: str) -> Response | tuple[str, int]:
    """Put a question on the screen.

    :raise 404: if there is no such client, session or question.
    :raise 409: if the answers were finished meanwhile; the page says what to do.
    """
    return _led_on(lambda: guided_sessions.ask(actor(), engagement_id, question_id), engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/session/show/<question_id>")
def session_reveal(engagement_id: UUID, question_id: str) -> Response | tuple[str, int]:
    """Show the voices.

    :raise 404: if there is no such client, session or question.
    :raise 409: if the answers were finished meanwhile; the page says what to do.
    """
    return _led_on(lambda: guided_sessions.reveal(actor(), engagement_id, question_id), engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/session/again/<question_id>")
def session_reopen(engagement_id: UUID, question_id: str) -> Response | tuple[str, int]:
    """Let a question be answered again.

    :raise 404: if there is no such client, session or question.
    :raise 409: if the answers were finished meanwhile; the page says what to do.
    """
    return _led_on(lambda: guided_sessions.reopen(actor(), engagement_id, question_id), engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/session/agree/<question_id>")
def session_agree(engagement_id: UUID, question_id: str) -> Response | tuple[str, int]:
    """Save the agreed answer, and why.

    :raise 404: if there is no such client, session or question.
    :raise 409: if somebody else changed the answers meanwhile; everything is shown.
    """
    choice, reason = request.form.get("answer") or "", request.form.get("reason", "")
    try:
        guided_sessions.agree(
            actor(),
            engagement_id,
            question_id,
            answer_from(choice),
            reason,
            seen=_seen(),
            rubric=request.form.get("rubric", ""),
        )
    except AnswerChanged as conflict:
        return _conflict(engagement_id, conflict, reason), 409
    except AnswersError:
        problem = "choice"
    except ReasonMissing:
        problem = "reason"
    except ReasonTooLong:
        problem = "long"
    except NotShown:
        problem = "not_shown"
    except (AlreadySubmitted, AnswersMoved):
        # The page itself says so, and what to do.
        problem = "finished"
    else:
        return _to_session(engagement_id)
    here = guided_sessions.led(actor(), engagement_id)
    status = 409 if problem in ("finished", "not_shown") else 422
    return _page(engagement_id, here, problem=problem, choice=choice, reason=reason), status


@blueprint.get("/clients/<uuid:engagement_id>/session/ask/<question_id>")
@blueprint.get("/clients/<uuid:engagement_id>/session/show/<question_id>")
@blueprint.get("/clients/<uuid:engagement_id>/session/again/<question_id>")
@blueprint.get("/clients/<uuid:engagement_id>/session/agree/<question_id>")
@blueprint.get("/clients/<uuid:engagement_id>/session/remove")
@blueprint.get("/clients/<uuid:engagement_id>/session/close")
def session_step(engagement_id: UUID, question_id: str = "") -> Response:
    """Lead whoever opens the address of a form back to the screen.

    :raise 404: if it is not this consultant's client.
    """
    _listed(engagement_id)
    return _to_session(engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/session/remove")
def session_remove(engagement_id: UUID) -> Response | tuple[str, int]:
    """Remove people from the room, before the first question.

    :raise 404: if there is no such client or session.
    :raise 409: if the answers were finished meanwhile; the page says what to do.
    """
    people = request.form.getlist("person", type=UUID)
    return _led_on(lambda: guided_sessions.remove(actor(), engagement_id, people), engagement_id)


@blueprint.post("/clients/<uuid:engagement_id>/session/close")
def session_close(engagement_id: UUID) -> Response:
    """Close the session, which deletes the names.

    :raise 404: if it is not this consultant's client.
    """
    closed = guided_sessions.close_session(actor(), engagement_id)
    if closed is None:
        return _to_session(engagement_id)
    return redirect(url_for("consultant.session_summary", engagement_id=engagement_id, session_id=closed))


@blueprint.get("/clients/<uuid:engagement_id>/session/state")
def session_state(engagement_id: UUID) -> Answered:
    """Say where the room is; nothing but 304 while that is known already."""
    mark = f"{guided_sessions.mark(actor(), engagement_id)}.{current()}"
    if mark in request.if_none_match:
        response = Answered(status=304)
    else:
        now = guided_sessions.standing(actor(), engagement_id)
        said = line(now.state, now.answered, now.people, words())
        response = jsonify({"place": now.place, "line": said, "names": now.names})
    response.set_etag(mark)
    return response


@blueprint.get("/clients/<uuid:engagement_id>/session/<uuid:session_id>")
def session_summary(engagement_id: UUID, session_id: UUID) -> str:
    """Show what a session came to.

    :raise 404: if there is no such client or session.
    """
    summary = guided_sessions.summary(actor(), engagement_id, session_id)
    return render_template(
        "consultant/session_summary.html",
        client=caseload.client(actor(), engagement_id, words()),
        summary=summary,
        texts=summary.version.texts[words().language],
        answer=lambda question, answer: answer_line(summary.version, question, answer, words()),
        shown=lambda row: spread_shown(row.spread, summary.version, row.question, words()),
        decimals=_decimals,
    )


def _led_on(change: Callable[[], None], engagement_id: UUID) -> Response | tuple[str, int]:
    """Change the room, and go back to its screen."""
    try:
        change()
    except AlreadySubmitted:
        # The page itself says so, and what to do.
        return _page(engagement_id, guided_sessions.led(actor(), engagement_id)), 409
    return _to_session(engagement_id)


def _page(engagement_id: UUID, here: Led, **more: Any) -> str:
    question = here.question
    asked = here.asked.get(question.id) if question else None
    if "choice" not in more:
        sent = request.form if request.endpoint == "consultant.session_agree" else {}
        more = {"choice": sent.get("answer"), "reason": sent.get("reason"), **more}
    if more["choice"] is None and question is not None:
        saved = asked.value if asked and asked.value is not None else None
        more["choice"] = "" if saved is None else str(saved)
    if more["reason"] is None:
        more["reason"] = asked.reason if asked else ""
    address = f"{current_app.config['PUBLIC_URL']}{url_for('room.join_code', code=here.code)}"
    people = len(here.names)
    return render_template(
        "consultant/session.html",
        engagement_id=engagement_id,
        here=here,
        question=question,
        asked=asked,
        texts=here.version.texts[words().language],
        takes=[
            (str(answer_rules.plain(each)), answer_words(here.version, question.id, each, words()))
            for each in choices(here.version.rubric, question)
        ]
        if question
        else [],
        agreed=_words(here, asked.value) if asked and here.state == "agreed" else "",
        before=_words(here, asked.value) if asked and asked.value is not None else "",
        number=[each.id for each in here.questions].index(question.id) + 1 if question else 0,
        picture=qr(address),
        join=f"{current_app.config['PUBLIC_URL']}{url_for('room.join')}".split("://", 1)[1],
        line=line(here.state, here.answered, people, words()),
        mark=f'"{rooms.mark_of(here.counter, over=False)}.{current()}"',
        longest=LONGEST_REASON,
        decimals=_decimals,
        **spread_shown(here.spread, here.version, question, words()),
        **{"problem": "", **more},
    )


def _conflict(engagement_id: UUID, conflict: AnswerChanged, reason: str) -> str:
    """Show the agreed answer and the one that somebody else saved; the room chooses."""
    here = guided_sessions.led(actor(), engagement_id)
    question = here.version.rubric.questions_by_id.get(conflict.question) or abort(404)

    def said(answer: Any) -> dict[str, str]:
        plain = "" if answer is None else str(answer_rules.plain(answer))
        return {"value": plain, "text": answer_words(here.version, question.id, answer, words())}

    return render_template(
        "consultant/session_conflict.html",
        engagement_id=engagement_id,
        here=here,
        question=question,
        texts=here.version.texts[words().language],
        saved=said(conflict.saved.answer),
        yours=said(conflict.yours.answer),
        seen=conflict.version,
        reason=reason,
    )


def _words(here: Led, value: Any) -> str:
    if here.question is None:
        return ""
    answer = answer_rules.read(here.version.rubric, here.question.id, value)
    return answer_line(here.version, here.question, answer, words())


def _decimals(number: Any) -> str:
    """Return a fraction of levels with one decimal, rounded half up as the score is."""
    tenths = int(number * 10 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}"


def _seen() -> int:
    seen = request.form.get("version", "0")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0


def _listed(engagement_id: UUID) -> list[guided_sessions.Listed]:
    return guided_sessions.listed(actor(), engagement_id)


def _to_session(engagement_id: UUID) -> Response:
    return redirect(url_for("consultant.session", engagement_id=engagement_id))
