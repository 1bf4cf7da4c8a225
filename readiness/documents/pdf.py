"""The action plan as a tagged PDF file that loads nothing from outside."""

from __future__ import annotations

import base64
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unicodedata import category, east_asian_width

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from readiness.core.languages import Language
from readiness.documents.words import Words, words_in

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
STYLE = Path(__file__).with_name("plan.css")
MARK = Path(__file__).with_name("mark.svg")


def _renderer() -> str:
    """Return what a stored file depends on beside its plan: the engine, this code, the style and the templates."""
    here = Path(__file__).parent
    files = [*sorted(here.glob("*.py")), STYLE, MARK, *sorted((TEMPLATES / "plan").glob("*.html"))]
    content = b"".join(path.read_bytes() for path in files)
    return f"weasyprint {version('weasyprint')} {sha256(content).hexdigest()[:12]}"


#: Names the release that renders; a stored file of another one is not served.
RENDERER = _renderer()


def plan_pdf(view: Any, language: Language) -> bytes:
    """Return the plan as a PDF/UA-1 file. The same view and language give the same bytes.

    :param view: plain values, as ``readiness.services.plan_views`` makes them.
    """
    # Imported when the first plan is printed: it takes as long as everything else that a start needs.
    from readiness.documents.printing import print_html

    return print_html(plan_html(view, language))


def plan_html(view: Any, language: Language) -> str:
    """Return the document that is printed, as HTML."""
    environment = environment_of(language)
    template = environment.get_template("plan/plan.html")
    return template.render(plan=view, words=words_in(language), language=language, mark=MARK.read_text("utf-8"))


@lru_cache(maxsize=len(Language))
def environment_of(language: Language) -> Environment:
    """Return what templates of documents in a language are drawn with."""
    words: Words = words_in(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["data_url"] = _data_url
    environment.filters["printable"] = _printable
    environment.filters["running"] = _running
    return environment


def _printable(text: str) -> str:
    """Return *text* without emoji and other pictures, which the fonts of the document cannot print."""
    kept = "".join(letter for letter in text if category(letter) not in ("So", "Sk", "Cs", "Co", "Cn", "Cf", "Mn"))
    return " ".join(kept.split()) or "–"


def _running(name: str, room: int = 48) -> str:
    """Return a company's name, cut where it leaves no room in the footer; a Chinese character takes two places."""
    taken = 0
    for at, letter in enumerate(name):
        taken += 2 if east_asian_width(letter) in "WF" else 1
        if taken > room:
            return name[: at - 1] + "…"
    return name


def _data_url(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
