"""Forms built from the rubric and from the company's profile."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import render_template
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovRadioInput, GovSelect, GovTextArea, GovTextInput
from markupsafe import Markup
from wtforms import (
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from readiness.core.answers import LONGEST_NOTE, Mark
from readiness.core.profile import EMPLOYEES, LONGEST_NAME, MARKETS, MOST_YEARS, SECTORS
from readiness.core.profile import clean_name as clean_name
from readiness.core.rubric import Question
from readiness.documents.words import Words
from readiness.library.rubrics import RubricVersion
from readiness.models import Access
from readiness.web.forms import PageForm
from readiness.web.owner.labels import key_hint, key_label, market_label, sector_label

YES, NO, UNKNOWN = "yes", "no", "unknown"


def question_form(
    version: RubricVersion, question: Question, words: Words, *, numbered: bool = False
) -> type[FlaskForm]:
    """Return the form of one levelled question.

    Its fields are called ``answer`` and ``note``; ``version`` carries how often they had been changed when shown.

    :param numbered: with the numbers of the levels, by which a room of several languages can talk of them.
    """
    texts = version.texts[words.language]
    key = f"questions.{question.id}"
    choices = [
        SelectChoice(str(level), f"{level} · {text}" if numbered else text)
        for level in version.rubric.scoring.levels
        for text in [texts[f"{key}.levels.{level}.text"]]
    ]
    choices.append(SelectChoice(Mark.NOT_SURE.value, words.gettext("Not sure")))
    if question.not_applicable:
        choices.append(SelectChoice(Mark.NOT_APPLICABLE.value, words.gettext("Does not apply to us")))
    field = RadioField(
        texts[f"{key}.text"],
        widget=GovRadioInput(),
        choices=choices,
        validators=[InputRequired(words.gettext("Choose one of the answers, or “Not sure”."))],
        validate_choice=True,
    )
    note = TextAreaField(
        words.gettext("Your note on this question"),
        widget=GovTextArea(),
        validators=[Length(max=LONGEST_NOTE, message=words.gettext("Write at most 1,000 characters in the note."))],
    )
    return type("QuestionForm", (PageForm,), {"answer": field, "note": note, "version": HiddenField(default="0")})


def choices_drawn(
    version: RubricVersion, question: Question, words: Words, chosen: str, *, numbered: bool = False
) -> Markup:
    """Return the answers to choose from and why they are asked as markup, with the chosen one marked.

    It is the same for everybody, so it is drawn once in each process.
    """
    known = {str(level) for level in version.rubric.scoring.levels} | set(Mark)
    return _choices_drawn(version, question.id, words, chosen if chosen in known else "", numbered)


@lru_cache(maxsize=2000)
def _choices_drawn(version: RubricVersion, question_id: str, words: Words, chosen: str, numbered: bool) -> Markup:
    question = version.rubric.questions_by_id[question_id]
    form = question_form(version, question, words, numbered=numbered)(formdata=None, data={"answer": chosen or None})
    return choices_of(form, version, question, words)


def choices_of(form: FlaskForm, version: RubricVersion, question: Question, words: Words) -> Markup:
    """Return the answers of a form and why they are asked as markup, with what is wrong with the choice."""
    texts = version.texts[words.language]
    legend = {
        "text": texts[f"questions.{question.id}.text"],
        "isPageHeading": True,
        "classes": "govuk-fieldset__legend--l",
    }
    params = {"classes": "choices", "fieldset": {"legend": legend}, "hint": {"text": texts["guide.1"]}}
    drawn = render_template(
        "owner/choices.html",
        choices=form["answer"](params=params),
        version=version,
        question=question,
        question_form=version.question_form(question.id),
        texts=texts,
    )
    return Markup(drawn)  # noqa: S704  (the template escaped it)


def seen_version(form: FlaskForm) -> int | None:
    """Return the version of the company that a form was made from, or None if it does not say."""
    seen = form["version"].data or ""
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None


def answer_from(value: str) -> int | str:
    """Return a posted choice as the value of an answer."""
    return int(value) if value.isascii() and value.isdigit() else value


def company_form(words: Words) -> type[FlaskForm]:
    """Return the one page about the company: name, sector, staff in Hong Kong; all may be left out."""
    _ = words.gettext
    return type(
        "CompanyForm",
        (PageForm,),
        {
            "name": StringField(
                _("Name of the company (you may leave it out)"),
                description=_("It stands on the result and in the plan, and serves for nothing else."),
                widget=GovTextInput(),
                validators=[
                    Optional(),
                    Length(max=LONGEST_NAME, message=_("Write at most 120 characters.")),
                ],
            ),
            "sector": SelectField(
                _("What does the company mainly do?"),
                description=_("Some support schemes are for certain trades only."),
                widget=GovSelect(),
                choices=[SelectChoice("", _("Choose, or leave it open")), *_sectors(words)],
                validators=[Optional()],
            ),
            "employees": RadioField(
                _("How many people work for it in Hong Kong, you included?"),
                description=_("Some support schemes have a limit on staff."),
                widget=GovRadioInput(),
                choices=[SelectChoice(id, id.replace("-", "–")) for id in EMPLOYEES],
                validators=[Optional()],
            ),
            "version": HiddenField(),
        },
    )


def link_form(words: Words) -> type[FlaskForm]:
    """Return the form that makes a further link."""
    _ = words.gettext
    return type(
        "LinkForm",
        (PageForm,),
        {
            "access": RadioField(
                _("What may it do?"),
                widget=GovRadioInput(),
                choices=[
                    SelectChoice(Access.READ.value, _("Show the present result only: for a partner or a bank")),
                    SelectChoice(Access.EDIT.value, _("See and change everything: for someone who answers with you")),
                ],
                default=Access.READ.value,
                validators=[InputRequired(_("Choose what the link may do."))],
            ),
            "label": StringField(
                _("For whom? (you may leave it out)"),
                description=_("Stands in the list below, so that you know which one to withdraw."),
                widget=GovTextInput(),
                validators=[Optional(), Length(max=60, message=_("Write at most 60 characters."))],
            ),
        },
    )


def mail_form(words: Words) -> type[FlaskForm]:
    """Return the form that mails a link to oneself."""
    _ = words.gettext
    wrong = _("Write one e-mail address, such as name@example.com.")
    return type(
        "MailForm",
        (PageForm,),
        {
            "address": EmailField(
                _("Your e-mail address"),
                description=_("Used for this one mail and not kept."),
                widget=GovTextInput(),
                validators=[InputRequired(wrong), Length(max=254, message=wrong), Email(wrong)],
            ),
        },
    )


def news_form(words: Words) -> type[FlaskForm]:
    """Return the form that asks for mails when a scheme of the plan changes."""
    _ = words.gettext
    wrong = _("Write one e-mail address, such as name@example.com.")
    return type(
        "NewsForm",
        (PageForm,),
        {
            "news_address": EmailField(
                _("Your e-mail address"),
                description=_("Kept for these mails alone, until you stop them or delete everything."),
                widget=GovTextInput(),
                validators=[InputRequired(wrong), Length(max=254, message=wrong), Email(wrong)],
            ),
        },
    )


def facts_form(keys: tuple[str, ...], words: Words) -> type[FlaskForm]:
    """Return the form of the facts that would decide further schemes."""
    fields = {key: _fact_field(key, words) for key in keys}
    return type("FactsForm", (PageForm,), {**fields, "version": HiddenField()})


def facts_shown(company: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a company as the facts form shows it."""
    return {key: (YES if value else NO) if isinstance(value, bool) else value for key, value in company.items()}


