"""The forms of staff accounts."""

from __future__ import annotations

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovTextInput
from wtforms import EmailField, HiddenField, PasswordField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired, Length

from readiness.documents.words import Words
from readiness.services.accounts import Capability
from readiness.services.passwords import LONGEST, Weakness
from readiness.web.forms import PageForm

#: Longer than any code, and short enough to be read.
LONGEST_CODE = 64


def sign_in_form(words: Words) -> type[FlaskForm]:
    """Return the form that asks for address and password."""
    _ = words.gettext
    return type(
        "SignInForm",
        (PageForm,),
        {
            "email": EmailField(
                _("E-mail address"),
                widget=GovTextInput(),
                validators=[InputRequired(_("Write your e-mail address.")), Length(max=254)],
            ),
            "password": PasswordField(
                _("Password"),
                widget=GovTextInput(),
                validators=[InputRequired(_("Write your password.")), Length(max=LONGEST)],
            ),
            "next": HiddenField(),
        },
    )


def code_form(words: Words) -> type[FlaskForm]:
    """Return the form that asks for a code of the app, or for a recovery code."""
    _ = words.gettext
    return type(
        "CodeForm",
        (PageForm,),
        {
            "code": StringField(
                _("Code"),
                widget=GovTextInput(),
                validators=[InputRequired(_("Write the code.")), Length(max=LONGEST_CODE)],
            ),
            "next": HiddenField(),
        },
    )


def password_form(words: Words) -> type[FlaskForm]:
    """Return the form that sets a password."""
    _ = words.gettext
    return type(
        "PasswordForm",
        (PageForm,),
        {
            "password": PasswordField(
                _("New password"),
                description=_("At least 12 characters. Three or four words that do not belong together are good."),
                widget=GovTextInput(),
                validators=[InputRequired(_("Write a password."))],
            ),
        },
    )


def invite_form(words: Words) -> type[FlaskForm]:
    """Return the form that invites someone."""
    _ = words.gettext
    return type(
        "InviteForm",
        (PageForm,),
        {
            "email": EmailField(
                _("E-mail address"),
                widget=GovTextInput(),
                validators=[InputRequired(_("Write one e-mail address, such as name@example.com."))],
            ),
            "capabilities": SelectMultipleField(
                _("What may this account do?"),
                widget=GovCheckboxesInput(),
                choices=[SelectChoice(each.value, capability_label(each, words)) for each in Capability],
            ),
        },
    )


def capability_label(capability: Capability, words: Words) -> str:
    """Return a capability in words."""
    _ = words.gettext
    return {
        Capability.EDIT_DRAFTS: _("Edit drafts of the rubric"),
        Capability.PUBLISH: _("Publish versions of the rubric"),
        Capability.EDIT_SCHEMES: _("Edit support schemes"),
        Capability.SEE_STATISTICS: _("See statistics"),
        Capability.MANAGE_ACCOUNTS: _("Manage accounts"),
        Capability.GUIDE: _("Guide companies as a consultant"),
    }[capability]


def weakness_text(weakness: Weakness, words: Words) -> str:
    """Return why a password is not taken."""
    _ = words.gettext
    return {
        Weakness.SHORT: _("Write at least 12 characters."),
        Weakness.LONG: _("Write at most 256 characters."),
        Weakness.COMMON: _(
            "Too many people use this password, or it can be guessed from your address. Choose another."
        ),
    }[weakness]
