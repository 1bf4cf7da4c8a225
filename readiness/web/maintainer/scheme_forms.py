"""The forms in which a scheme's record is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    DateField,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length, Optional

from readiness.core.schemes import Offer, Status
from readiness.documents.words import Words
from readiness.library.scheme_edits import LANGUAGES, SourceOf, Start
from readiness.services.scheme_sheets import Sheet
from readiness.services.schemes_desk import LONGEST_REASON
from readiness.web.forms import PageForm

NEW = "new"
#: What fields of a text in three languages are called.
SUFFIX = {"en": "en", "zh-Hant": "hant", "zh-Hans": "hans"}
_NAMES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}
_LONGEST = 4000


def fact_form(sheet: Sheet, fact: str, words: Words) -> type[FlaskForm]:
    """Return the form that gives a fact a new value."""
    _ = words.gettext
    unit = sheet.form.facts[fact].unit
    fields: dict[str, Any] = {}
    if unit == "text":
        fields |= _three("value", _("New value"), words)
    else:
        hint = _("A share, such as 1/2 or 50%.") if unit == "share" else _("A whole number, such as 250,000.")
        fields["value"] = StringField(
            _("New value"), description=hint, widget=GovTextInput(), validators=[_Value(unit, words)]
        )
    fields["start"] = RadioField(
        _("From when?"),
        widget=GovRadioInput(),
        choices=[
            SelectChoice("since", _("It holds from a day that is known, past or to come")),
            SelectChoice("known_in_force_by", _("It held on this day; when it changed is not known")),
            SelectChoice("announced", _("It was announced on this day; it is not in force yet")),
        ],
        default="since",
        validators=[InputRequired(_("Choose one of the answers that are offered."))],
    )
    fields["day"] = _day(_("The day"), words)
    return _form("FactForm", {**fields, **_source_fields(sheet, words), **_last_fields(words, checked=True)})


def status_form(sheet: Sheet, words: Words, statuses: Mapping[str, str]) -> type[FlaskForm]:
    """Return the form that says from when a scheme is open, closed and so on."""
    _ = words.gettext
    fields = {
        "code": RadioField(
            _("New status"),
            widget=GovRadioInput(),
            choices=[SelectChoice(each.value, statuses[each.value]) for each in Status],
            validators=[InputRequired(_("Choose one of the answers that are offered."))],
        ),
        "start": RadioField(
            _("From when?"),
            widget=GovRadioInput(),
            choices=[
                SelectChoice("since", _("From a day that is known, past or to come")),
                SelectChoice("known_in_force_by", _("It was so on this day; since when is not known")),
            ],
            default="since",
            validators=[InputRequired(_("Choose one of the answers that are offered."))],
        ),
        "day": _day(_("The day"), words),
    }
    return _form("StatusForm", {**fields, **_source_fields(sheet, words), **_last_fields(words, checked=True)})


def texts_form(sheet: Sheet, words: Words) -> type[FlaskForm]:
    """Return the form of all texts of a scheme, each in three languages."""
    fields: dict[str, Any] = {}
    for place in sheet.texts:
        fields |= _three(field_of(place), "", words, required=place != "names")
    return _form("TextsForm", {**fields, **_last_fields(words, checked=False)})


def offer_form(sheet: Sheet, words: Words) -> type[FlaskForm]:
    """Return the form of what a scheme is recommended for and by which facts it pays."""
    _ = words.gettext
    shares = [id for id, fact in sheet.form.facts.items() if fact.unit == "share"]
    caps = [id for id, fact in sheet.form.facts.items() if fact.unit == "HKD"]

    def labelled(ids: list[str], none: str) -> list[SelectChoice]:
        named = [SelectChoice(id, sheet.form.facts[id].label.in_(words.language)) for id in ids]
        return [SelectChoice("", none), *named]

    fields = {
        "offer": RadioField(
            _("How is it shown?"),
            widget=GovRadioInput(),
            choices=[
                SelectChoice(Offer.RECOMMEND.value, _("Recommended where it fits")),
                SelectChoice(Offer.MENTION.value, _("Mentioned, never recommended")),
                SelectChoice(Offer.RECORD.value, _("Kept on record, not shown")),
            ],
            validators=[InputRequired(_("Choose one of the answers that are offered."))],
        ),
        "share": SelectField(
            _("The share of the cost that it pays"),
            widget=GovSelect(),
            choices=labelled(shares, _("Nothing that can be computed")),
            validators=[Optional()],
        ),
        "cap": SelectField(
            _("The most that it pays"),
            widget=GovSelect(),
            choices=labelled(caps, _("No limit is known")),
            validators=[Optional()],
        ),
        "per": SelectField(
            _("That limit is for"),
            widget=GovSelect(),
            choices=[
                SelectChoice("", _("not known")),
                SelectChoice("financial_year", _("each financial year")),
                SelectChoice("project", _("each project")),
                SelectChoice("enterprise", _("each company, for good")),
            ],
            validators=[Optional()],
        ),
        "pays_for": SelectMultipleField(
            _("It pays for"),
            widget=GovCheckboxesInput(),
            choices=[
                SelectChoice("training", _("training")),
                SelectChoice("software", _("software")),
                SelectChoice("equipment", _("equipment")),
                SelectChoice("consultancy", _("advice from outside")),
                SelectChoice("compute", _("computing power")),
                SelectChoice("staff", _("wages")),
            ],
            validators=[Optional()],
        ),
    }
    return _form("OfferForm", {**fields, **_last_fields(words, checked=False)})


def support_form(bands: Mapping[str, str], kinds: Mapping[str, str], words: Words) -> type[FlaskForm]:
    """Return the form of which schemes belong to which band: a line of ids for each kind of support.

    :param bands: the names of the bands by id.
    :param kinds: the names of the kinds of support by id.
    """
    long = Length(max=2000, message=words.gettext("Write at most 2,000 characters."))
    fields = {
        support_field(band, kind): TextAreaField(name, widget=GovTextArea(), validators=[Optional(), long])
        for band in bands
        for kind, name in kinds.items()
    }
    return _form("SupportForm", {**fields, **_last_fields(words, checked=False)})


def support_field(band: str, kind: str) -> str:
    """Return the name of the field of a band and a kind of support."""
    return f"{band}__{kind}"


def value_from(form: FlaskForm, unit: str) -> Any:
    """Return the value that a form of a fact holds, as the record keeps it."""
    if unit == "text":
        return three_from(form, "value")
    return read_value(form["value"].data or "", unit)


def read_value(text: str, unit: str) -> str | int:
    """Return what a person wrote as a share, such as "1/2", or as a whole number.

    :raises ValueError: if it is neither.
    """
    text = re.sub(r"\s+", "", text).removeprefix("HK$")
    if unit == "share":
        percent = text.endswith("%")
        share = Fraction(text.removesuffix("%")) / (100 if percent else 1)
        if not 0 < share <= 1:
            raise ValueError(text)
        return str(share)
    if not re.fullmatch(r"\d{1,3}(,\d{3})+|\d{1,15}", text, re.ASCII):
        raise ValueError(text)
    return int(text.replace(",", ""))


def start_from(form: FlaskForm) -> Start:
    """Return from when a value holds."""
    return Start(**{form["start"].data: form["day"].data})


def source_from(form: FlaskForm) -> SourceOf:
    """Return where it was read: one that the record has, or a new one."""
    if form["source"].data != NEW:
        return SourceOf(id=form["source"].data)
    dated = (form["dated"].data or "").strip() or None
    return SourceOf(
        title=" ".join((form["title"].data or "").split()),
        lang=form["lang"].data,
        href=(form["href"].data or "").strip() or None,
        no_href=None if (form["href"].data or "").strip() else "no address was given",
        dated=dated,
        undated=None if dated else "the source bears no date",
        evidence=form["evidence"].data,
    )


def three_from(form: FlaskForm, name: str) -> dict[str, str]:
    """Return a text in three languages."""
    return {
        language: (form[f"{name}_{SUFFIX[language]}"].data or "").replace("\r\n", "\n").strip()
        for language in LANGUAGES
    }


def field_of(place: str) -> str:
    """Return the name of the fields of a text by its place in the record."""
    return "t_" + re.sub(r"[^a-z0-9_]", "__", place.lower())


class _Value:
    """Refuses what is no value of a unit."""

    def __init__(self, unit: str, words: Words) -> None:
        self.unit = unit
        self.words = words

    def __call__(self, _form: Form, field: Any) -> None:
        try:
            read_value(field.data or "", self.unit)
        except (ValueError, ZeroDivisionError):
            _ = self.words.gettext
            wrong = (
                _("Write a share above 0 and up to 1, such as 1/2 or 50%.")
                if self.unit == "share"
                else _("Write a whole number, such as 250,000.")
            )
            raise ValidationError(wrong) from None


class _NewSource:
    """Refuses a new source without its title, or with a date that cannot be read."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def __call__(self, form: Any, field: Any) -> None:
        if form["source"].data == NEW and not (field.data or "").strip():
            raise ValidationError(self.words.gettext("Write the title of the source, in its own language."))


