"""What all forms have in common: our words, in the language of the page, and the token of the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from wtforms import Field

from readiness.documents.words import Words
from readiness.web.language import words as words_of_the_page


class _Messages:
    """The library's own messages in the words of this site."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def gettext(self, message: str) -> str:
        """Return our sentence for a message of the library."""
        _ = self._words.gettext
        ours = {
            "Not a valid integer value.": _("Write a whole number, such as 0 or 12."),
            "Not a valid choice.": _("Choose one of the answers that are offered."),
        }
        return ours.get(message, message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the library's message; ours are given where a field is made."""
        return one if number == 1 else many


class PageForm(FlaskForm):  # type: ignore[misc]  # the library carries no types
    """A form that speaks the person's language; the token of the session protects it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Where the library looks for messages, and how a field is drawn."""

        def get_translations(self, _form: FlaskForm) -> _Messages:
            """Return the messages of the language that the page is in."""
            return _Messages(words_of_the_page())

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Markup:
            """Return the field as markup, its hidden "Error:" in the language of the page."""
            drawn = str(super().render_field(field, render_kw))
            said = escape(words_of_the_page().gettext("Error:"))
            return Markup(drawn.replace(">Error:</span>", f">{said}</span>"))  # noqa: S704  (the library escaped it)


def as_sent(form: type[FlaskForm], taker: str, saved: Mapping[str, Any] | None = None) -> FlaskForm:
    """Return a form as it was sent to the route *taker*, when that could not take it; else with what is saved."""
    if request.endpoint == taker:
        return form(data=saved)
    return form(formdata=None, data=saved)
