"""The forms of evidence and of signatures."""

from __future__ import annotations

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import FileField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length

from readiness.core.evidence import Grade
from readiness.core.file_kinds import Refusal
from readiness.documents.words import Words
from readiness.services.evidence import LONGEST_NOTE, LONGEST_REASON
from readiness.services.evidence_views import AnswerEvidence
from readiness.services.sign_off import LONGEST
from readiness.web.forms import PageForm

#: What the select of a level says where the answer stands.
STANDS = ""


def add_form(words: Words) -> type[FlaskForm]:
    """Return the form that adds a note, a link or a file."""
    _ = words.gettext
    note = TextAreaField(
        _("Note"),
        description=_("Such as where the proof lies, or what you saw. Please no names of persons."),
        widget=GovTextArea(),
        validators=[Length(max=LONGEST_NOTE, message=_("At most 1,000 characters."))],
    )
    link = StringField(_("Link"), description=_("It begins with https:// or http://."), widget=GovTextInput())
    file = FileField(
        _("File"),
        description=_("PDF, picture (JPEG, PNG, WebP), Word, Excel, CSV or plain text, at most 5 MB."),
        widget=GovFileInput(),
    )
    return type("AddForm", (PageForm,), {"note": note, "link": link, "file": file})


def judge_form(answer: AnswerEvidence, words: Words) -> type[FlaskForm]:
    """Return the form by which a consultant grades an answer and holds its level back."""
    _ = words.gettext
    stands = words.say("No: level %(level)s stands", level=answer.level)
    levels = [SelectChoice(str(level), f"{level}{words.colon}{text}") for level, text in answer.lower]
    fields = {
        "grade": RadioField(
            _("How is this answer evidenced?"),
            widget=GovRadioInput(),
            choices=[
                SelectChoice(Grade.SAID.value, _("Said: the company says so")),
                SelectChoice(Grade.SHOWN.value, _("Shown: the company showed it to me")),
                SelectChoice(Grade.CHECKED.value, _("Checked: I checked it myself")),
            ],
            validators=[InputRequired(_("Choose how the answer is evidenced."))],
        ),
        "seen": HiddenField(),
        "answer": HiddenField(),
    }
    if levels:
        fields["level"] = SelectField(
            _("Hold the level back?"),
            description=_("The company’s answer stays. Band and plan use the lower level, and the result shows both."),
            widget=GovSelect(),
            choices=[SelectChoice(STANDS, stands), *levels],
        )
        fields["reason"] = TextAreaField(
            _("Reason"),
            description=_("Needed where you hold the level back. The company reads it, and it stands in the plan."),
            widget=GovTextArea(),
            validators=[Length(max=LONGEST_REASON, message=_("At most 500 characters."))],
        )
    return type("JudgeForm", (PageForm,), fields)


def sign_form(words: Words) -> type[FlaskForm]:
    """Return the form that signs a plan."""
    _ = words.gettext
    too_long = _("At most 100 characters.")
    name = StringField(
        _("Your name"),
        widget=GovTextInput(),
        validators=[InputRequired(_("Write your name.")), Length(max=LONGEST, message=too_long)],
    )
    role = StringField(
        _("Post or organisation (you may leave it out)"),
        widget=GovTextInput(),
        validators=[Length(max=LONGEST, message=too_long)],
    )
    return type("SignForm", (PageForm,), {"name": name, "role": role, "seen": HiddenField()})


def refusal_words(why: Refusal, words: Words) -> str:
    """Return why a file is not taken, and what to do."""
    _ = words.gettext
    return {
        Refusal.EMPTY: _("The file is empty. Choose another one."),
        Refusal.UNKNOWN: _("Not a kind of file that we take. Save it as PDF, or take a picture of it."),
        Refusal.DAMAGED: _("The file is damaged, or something else is in it. Save it anew as PDF, and choose that."),
        Refusal.ACTIVE: _(
            "The file holds macros, other files or parts from elsewhere. Save it as PDF, and choose that."
        ),
        Refusal.BOMB: _("The file grows too large when opened. Save what matters of it as PDF, and choose that."),
    }[why]