def _form(name: str, fields: dict[str, Any]) -> type[FlaskForm]:
    return type(name, (PageForm,), fields)


def _day(label: str, words: Words) -> DateField:
    wrong = words.gettext("Write a day, such as 2026-12-01.")

    class _Day(DateField):
        def process_formdata(self, valuelist: list[str]) -> None:
            try:
                super().process_formdata(valuelist)
            except ValueError:
                raise ValueError(wrong) from None

    return _Day(
        label,
        description=words.gettext("Year, month, day, such as 2026-12-01."),
        format="%Y-%m-%d",
        widget=GovTextInput(),
        validators=[InputRequired(wrong)],
    )


def _three(name: str, label: str, words: Words, *, required: bool = True) -> dict[str, Any]:
    missing = words.gettext("Write it in all three languages.")
    long = words.gettext("Write at most 4,000 characters.")
    checks = [*([InputRequired(missing)] if required else []), Length(max=_LONGEST, message=long)]
    return {
        f"{name}_{SUFFIX[language]}": TextAreaField(
            f"{label} – {_NAMES[language]}" if label else _NAMES[language], widget=GovTextArea(), validators=checks
        )
        for language in LANGUAGES
    }


def _source_fields(sheet: Sheet, words: Words) -> dict[str, Any]:
    _ = words.gettext
    known = [SelectChoice(row.id, f"{row.view.title} ({row.view.dated})"[:120]) for row in sheet.sources]
    partial = _("Write the date as 2026-12-01, or 2026-12, or 2026; leave it out if there is none.")
    return {
        "source": SelectField(
            _("Where was it read?"),
            widget=GovSelect(),
            choices=[SelectChoice(NEW, _("A new source, named below")), *known],
            default=NEW,
            validators=[InputRequired()],
        ),
        "title": StringField(
            _("Title of the new source"),
            widget=GovTextInput(),
            validators=[_NewSource(words), Length(max=300, message=_("Write at most 300 characters."))],
        ),
        "href": StringField(
            _("Its address on the web"),
            widget=GovTextInput(),
            validators=[Optional(), Length(max=2000, message=_("Write at most 2,000 characters."))],
        ),
        "lang": SelectField(
            _("Its language"),
            widget=GovSelect(),
            choices=[SelectChoice(language, _NAMES[language]) for language in ("zh-Hant", "en", "zh-Hans")],
            default="zh-Hant",
        ),
        "dated": StringField(
            _("Its date"),
            description=partial,
            widget=GovTextInput(),
            validators=[Optional(), _PartialDay(partial)],
        ),
        "evidence": RadioField(
            _("What kind of source is it?"),
            widget=GovRadioInput(),
            choices=[
                SelectChoice("primary", _("The official page or release itself")),
                SelectChoice("secondary", _("Press, a training provider, a copy that quotes it")),
            ],
            default="primary",
        ),
    }


class _PartialDay:
    """Refuses a date in another form than the record keeps."""

    def __init__(self, message: str) -> None:
        self.message = message

    def __call__(self, _form: Form, field: Any) -> None:
        if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", field.data.strip(), re.ASCII):
            raise ValidationError(self.message)


def _last_fields(words: Words, *, checked: bool) -> dict[str, Any]:
    _ = words.gettext
    box = {
        "checked": BooleanField(
            _("I have compared the whole record with the live page today"), widget=GovCheckboxInput(), default=False
        )
    }
    return {
        **(box if checked else {}),
        "reason": StringField(
            _("Why? (you may leave it out)"),
            description=_("Stands in the history, for colleagues."),
            widget=GovTextInput(),
            validators=[Optional(), Length(max=LONGEST_REASON, message=_("Write at most 500 characters."))],
        ),
        "seen": HiddenField(),
    }
