"""Where a large sentence may break: after the company's name and at punctuation, not inside 3.4 or a band's name."""

from __future__ import annotations

import re

from flask import Flask
from markupsafe import Markup, escape

#: A number with the words that it belongs to, or the name of a band: kept on one line.
_HELD = re.compile(
    r"\d[\d.]* of \d+|AI [A-Z]\w+|AI [\u4e00-\u9fff]+|(?:[\u4e00-\u9fff]{1,2} )?\d[\d.]*(?: [\u4e00-\u9fff])?"
)


def register(app: Flask) -> None:
    """Give templates the filter ``phrased``."""
    app.jinja_env.filters["phrased"] = phrased


def phrased(sentence: str, name: str | None) -> Markup:
    """Return a sentence as markup that breaks where a reader pauses; no letter of it is changed."""
    before, found, after = sentence.partition(name) if name else ("", "", sentence)
    return Markup("{}{}{}{}").format(_held(before), found, Markup("<wbr>") if found else "", _held(after))


def _held(text: str) -> Markup:
    pieces = []
    read_to = 0
    for held in _HELD.finditer(text):
        pieces += [escape(text[read_to : held.start()]), Markup('<span class="held">{}</span>').format(held[0])]
        read_to = held.end()
    return Markup("").join([*pieces, escape(text[read_to:])])
