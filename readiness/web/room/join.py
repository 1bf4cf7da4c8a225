"""Join a room: the code, then a name and a role."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovRadioInput, GovTextInput
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, ValidationError

from readiness.documents.words import Words
from readiness.models import Role
from readiness.services import rooms
from readiness.services.opening import hash_of
from readiness.services.rooms import RoomFull, RoomUnknown, SeatUnknown
from readiness.web.forms import PageForm, as_sent
from readiness.web.language import words
from readiness.web.limits import JOIN, WRONG_CODES, limiter
from readiness.web.owner.forms import clean_name
from readiness.web.room.blueprint import blueprint
from readiness.web.voices import role_label

#: Under which the browser's session keeps the seats that it has, by code.
SEATS = "seats"
#: Rooms that one browser remembers.
REMEMBERED = 3


def by_code() -> str:
    """Name the room that somebody tries to join, by what could be kept of its code."""
    return hash_of(rooms.clean_code(str((request.view_args or {}).get("code", "")))).hex()


def refused(response: Response) -> bool:
    """Return whether no room was found: only those attempts are counted."""
    return response.status_code == 404


@blueprint.get("/join")
def join() -> Response | str:
    """Ask for the code on the screen."""
    code = rooms.clean_code(request.args.get("code", ""))
    return redirect(url_for("room.join_code", code=code)) if code else render_template("room/code.html")


@blueprint.get("/join/<code>")
@limiter.limit(WRONG_CODES, deduct_when=refused)
def join_code(code: str) -> Response | str | tuple[str, int]:
    """Ask for a name and a role; whoever is in the room already goes back to their seat.

    :raise 404: if no open room has this code.
    """
    try:
        room = rooms.found(code)
    except RoomUnknown:
        return render_template("room/code.html", wrong=code[:20]), 404
    seated = _seat_here(room.code)
    if seated and "anew" not in request.args and request.endpoint == "room.join_code":
        return redirect(url_for("room.seat", participant=seated))
    form = as_sent(join_form(words()), "room.join_submit", {"ticket": rooms.new_ticket()})
    return _page(form, room)


@blueprint.post("/join/<code>")
@limiter.limit(JOIN, key_func=by_code)
@limiter.limit(WRONG_CODES, deduct_when=refused)
def join_submit(code: str) -> Response | str | tuple[str, int]:
    """Take a seat; the same form twice is one seat.

    :raise 404: if no open room has this code.
    """
    form = join_form(words())()
    try:
        if not form.validate():
            return _page(form, rooms.found(code)), 422
        token = rooms.join(
            code,
            clean_name(form["name"].data) or "",
            Role(form["role"].data),
            keep_name=form["keep_name"].data,
            ticket=form["ticket"].data,
        )
    except RoomUnknown:
        return render_template("room/code.html", wrong=code[:20]), 404
    except RoomFull:
        return _page(form, rooms.found(code), full=True), 409
    seats = {**session.get(SEATS, {}), rooms.clean_code(code): token}
    session[SEATS] = dict(list(seats.items())[-REMEMBERED:])
    return redirect(url_for("room.seat", participant=token))


def join_form(words: Words) -> type[FlaskForm]:
    """Return the form by which somebody joins."""
    _ = words.gettext
    missing = _("Write the name by which the room knows you.")

    def visible(_form: Any, field: Any) -> None:
        if clean_name(field.data or "") is None:
            raise ValidationError(missing)

    return type(
        "JoinForm",
        (PageForm,),
        {
            "name": StringField(
                _("Your name"),
                description=_("Stands in the list of who is in the room, and nowhere beside an answer."),
                widget=GovTextInput(),
                validators=[InputRequired(missing), Length(max=60, message=_("Write at most 60 characters.")), visible],
            ),
            "role": RadioField(
                _("What do you mainly do in the company?"),
                description=_("Shown beside answers only when two or more people with the same role answered."),
                widget=GovRadioInput(),
                choices=[SelectChoice(role.value, role_label(role, words)) for role in Role],
                validators=[InputRequired(_("Choose what comes nearest."))],
            ),
            "keep_name": BooleanField(
                _("My name may stay in the consultant’s list after the session"), widget=GovCheckboxInput()
            ),
            "ticket": HiddenField(validators=[Length(min=1, max=64)]),
        },
    )


def _seat_here(code: str) -> str | None:
    """Return the token of the seat that this browser has in a room."""
    token = session.get(SEATS, {}).get(code)
    try:
        return None if token is None or rooms.seat(token).over else str(token)
    except SeatUnknown:
        return None


def _page(form: FlaskForm, room: rooms.Room, **more: Any) -> str:
    return render_template("room/join.html", form=form, room=room, **more)
