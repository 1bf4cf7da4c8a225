"""Pieces of a page that are the same for everybody in one language: drawn once in each process."""

from __future__ import annotations

from flask import Flask, current_app, render_template
from markupsafe import Markup

from readiness.web.language import current


def register(app: Flask) -> None:
    """Give templates ``drawn_once(template, **given)``."""
    app.extensions["readiness_drawn"] = {}
    app.jinja_env.globals["drawn_once"] = drawn_once


def drawn_once(template: str, **given: str) -> Markup:
    """Return a template that depends on the language and on a few short words only.

    :param given: must come from templates, never from a person: each combination is kept.
    """
    kept: dict[object, Markup] = current_app.extensions["readiness_drawn"]
    key = (template, current(), *sorted(given.items()))
    if key not in kept:
        kept[key] = Markup(render_template(template, **given))  # noqa: S704  (the template escapes)
    return kept[key]