def facts_from(form: FlaskForm, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return what the facts form says; what was left open or is not known is None."""
    found: dict[str, Any] = {}
    for key in keys:
        value = form[key].data
        if value in (None, "", [], UNKNOWN, "None"):
            found[key] = None
        elif value in (YES, NO):
            found[key] = value == YES
        else:
            found[key] = value
    return found


def _sectors(words: Words) -> list[SelectChoice]:
    return [SelectChoice(id, sector_label(id, words)) for id in SECTORS]


def _fact_field(key: str, words: Words) -> Field:
    _ = words.gettext
    common: dict[str, Any] = {"description": key_hint(key, words), "validators": [Optional()]}
    if key == "markets":
        choices = [SelectChoice(id, market_label(id, words)) for id in MARKETS]
        return SelectMultipleField(key_label(key, words), widget=GovCheckboxesInput(), choices=choices, **common)
    if key == "sector":
        choices = [SelectChoice("", _("Choose, or leave it open")), *_sectors(words)]
        return SelectField(key_label(key, words), widget=GovSelect(), choices=choices, **common)
    if key == "employees":
        choices = [SelectChoice(id, id.replace("-", "–")) for id in EMPLOYEES]
        return RadioField(key_label(key, words), widget=GovRadioInput(), choices=choices, **common)
    if key == "years":
        common["validators"].append(NumberRange(0, MOST_YEARS, _("Write the number of whole years, such as 0 or 12.")))
        return IntegerField(key_label(key, words), widget=GovTextInput(), **common)
    choices = [SelectChoice(YES, _("Yes")), SelectChoice(NO, _("No")), SelectChoice(UNKNOWN, _("We do not know"))]
    return RadioField(key_label(key, words), widget=GovRadioInput(), choices=choices, **common)
