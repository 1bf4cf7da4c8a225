"""The forms of following up: what is said of an action, and where reminders go."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea, GovTextInput
from wtforms import DateField, EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import Email, InputRequired, Length, Optional, ValidationError

from readiness.documents.words import Words
from readiness.models import ActionState
from readiness.services.action_views import state_name
from readiness.services.following import LONGEST_OWNER, LONGEST_TEXT, Said
from readiness.web.forms import PageForm
from readiness.web.owner.forms import clean_name

#: Days that can be meant.
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2099, 12, 31)


def action_form(words: Words) -> type[FlaskForm]:
    """Return the form of what is said of an action; ``version`` carries how often it had been changed when shown."""
    _ = words.gettext
    return type(
        "ActionForm",
        (PageForm,),
        {
            "state": RadioField(
                _("How far is it?"),
                widget=GovRadioInput(),
                choices=[SelectChoice(state.value, state_name(state, words)) for state in ActionState],
                validators=[InputRequired(_("Choose how far it is."))],
            ),
            "owner": StringField(
                _("Who does it? (you may leave it out)"),
                description=_("A name or a role that your company knows."),
                widget=GovTextInput(),
                filters=[lambda text: clean_name(text or "") or ""],
                validators=[Optional(), Length(max=LONGEST_OWNER, message=_("Write at most 60 characters."))],
            ),
            "due_on": _day_field(words),
            "note": TextAreaField(
                _("Note (you may leave it out)"),
                widget=GovTextArea(),
                filters=[_cleaned],
                validators=[Length(max=LONGEST_TEXT, message=_("Write at most 1,000 characters in the note."))],
            ),
            "proof": TextAreaField(
                _("What shows that it is done? (you may leave it out)"),
                description=_("Where the proof is kept, or the address of a page."),
                widget=GovTextArea(),
                filters=[_cleaned],
                validators=[Length(max=LONGEST_TEXT, message=_("Write at most 1,000 characters."))],
            ),
            "version": HiddenField(default="0"),
        },
    )


def said_in(form: FlaskForm) -> Said:
    """Return what a valid form says."""
    return Said(
        state=ActionState(form["state"].data),
        owner=form["owner"].data or "",
        due_on=form["due_on"].data,
        note=form["note"].data or "",
        proof=form["proof"].data or "",
    )


def form_data(said: Said, version: int) -> dict[str, Any]:
    """Return what the form shows of something said."""
    return {
        "state": said.state.value,
        "owner": said.owner,
        "due_on": said.due_on,
        "note": said.note,
        "proof": said.proof,
        "version": str(version),
    }


def reminder_form(words: Words) -> type[FlaskForm]:
    """Return the form that asks for reminders."""
    _ = words.gettext
    wrong = _("Write one e-mail address, such as name@example.com.")
    address = EmailField(
        _("Your e-mail address"),
        description=_("Kept for these mails alone, until you stop them or delete everything."),
        widget=GovTextInput(),
        validators=[InputRequired(wrong), Length(max=254, message=wrong), Email(wrong)],
    )
    return type("ReminderForm", (PageForm,), {"reminder_address": address})


def _day_field(words: Words) -> DateField:
    _ = words.gettext
    wrong = _("Write a day with year, month and day, such as 2027-05-31.")

    class Day(DateField):
        def process_formdata(self, valuelist: list[str]) -> None:
            try:
                super().process_formdata(valuelist)
            except ValueError:
                raise ValueError(wrong) from None

    def can_be_meant(_form: Any, field: Any) -> None:
        if field.data is not None and not FIRST_DAY <= field.data <= LAST_DAY:
            raise ValidationError(wrong)

    return Day(
        _("By when? (you may leave it out)"),
        description=_("Year, month, day. Left out, the day of the plan holds."),
        format="%Y-%m-%d",
        widget=GovTextInput(),
        validators=[Optional(), can_be_meant],
    )


def _cleaned(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\x00", "").strip()
