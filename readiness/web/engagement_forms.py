"""The forms of engagements, on both sides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextInput
from wtforms import DateField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, ValidationError

from readiness.documents.words import Words
from readiness.models import Access
from readiness.services.engagements import LONGEST
from readiness.services.planning import today
from readiness.web.forms import PageForm

#: The last day that the forms propose.
PROPOSED = timedelta(days=182)


def proposed() -> dict[str, Any]:
    """Return what the forms propose: everything, for half a year."""
    return {"until": today() + PROPOSED, "scope": Access.EDIT.value}


def offer_form(words: Words) -> type[FlaskForm]:
    """Return the form by which a company says what a consultant may see, and until when."""
    return type("OfferForm", (PageForm,), {"scope": scope_field(words), "until": day_field(words)})


def invite_form(words: Words) -> type[FlaskForm]:
    """Return the form by which a consultant invites a company."""
    _ = words.gettext
    company = StringField(
        _("Name of the company"),
        description=_("What your list calls it. The company sees it too."),
        widget=GovTextInput(),
        validators=[InputRequired(_("Write the name of the company.")), Length(max=200)],
    )
    return type("InviteForm", (PageForm,), {"company": company, "scope": scope_field(words), "until": day_field(words)})


def scope_field(words: Words) -> RadioField:
    """Return the field of what a consultant may see and do."""
    _ = words.gettext
    return RadioField(
        _("What may the consultant do?"),
        widget=GovRadioInput(),
        choices=[
            SelectChoice(Access.EDIT.value, _("See and fill in everything with the company: answers, notes, plan")),
            SelectChoice(Access.READ.value, _("Only see the newest result and the plan")),
        ],
        validators=[InputRequired(_("Choose what the consultant may do."))],
    )


def day_field(words: Words) -> DateField:
    """Return the field of the last day."""
    _ = words.gettext
    wrong = _("Write a day from today on and at most a year ahead, such as 2026-12-31.")

    class Day(DateField):
        def process_formdata(self, valuelist: list[str]) -> None:
            try:
                super().process_formdata(valuelist)
            except ValueError:
                raise ValueError(wrong) from None

    def in_time(_form: Any, field: Any) -> None:
        if not today() <= (field.data or date.min) <= today() + LONGEST:
            raise ValidationError(wrong)

    return Day(
        _("Until which day?"),
        description=_("Year, month, day. Access ends by itself after it, and can be ended on any day before."),
        format="%Y-%m-%d",
        widget=GovTextInput(),
        validators=[InputRequired(wrong), in_time],
    )
