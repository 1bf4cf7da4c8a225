"""A participant's one page: it shows the question, takes the answer, and shows what the room said."""

from __future__ import annotations

from flask import Response as Answered
from flask import abort, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer, AnswerNotAllowed, AnswersError, UnknownQuestion
from readiness.services import rooms
from readiness.services.answer_words import answer_words
from readiness.services.opening import hash_of
from readiness.services.rooms import NotAsked, Seat, SessionOver, Superseded
from readiness.web.language import current, words
from readiness.web.limits import CHANGE, LOOK, limiter
from readiness.web.owner.forms import answer_from, choices_drawn
from readiness.web.room.blueprint import blueprint
from readiness.web.voices import answer_line, line, role_label, spread_shown


def by_participant() -> str:
    """Name the participant, by what is kept of the token."""
    return hash_of(str((request.view_args or {}).get("participant", ""))).hex()


@blueprint.get("/room/<participant>")
def seat(participant: str) -> str:
    """Show the question, or what the room said.

    :raise 404: if nobody has this address.
    """
    choice = request.form.get("answer") if request.endpoint == "room.voice" else None
    return _page(participant, rooms.seat(participant), choice)


@blueprint.post("/room/<participant>/questions/<question_id>")
@limiter.limit(CHANGE, key_func=by_participant)
def voice(participant: str, question_id: str) -> Response | str | tuple[str, int]:
    """Keep an answer.

    :raise 404: if nobody has this address, or there is no such question.
    :raise 409: if the answers were shown already, or the session is over; the page keeps what was chosen.
    """
    choice = request.form.get("answer") or None
    back = redirect(url_for("room.seat", participant=participant))
    if choice is None:
        # The language, or a look whether the room went on.
        if request.form.get("language") or request.form.get("then") == "look":
            return back
        return _page(participant, rooms.seat(participant), None, problem="missing"), 422
    try:
        rooms.say(participant, question_id, answer_from(choice), turn=_turn())
    except AnswerNotAllowed:
        return _page(participant, rooms.seat(participant), None, problem="missing"), 422
    except UnknownQuestion:
        abort(404)
    except Superseded:
        return _page(participant, rooms.seat(participant), choice, problem="superseded"), 409
    except (NotAsked, SessionOver) as late:
        return _late(participant, question_id, choice, over=isinstance(late, SessionOver)), 409
    return back


@blueprint.get("/room/<participant>/state")
@limiter.limit(LOOK, key_func=by_participant)
def state(participant: str) -> Answered:
    """Say where the room is; nothing but 304 while that is known already.

    :raise 404: if nobody has this address.
    """
    mark = f"{rooms.mark(participant)}.{current()}"
    if mark in request.if_none_match:
        response = Answered(status=304)
    else:
        now = rooms.standing(participant)
        response = jsonify({"place": now.place, "line": line(now.state, now.answered, now.people, words())})
    response.set_etag(mark)
    return response


def _page(participant: str, seat: Seat, choice: str | None, problem: str = "") -> str:
    drawn = None
    asking = seat.question is not None and seat.state == "asking" and not seat.over
    if asking and seat.question is not None:
        mine = "" if seat.mine is None else str(answer_rules.plain(seat.mine))
        drawn = choices_drawn(seat.version, seat.question, words(), mine if choice is None else choice, numbered=True)
    texts = seat.version.texts[words().language]
    return render_template(
        "room/seat.html",
        participant=participant,
        seat=seat,
        asking=asking,
        choices=drawn,
        problem=problem,
        texts=texts,
        role=role_label(seat.role, words()),
        line=line(seat.state, seat.answered, seat.people, words()),
        mark=f'"{rooms.mark_of(seat.counter, over=seat.over)}.{current()}"',
        number=list(seat.version.rubric.questions_by_id).index(seat.question.id) + 1 if seat.question else 0,
        mine=_words(seat, seat.mine),
        agreed=_words(seat, seat.agreed),
        **spread_shown(seat.spread, seat.version, seat.question, words(), seat.mine),
    )


def _late(participant: str, question_id: str, choice: str, *, over: bool) -> str:
    """Say that an answer came too late, and show it."""
    seat = rooms.seat(participant)
    try:
        answer = answer_rules.read(seat.version.rubric, question_id, answer_from(choice))
    except AnswersError:
        answer = None
    return render_template(
        "room/late.html",
        participant=participant,
        over=over,
        seat=seat,
        mine=_words(seat, seat.mine) if seat.question and seat.question.id == question_id else "",
        line=line(seat.state, seat.answered, seat.people, words()),
        mark=f'"{rooms.mark_of(seat.counter, over=seat.over)}.{current()}"',
        question=seat.version.texts[words().language].get(f"questions.{question_id}.text", ""),
        answer="" if answer is None else answer_words(seat.version, question_id, answer, words()),
    )


def _words(seat: Seat, answer: Answer | None) -> str:
    if answer is None or seat.question is None:
        return ""
    return answer_line(seat.version, seat.question, answer, words())


def _turn() -> int:
    turn = request.form.get("turn", "")
    return int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 10 else 1
