"""Where a large sentence may break: after the company's name and at punctuation, not inside 3.4 or a band's name."""

from __future__ import annotations

import re

from flask import Flask
from markupsafe import Markup, escape

from readiness.core.languages import Language
from readiness.web.language import current

_HELD = re.compile(r"(?<=\d) of (?=\d)")
_NO_BREAK = "\u00a0"


def register(app: Flask) -> None:
    """Give templates the filter ``phrased``."""
    app.jinja_env.filters["phrased"] = phrased


def phrased(sentence: str, name: str | None) -> Markup:
    """Return a sentence as markup that breaks where a reader pauses; nothing in it is changed."""
    before, found, after = sentence.partition(name) if name else ("", "", sentence)
    return Markup("{}{}{}{}").format(_held(before), found, Markup("<wbr>") if found else "", _held(after))


def _held(text: str) -> Markup:
    if current() is Language.EN:
        return escape(_HELD.sub(f"{_NO_BREAK}of{_NO_BREAK}", text))
    return escape(text.replace(" ", _NO_BREAK))
