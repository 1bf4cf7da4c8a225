"""The forms of engagements, on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovRadioInput, GovTextArea, GovTextInput
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from readiness.documents.words import Words
from readiness.models import Access
from readiness.services.engagement_notes import LONGEST as LONGEST_NOTE
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
    asked = words.gettext("What should the company let you do?")
    fields = {"company": name_field(words), "scope": scope_field(words, asked), "until": day_field(words)}
    return type("InviteForm", (PageForm,), fields)


def ask_form(words: Words) -> type[FlaskForm]:
    """Return the form by which a company asks for a consultant, and says what the queue shows."""
    _ = words.gettext
    name = StringField(
        _("Your name"),
        widget=GovTextInput(),
        filters=[_plain],
        validators=[
            InputRequired(_("Write the name that the consultant asks for.")),
            _longest(words, 120),
            not_blank(words),
        ],
    )
    contact = StringField(
        _("Your e-mail address or telephone number"),
        description=_("The consultant who takes your request writes or calls you there. It is used for nothing else."),
        widget=GovTextInput(),
        filters=[_plain],
        validators=[
            InputRequired(_("Write an e-mail address or a telephone number.")),
            _longest(words, 254),
            reachable(words),
        ],
    )
    message = TextAreaField(
        _("What should the consultant know? (You may leave this out.)"),
        widget=GovTextArea(),
        filters=[_plain],
        validators=[_longest(words, 1000)],
    )
    shows = SelectMultipleField(
        _("Before one of them takes it, the consultants see your trade, size and band. Show them more?"),
        widget=GovCheckboxesInput(),
        choices=[
            SelectChoice("company", _("the name of the company")),
            SelectChoice("contact", _("your name, and how to reach you")),
            SelectChoice("message", _("your message")),
        ],
    )
    fields = {"name": name, "contact": contact, "message": message, "shows": shows}
    return type("AskForm", (PageForm,), {**fields, "scope": scope_field(words), "until": day_field(words)})


def next_form(words: Words) -> type[FlaskForm]:
    """Return the form by which a consultant notes when the two meet next."""
    _ = words.gettext
    wrong = _("Write a day within the next two years, such as 2026-12-31, or leave the field empty.")

    def in_time(_form: Any, field: Any) -> None:
        if field.data and not today() <= field.data <= today() + 2 * LONGEST:
            raise ValidationError(wrong)

    next_on = _day(wrong)(
        _("Next date with this client"),
        description=_("Year, month, day. Empty it when there is none."),
        format="%Y-%m-%d",
        widget=GovTextInput(),
        validators=[Optional(), in_time],
    )
    return type("NextForm", (PageForm,), {"next_on": next_on})


def name_form(words: Words) -> type[FlaskForm]:
    """Return the form by which a consultant calls an invited company by another name."""
    return type("NameForm", (PageForm,), {"company": name_field(words)})


def note_form(words: Words, *, shared: bool | None = None) -> type[FlaskForm]:
    """Return the form of a note.

    :param shared: of which kind it is; None asks, and proposes that it is private.
    """
    _ = words.gettext
    text = TextAreaField(
        _("Note"),
        widget=GovTextArea(),
        filters=[_plain],
        validators=[InputRequired(_("Write the note.")), _longest(words, LONGEST_NOTE), not_blank(words)],
    )
    if shared is not None:
        return type("NoteForm", (PageForm,), {"text": text, "seen": HiddenField()})
    kind = RadioField(
        _("Who may read it?"),
        widget=GovRadioInput(),
        choices=[
            SelectChoice("private", _("Private: only you, and whoever takes the client over from you")),
            SelectChoice("shared", _("Shared: the company too, with your address and the day")),
        ],
        validators=[InputRequired(_("Choose who may read the note."))],
    )
    return type("NewNoteForm", (PageForm,), {"text": text, "kind": kind})


def colleague_form(words: Words) -> type[FlaskForm]:
    """Return the form by which a consultant asks a colleague to take a client over."""
    _ = words.gettext
    address = StringField(
        _("E-mail address of the colleague"),
        description=_("The address with which the colleague signs in here."),
        widget=GovTextInput(),
        filters=[_plain],
        validators=[InputRequired(_("Write the colleague's e-mail address.")), _longest(words, 254)],
    )
    return type("ColleagueForm", (PageForm,), {"address": address})


def name_field(words: Words) -> StringField:
    """Return the field of what a consultant's list calls a company."""
    _ = words.gettext
    return StringField(
        _("Name of the company"),
        description=_("What your list calls it. The company sees it too."),
        widget=GovTextInput(),
        filters=[_plain],
        validators=[InputRequired(_("Write the name of the company.")), _longest(words, 200), not_blank(words)],
    )


def not_blank(words: Words) -> Callable[[Any, Any], None]:
    """Return the rule that something is written, not only spaces."""
    _ = words.gettext

    def rule(_form: Any, field: Any) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("Write something here."))

    return rule


def reachable(words: Words) -> Callable[[Any, Any], None]:
    """Return the rule that somebody can be reached: an address with an @, or a number of seven digits and more."""
    _ = words.gettext

    def rule(_form: Any, field: Any) -> None:
        written = (field.data or "").strip()
        is_mail = bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", written)) and written.isprintable()
        is_number = bool(re.fullmatch(r"[0-9+() /.-]+", written)) and sum(each.isdigit() for each in written) >= 7
        if not is_mail and not is_number:
            raise ValidationError(
                _("Write an e-mail address, such as name@example.com, or a telephone number, such as 2345 6789.")
            )

    return rule


def scope_field(words: Words, asked: str | None = None) -> RadioField:
    """Return the field of what a consultant may see and do.

    :param asked: what it asks, where not the company fills it in.
    """
    _ = words.gettext
    return RadioField(
        asked or _("What may the consultant do?"),
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

    def in_time(_form: Any, field: Any) -> None:
        if not today() <= (field.data or date.min) <= today() + LONGEST:
            raise ValidationError(wrong)

    return _day(wrong)(
        _("Until which day?"),
        description=_("Year, month, day. Access ends by itself after it, and can be ended on any day before."),
        format="%Y-%m-%d",
        widget=GovTextInput(),
        validators=[InputRequired(wrong), in_time],
    )


def _day(wrong: str) -> type[DateField]:
    """Return a field of a day that says *wrong* of what is none."""

    class Day(DateField):
        def process_formdata(self, valuelist: list[str]) -> None:
            try:
                super().process_formdata(valuelist)
            except ValueError:
                raise ValueError(wrong) from None

    return Day


def _longest(words: Words, number: int) -> Length:
    return Length(max=number, message=words.say("Write at most %(number)s characters.", number=f"{number:,}"))


def _plain(text: str | None) -> str:
    """Return what was written without the letter that PostgreSQL does not take, and without spaces around it."""
    return (text or "").replace("\0", "").replace("\r\n", "\n").strip()
