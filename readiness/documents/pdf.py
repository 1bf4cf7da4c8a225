"""The action plan as a tagged PDF file that loads nothing from outside."""

from __future__ import annotations

import base64
import gc
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unicodedata import category, east_asian_width

import weasyprint.pdf
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from readiness.core.languages import Language
from readiness.documents.pdf_fonts import compact_fonts
from readiness.documents.pdf_tags import add_tags
from readiness.documents.words import Words, words_in

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
STYLE = Path(__file__).with_name("plan.css")
MARK = Path(__file__).with_name("mark.svg")

# WeasyPrint offers no other place for a structure tree of one's own; the tests read what stands in the file.
weasyprint.pdf.add_tags = add_tags


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
    html = plan_html(view, language)
    fetcher = URLFetcher(allowed_protocols={"data"}, allow_redirects=False)
    fonts, css = _style()
    try:
        content = HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[css],
            font_config=fonts,
            pdf_variant="pdf/ua-1",
            finisher=compact_fonts,
            pdf_identifier=sha256(html.encode()).hexdigest().encode(),
        )
    finally:
        # A worker that prints many plans keeps its memory flat this way.
        gc.collect()
    return bytes(content)


def plan_html(view: Any, language: Language) -> str:
    """Return the document that is printed, as HTML."""
    environment = _environment(language)
    template = environment.get_template("plan/plan.html")
    return template.render(plan=view, words=words_in(language), language=language, mark=MARK.read_text("utf-8"))


@lru_cache(maxsize=len(Language))
def _environment(language: Language) -> Environment:
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


@lru_cache(maxsize=1)
def _style() -> tuple[FontConfiguration, CSS]:
    fonts = FontConfiguration()
    return fonts, CSS(string=STYLE.read_text("utf-8"), font_config=fonts)
