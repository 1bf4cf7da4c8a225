"""Which language a person reads: what they chose, else what their browser asks for."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

from readiness.core.languages import Language
from readiness.documents.words import Words, words_in

PARAMETER = "lang"
COOKIE = "language"
YEAR = 365 * 24 * 3600
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
        remember(request.args.get(PARAMETER) or request.form.get("language"))
        current()

    @app.after_request
    def keep(response: Response) -> Response:
        # A cookie of its own: the choice outlives the session.
        chosen = g.get("chosen_language")
        if chosen is not None and request.cookies.get(COOKIE) != chosen:
            secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
            response.set_cookie(COOKIE, chosen, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
        return response

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: g.words.gettext(message),
        lambda one, many, number: g.words.ngettext(one, many, number),
        newstyle=True,
    )
    # Jinja's own alias looks the function up in the context at each of the twenty texts of a page.
    app.jinja_env.globals["_"] = _text

    @app.context_processor
    def languages() -> dict[str, object]:
        current()  # an error may come before the language was chosen
        return {"language": g.language, "words": g.words, "languages": NAMES, "language_short": SHORT_NAMES}


def current() -> Language:
    """Return the language of this request."""
    if "language" not in g:
        g.language = _chosen() or _first_that_we_speak()
        g.words = words_in(g.language)
    return Language(g.language)


def words() -> Words:
    """Return the words of this request's language."""
    return words_in(current())


def asked_for(tag: str) -> Language | None:
    """Return our language for a browser's language tag, or None if we do not speak it."""
    parts = tag.lower().replace("_", "-").split("-")
    for length in range(len(parts), 0, -1):
        if (language := _ASKED.get("-".join(parts[:length]))) is not None:
            return language
    return None


def remember(language: str | None) -> None:
    """Speak the language that a button asked for, from this page on."""
    if language in set(Language):
        g.chosen_language = language
        g.language = Language(language)
        g.words = words_in(g.language)


def _text(message: str, /, **given: object) -> Markup:
    """Return a text of the page in the reader's language, with what is given filled in, escaped."""
    text = Markup(g.words.gettext(message))  # noqa: S704  (catalogues are ours)
    return text % given if given or "%" in text else text


def _chosen() -> Language | None:
    chosen = request.cookies.get(COOKIE)
    return Language(chosen) if chosen in set(Language) else None


def _first_that_we_speak() -> Language:
    for tag, _ in request.accept_languages:
        if (language := asked_for(tag)) is not None:
            return language
    return Language.EN
