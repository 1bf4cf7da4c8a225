"""Which language a person reads: what they chose, else what their browser asks for."""

from __future__ import annotations

from flask import Flask, g, request, session

from readiness.core.languages import Language
from readiness.documents.words import Words, words_in

PARAMETER = "lang"
NAMES = {Language.EN: "English", Language.ZH_HANT: "繁體中文", Language.ZH_HANS: "简体中文"}
SHORT_NAMES = {Language.EN: "EN", Language.ZH_HANT: "繁", Language.ZH_HANS: "简"}

# What browsers send, in the words of BCP 47.
_ASKED = {
    "en": Language.EN,
    "zh-hant": Language.ZH_HANT,
    "zh-hk": Language.ZH_HANT,
    "zh-tw": Language.ZH_HANT,
    "zh-mo": Language.ZH_HANT,
    "yue": Language.ZH_HANT,
    "zh-hans": Language.ZH_HANS,
    "zh-cn": Language.ZH_HANS,
    "zh-sg": Language.ZH_HANS,
    "zh": Language.ZH_HANT,
}


def register(app: Flask) -> None:
    """Choose the language before each request and give templates its words."""

    @app.before_request
    def choose() -> None:
        asked = request.args.get(PARAMETER)
        if asked in set(Language):
            session[PARAMETER] = asked
        g.language = current()
        g.words = words_in(g.language)

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: _words().gettext(message),
        lambda one, many, number: _words().ngettext(one, many, number),
        newstyle=True,
    )

    @app.context_processor
    def languages() -> dict[str, object]:
        return {"language": current(), "words": _words(), "languages": NAMES, "language_short": SHORT_NAMES}


def current() -> Language:
    """Return the language of this request."""
    chosen = session.get(PARAMETER)
    if chosen in set(Language):
        return Language(chosen)
    for tag, _ in request.accept_languages:
        if (language := asked_for(tag)) is not None:
            return language
    return Language.EN


def asked_for(tag: str) -> Language | None:
    """Return our language for a browser's language tag, or None if we do not speak it."""
    parts = tag.lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        if (language := _ASKED.get("-".join(parts[:length]))) is not None:
            return language
    return None


def remember(language: str | None) -> None:
    """Remember the language that a form's button asked for."""
    if language in set(Language):
        session[PARAMETER] = language


def _words() -> Words:
    return words_in(current())
